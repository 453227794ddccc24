# Finds connectors over which mail may travel unprotected, tells how bad it is, and (with -Fix) mends what it can.
[CmdletBinding()]
param(
    [switch] $Fix,
    [ValidateSet('EncryptionOnly', 'CertificateValidation')]
    [string] $Level = 'EncryptionOnly'
)

$findings = [System.Collections.ArrayList]@()
:connectors foreach ($c in Get-OutboundConnector) {
    if (-not $c.Enabled) { continue connectors }
    $severity = switch ($c) {
        { $_.TlsSettings -eq 'DomainValidation' -and $_.TlsDomain } { 'None'; break }
        { $_.TlsSettings -in @('CertificateValidation', 'DomainValidation') } { 'Low'; break }
        { $_.TlsSettings -eq 'EncryptionOnly' } { 'Medium'; break }
        default { 'High' }
    }
    if ($severity -eq 'None') { continue }
    [void]$findings.Add([pscustomobject]@{
        Connector = $c.Name
        Severity  = $severity
        Domains   = ($c.RecipientDomains | Select-Object -First 2) -join ', '
    })
}

$order = @{ High = 0; Medium = 1; Low = 2 }
$findings | Sort-Object { $order[$_.Severity] }, Connector | Format-Table

if ($Fix) {
    $high = $findings | Where-Object Severity -eq 'High'
    foreach ($finding in $high) {
        Set-OutboundConnector -Identity $finding.Connector -TlsSettings $Level -ErrorVariable +problems -ErrorAction SilentlyContinue
        if ($?) { Write-Host "$($finding.Connector): now $Level" -ForegroundColor Green }
    }
    if ($problems) { Write-Warning "$($problems.Count) could not be changed: $($problems[0].Exception.Message)" }
}
exit @($findings | Where-Object { $_.Severity -eq 'High' }).Count
