# A report of all connectors as CSV for the spreadsheet, with calculated columns, and a summary at the end.
param([string]$Out = "./connectors-$(Get-Date -Format yyyyMMdd).csv")

$now = [datetime]::UtcNow
$rows = Get-OutboundConnector -IncludeTestModeConnectors $true -ResultSize Unlimited |
    Sort-Object -Property @{ Expression = 'Enabled'; Descending = $true }, Name |
    Select-Object Name,
        Enabled,
        @{ n = 'Route'; e = { if ($_.UseMXRecord) { 'MX' } else { $_.SmartHosts -join '; ' } } },
        @{ n = 'Domains'; e = { $_.RecipientDomains.Count } },
        @{ Label = 'Protection'; Expression = { if ($_.TlsSettings) { "$($_.TlsSettings)" } else { 'Opportunistic' } } },
        @{ n = 'AgeDays'; e = { [int][math]::Floor(($now - $_.WhenCreatedUTC).TotalDays) } }

$rows | Export-Csv -Path $Out -NoTypeInformation -Encoding UTF8

$total = ($rows | Measure-Object).Count
$domains = $rows | Measure-Object -Property Domains -Sum -Maximum
Write-Host ("{0} connectors, {1} domains, at most {2} in one; written to {3}" -f $total, $domains.Sum, $domains.Maximum, (Split-Path $Out -Leaf))
$rows | Group-Object -Property Protection -NoElement | Sort-Object Count -Descending | Format-Table Count, Name -HideTableHeaders
