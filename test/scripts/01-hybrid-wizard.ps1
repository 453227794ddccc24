<#
.SYNOPSIS
    Sets up mail flow between the organization and its on-premises servers, in both directions.
.DESCRIPTION
    Creates (or updates) the pair of connectors that a hybrid deployment needs: outbound to the on-premises edge over TLS with
    its certificate, inbound from there. Safe to run again.
.EXAMPLE
    .\01-hybrid-wizard.ps1 -OnPremisesHosts edge1.contoso.test,edge2.contoso.test -CertificateName mail.contoso.test
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [Parameter(Mandatory = $true, HelpMessage = "Edge servers")]
    [string[]]$OnPremisesHosts,

    [Parameter(Mandatory = $true)]
    [ValidateNotNullOrEmpty()]
    [string]$CertificateName,

    [string[]]$Domains = @("contoso.test"),
    [switch]$CentralizedTransport
)

$ErrorActionPreference = 'Stop'
Import-Module ExchangeOnlineManagement
Connect-ExchangeOnline -ShowBanner:$false

function Write-Step {
    param([string]$Text)
    Write-Host ("[{0}] {1}" -f (Get-Date -Format 'HH:mm'), $Text) -ForegroundColor Cyan
}

$Id = 'f3b1c7de'
$OutboundName = "Outbound to $Id"
$InboundName  = "Inbound from $Id"

foreach ($Domain in $Domains) {
    if (-not (Get-AcceptedDomain | Where-Object { $_.DomainName -eq $Domain })) {
        Write-Step "Adding accepted domain $Domain"
        New-AcceptedDomain -Name $Domain -DomainName $Domain -DomainType InternalRelay | Out-Null
    }
}

# Everything that both New- and Set- take goes into one table
$OutboundSettings = @{
    RecipientDomains              = $Domains
    SmartHosts                    = $OnPremisesHosts
    UseMXRecord                   = $false
    TlsSettings                   = 'DomainValidation'
    TlsDomain                     = $CertificateName
    ConnectorType                 = 'OnPremises'
    CloudServicesMailEnabled      = $true
    RouteAllMessagesViaOnPremises = [bool]$CentralizedTransport
    Comment                       = "Made by the hybrid set-up for $($Domains -join ', ')"
}

$Existing = Get-OutboundConnector | Where-Object { $_.Name -eq $OutboundName }
if ($null -eq $Existing) {
    Write-Step "Creating $OutboundName"
    New-OutboundConnector -Name $OutboundName @OutboundSettings | Out-Null
}
else {
    Write-Step "Updating $OutboundName"
    Set-OutboundConnector -Identity $Existing.Identity @OutboundSettings -WarningAction SilentlyContinue
}

$InboundSettings = @{
    ConnectorType            = 'OnPremises'
    SenderDomains            = 'smtp:*;1'
    RequireTls               = $true
    TlsSenderCertificateName = $CertificateName
    CloudServicesMailEnabled = $true
}

try {
    Get-InboundConnector -Identity $InboundName -ErrorAction Stop | Out-Null
    Set-InboundConnector -Identity $InboundName @InboundSettings -WarningAction SilentlyContinue
    Write-Step "Updated $InboundName"
}
catch {
    New-InboundConnector -Name $InboundName @InboundSettings | Out-Null
    Write-Step "Created $InboundName"
}

Write-Host "Hybrid mail flow is set up." -ForegroundColor Green
Get-OutboundConnector -Identity $OutboundName | Select-Object Name, Enabled, @{Name = 'Hosts'; Expression = { $_.SmartHosts -join ';' } }, TlsDomain | Format-List
Disconnect-ExchangeOnline -Confirm:$false
