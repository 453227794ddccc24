# Makes partners' connectors with enforced TLS from a CSV file, one line a partner, and tells what became of each.
param(
    [Parameter(Mandatory = $true)] [ValidateScript({ Test-Path $_ })] [string] $Path,
    [switch] $WhatIf
)

$partners = Import-Csv -Path $Path -Delimiter ';'
$results = foreach ($partner in $partners) {
    $name = "Partner - $($partner.Name.Trim())"
    $domains = $partner.Domains -split '\s*,\s*' | Where-Object { $_ }
    $splat = @{ RecipientDomains = $domains; TlsSettings = $partner.Tls; WhatIf = $WhatIf }
    if ($partner.Tls -eq 'DomainValidation') { $splat.TlsDomain = $partner.Certificate }
    if ($partner.Hosts) { $splat['UseMXRecord'] = $false; $splat['SmartHosts'] = @($partner.Hosts.Split(',')) }

    $status = 'OK'; $message = $null
    try {
        $old = Get-OutboundConnector | Where-Object Name -EQ $name
        if ($old) {
            Set-OutboundConnector $old.Guid @splat -ErrorAction Stop -WarningAction SilentlyContinue
            $action = 'Set'
        } else {
            New-OutboundConnector -Name $name -ConnectorType Partner @splat -ErrorAction Stop | Out-Null
            $action = 'New'
        }
    } catch {
        $status = 'Failed'
        $message = $_.Exception.Message
        Write-Host "  $name : $message" -ForegroundColor Red
    }
    [PSCustomObject]@{ Name = $name; Action = $action; Status = $status; Message = $message }
}

$results | Format-Table -AutoSize Name, Action, Status
$failed = @($results | Where-Object { $_.Status -ne 'OK' }).Count
if ($failed -gt 0) { Write-Warning "$failed of $($results.Count) partners could not be set up." }
