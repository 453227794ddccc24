# Brings many connectors to the state of one template: reads it, compares, changes what differs, says how much.
[CmdletBinding(SupportsShouldProcess)]
param(
    [string]$Template = 'Template',
    [string]$Filter = 'Branch *',
    [string[]]$Properties = @('TlsSettings', 'TlsDomain', 'MtaStsMode', 'SmtpDaneMode', 'Comment')
)

function Get-Difference {
    param(
        [Parameter(ValueFromPipeline = $true)] $Connector,
        $Wanted,
        [string[]] $Names
    )
    process {
        $changes = @{}
        foreach ($n in $Names) {
            if ("$($Connector.$n)" -cne "$($Wanted.$n)") { $changes[$n] = $Wanted.$n }
        }
        if ($changes.Count) {
            [pscustomobject]@{ Identity = $Connector.Identity; Changes = $changes }
        }
    }
}

$model = Get-OutboundConnector -Identity $Template -IncludeTestModeConnectors $true
$targets = Get-OutboundConnector | Where-Object { $_.Name -like $Filter -and $_.Name -ne $Template }
Write-Host "$(($targets | Measure-Object).Count) connectors follow '$($model.Name)'."

$done = 0
$targets | Get-Difference -Wanted $model -Names $Properties | ForEach-Object {
    $changes = $_.Changes
    if ($PSCmdlet.ShouldProcess($_.Identity, "Set $(($changes.Keys | Sort-Object) -join ', ')")) {
        Set-OutboundConnector -Identity $_.Identity @changes
        $done++
    }
}
Write-Host "$done changed." -ForegroundColor Green
