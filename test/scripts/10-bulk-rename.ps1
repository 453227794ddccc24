<# Renames connectors by a pattern, with a look at the result first, and a table of old and new names. #>
param(
    [Parameter(Mandatory = $true, Position = 0)][string] $Pattern,
    [Parameter(Mandatory = $true, Position = 1)][AllowEmptyString()][string] $Replacement,
    [switch] $Force
)

$plan = @(
    Get-OutboundConnector -IncludeTestModeConnectors $true |
        Where-Object { $_.Name -match $Pattern } |
        ForEach-Object {
            [pscustomobject]@{
                Guid = $_.Guid
                Old  = $_.Name
                New  = ($_.Name -replace $Pattern, $Replacement).Trim()
            }
        } |
        Where-Object { $_.Old -cne $_.New }
)

if (-not $plan) { Write-Host 'Nothing to rename.'; return }

$twice = $plan | Group-Object New | Where-Object Count -gt 1
if ($twice) {
    throw "These names would be there twice: $(($twice | Select-Object -ExpandProperty Name) -join ', ')"
}

$plan | Select-Object Old, New | Format-Table | Out-String -Width 80 | Write-Host

if (-not $Force) {
    $choices = '&Yes', '&No'
    $decision = $Host.UI.PromptForChoice('Rename', "Rename $($plan.Count) connectors?", $choices, 1)
    if ($decision -ne 0) { Write-Host 'Cancelled.'; exit 2 }
}

$renamed = 0
foreach ($row in $plan) {
    try {
        Set-OutboundConnector -Identity $row.Guid.ToString() -Name $row.New -ErrorAction Stop
        $renamed++
    }
    catch [System.Exception] {
        Write-Error -Message "$($row.Old): $($_.Exception.Message)" -Category InvalidOperation
    }
    finally {
        Write-Progress -Activity 'Renaming' -Status $row.New -PercentComplete (100 * $renamed / $plan.Count)
    }
}
Write-Host "$renamed renamed"
