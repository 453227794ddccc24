# Desired state: connectors that must be there (as described) and some that must not. Says what it did; a second run does nothing.
$desired = @(
    @{ Ensure = 'Present'; Name = 'Fabrikam'; RecipientDomains = 'fabrikam.test', '*.fabrikam.test'; TlsSettings = 'CertificateValidation' }
    @{ Ensure = 'Present'; Name = 'Woodgrove'; RecipientDomains = @('woodgrove.test'); UseMXRecord = $false; SmartHosts = '[192.0.2.10]', 'mx.woodgrove.test'; Enabled = $false }
    @{ Ensure = 'Absent'; Name = 'Old relay' }
)

function Test-Same($Left, $Right) {
    if ($Left -is [array] -or $Right -is [array]) {
        return $null -eq (Compare-Object -ReferenceObject @($Left) -DifferenceObject @($Right))
    }
    return $Left -eq $Right
}

$changed = 0
foreach ($item in $desired) {
    $name = $item.Name
    $present = Get-OutboundConnector -Identity $name -ErrorAction SilentlyContinue
    if ($item.Ensure -eq 'Absent') {
        if ($present) {
            Remove-OutboundConnector -Identity $name -Confirm:$false
            Write-Output "removed $name"
            $changed++
        }
        continue
    }
    $properties = @{}
    foreach ($key in $item.Keys) {
        if ($key -notin 'Ensure', 'Name') { $properties.Add($key, $item[$key]) }
    }
    if (-not $present) {
        New-OutboundConnector -Name $name @properties | Out-Null
        Write-Output "created $name"
        $changed += 1
        continue
    }
    $different = @{}
    foreach ($pair in $properties.GetEnumerator()) {
        if (-not (Test-Same $present.($pair.Key) $pair.Value)) { $different[$pair.Key] = $pair.Value }
    }
    if ($different.Count -gt 0) {
        Set-OutboundConnector -Identity $name @different
        Write-Output ("changed {0}: {1}" -f $name, (($different.Keys | Sort-Object) -join ', '))
        $changed++
    }
}
"$changed changes"
