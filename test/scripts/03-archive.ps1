# Copies and routes to a journal archive: a connector to the archive's hosts, a rule that blind-copies, and a check.
[CmdletBinding()]
Param(
    [Parameter(Mandatory)][string]$ArchiveAddress,
    [int]$MaxSizeMB = 150
)
begin {
    $script:Log = @()
    function Add-Log([string]$Message, [ValidateSet('Info', 'Warn')][string]$Level = 'Info') {
        $script:Log += [pscustomobject]@{ Level = $Level; Message = $Message }
        switch ($Level) {
            'Warn'  { Write-Warning $Message }
            default { Write-Verbose $Message }
        }
    }
}
process {
    $domain = $ArchiveAddress.Split('@')[1].ToLower()
    if ([string]::IsNullOrEmpty($domain)) { throw [System.ArgumentException]::new("'$ArchiveAddress' is no address.") }

    $hosts = 1..3 | ForEach-Object { 'archive{0:d2}.{1}' -f $_, $domain }
    $parameters = @{
        Name             = "Archive ($domain)"
        RecipientDomains = $domain
        SmartHosts       = $hosts
        UseMXRecord      = $false
        TlsSettings      = 'CertificateValidation'
        ConnectorType    = 'Partner'
    }
    $connector = Get-OutboundConnector -Identity $parameters.Name -ErrorAction SilentlyContinue
    if (!$connector) {
        $connector = New-OutboundConnector @parameters
        Add-Log "Made $($connector.Name)"
    } else {
        Add-Log "$($connector.Name) is there" -Level Warn
    }

    $ruleName = 'Copy to archive'
    $rule = @(Get-TransportRule | ? Name -eq $ruleName)
    if ($rule.Count -eq 0) {
        New-TransportRule -Name $ruleName -BlindCopyTo $ArchiveAddress -ExceptIfMessageSizeOver "$($MaxSizeMB)MB" -ExceptIfRecipientDomainIs $domain -Priority 0 | Out-Null
        Add-Log 'Made the rule'
    } else { Add-Log 'The rule is there' -Level Warn }

    $limit = $MaxSizeMB * 1MB
    Write-Output "limit: $limit"
}
end {
    $Log | Group-Object Level | Sort-Object Name | ForEach-Object { "{0}: {1}" -f $_.Name, $_.Count }
}
