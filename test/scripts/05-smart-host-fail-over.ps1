# Everything else leaves by two relays in turn, with sign-in; validates first, in test mode, then goes live.
param([string]$User = 'relay-user')

$secure = Read-Host -Prompt 'Password of the relay' -AsSecureString
$credential = New-Object System.Management.Automation.PSCredential ($User, $secure)

$name = 'Relay with fail-over'
$relays = @('relay1.provider.test:587'
            'relay2.provider.test:587')

if (Get-OutboundConnector -IncludeTestModeConnectors $true | Where-Object { $_.Name -like 'Relay with*' }) {
    Write-Host "$name exists; only its hosts are brought up to date." -ForegroundColor Yellow
    Set-OutboundConnector $name -SmartHosts $relays -SmartHostCredential $credential -WarningAction SilentlyContinue
}
else {
    $new = @{
        Name                = $name
        RecipientDomains    = '*'
        UseMXRecord         = $false
        SmartHosts          = $relays
        SmartHostCredential = $credential
        TlsSettings         = 'EncryptionOnly'
        TestMode            = $true
    }
    $connector = New-OutboundConnector @new
    do {
        $again = $false
        $connector = Get-OutboundConnector $name -IncludeTestModeConnectors:$true
        if ($connector.TestMode) {
            Set-OutboundConnector $name -TestMode $false
            $again = $true
        }
    } while ($again)
}

$connector = Get-OutboundConnector $name
$i = 0
while ($i -lt $connector.SmartHosts.Count) {
    Write-Host ('{0}. {1}' -f ($i + 1), $connector.SmartHosts[$i])
    $i++
}
Write-Host "Signs in: $($connector.HasSmartHostCredential)"
