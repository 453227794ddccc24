# Sends internal and outbound mail through an e-mail signature service and takes it back, by a rule with a header
# that keeps it from going round. In the way that signature vendors publish.
#Requires -Version 5.1
param (
    [String] $Tenant = 'contoso',
    [String] $Region = 'eu',
    [Switch] $Uninstall
)

Connect-ExchangeOnline

$smartHost = "$Tenant.$Region.signature.test"
$sendConnectorName = 'Send to signature service'
$receiveConnectorName = 'Receive from signature service'
$ruleName = 'Identify messages to send to the signature service'
$groupName = 'Signature users'

function Remove-Everything
{
    Write-Host 'Removing...' -ForegroundColor Yellow
    if (Get-TransportRule -Identity $ruleName -ErrorAction SilentlyContinue) {
        Disable-TransportRule -Identity $ruleName -Confirm:$false
        Remove-TransportRule -Identity $ruleName -Confirm:$false
    }
    foreach ($name in $sendConnectorName) {
        if (Get-OutboundConnector -Identity $name -ErrorAction SilentlyContinue) { Remove-OutboundConnector -Identity $name -Confirm:$false }
    }
    if (Get-InboundConnector -Identity $receiveConnectorName -ErrorAction SilentlyContinue) {
        Remove-InboundConnector -Identity $receiveConnectorName -Confirm:$false
    }
    if (Get-DistributionGroup -Identity $groupName -ErrorAction SilentlyContinue) {
        Remove-DistributionGroup -Identity $groupName -Confirm:$false
    }
}

if ($Uninstall)
{
    Remove-Everything
    Write-Host 'Removed.' -ForegroundColor Green
    return
}

$answer = Read-Host -Prompt "Route mail through ${smartHost}? (y/n)"
if ($answer -notmatch '^(y|yes)$') {
    Write-Warning "Nothing was changed."
    exit 1
}

Remove-Everything

$group = New-DistributionGroup -Name $groupName -PrimarySmtpAddress "signatures@$Tenant.test" -Members "anna@$Tenant.test", "ben@$Tenant.test"

$send = New-OutboundConnector `
    -Name $sendConnectorName `
    -ConnectorType Partner `
    -IsTransportRuleScoped $true `
    -UseMxRecord $false `
    -SmartHosts $smartHost `
    -TlsSettings DomainValidation `
    -TlsDomain "*.$Region.signature.test" `
    -CloudServicesMailEnabled $true `
    -Comment 'Do not edit by hand'

$null = New-InboundConnector -Name $receiveConnectorName -ConnectorType OnPremises -SenderDomains * `
    -RequireTls $true -TlsSenderCertificateName "*.$Region.signature.test" -RestrictDomainsToCertificate $false -CloudServicesMailEnabled $true

$rule = New-TransportRule -Name $ruleName `
    -FromMemberOf $group.PrimarySmtpAddress `
    -FromScope InOrganization `
    -ExceptIfHeaderMatchesMessageHeader 'X-Signature-Processed' `
    -ExceptIfHeaderMatchesPatterns 'true' `
    -ExceptIfMessageTypeMatches Calendaring `
    -ExceptIfMessageSizeOver 23592960 `
    -RouteMessageOutboundConnector $send.Identity `
    -SetAuditSeverity DoNotAudit `
    -RuleErrorAction Ignore `
    -SenderAddressLocation Header `
    -Enabled: $true `
    -StopRuleProcessing $false `
    -Mode Enforce `
    -Comments "Routes mail of $groupName"

if ($rule.State -eq 'Enabled') {
    Write-Host "`nDone: " -NoNewline
    Write-Host ("{0} -> {1}" -f $rule.Name, $send.SmartHosts[0]) -ForegroundColor Green
} else {
    Write-Error 'The rule is not enabled.'
}
