// about_Output_Streams, about_Redirection, about_CommonParameters, about_Preference_Variables.
import type { Chapter } from './row.ts';

const NOT_FOUND = "The operation couldn't be performed because object 'Nope' couldn't be found.";

export const streams: Chapter = {
  topic: 'about_Output_Streams, about_Redirection, about_CommonParameters',
  rows: [
    ['Write-Output 1, 2', ['1', '2']],
    ['Write-Output (1, 2) -NoEnumerate | % { $_.Count }', '2'],
    ['Write-Host "to the host"', 'to the host'],
    ['Write-Host a b -NoNewline; Write-Host c', 'a bc'],
    ['Write-Host 1, 2 -Separator "-"', '1-2'],
    ['$x = Write-Host "h"; $x -eq $null', ['h', 'True']],
    ['Write-Host "h" 6>$null', ''],
    ['$x = Write-Host "h" 6>&1; "got $x"', 'got h'],
    ['Write-Warning "w" 3>&1', 'WARNING: w'],
    ['Write-Warning "w" 3>$null; "on"', 'on'],
    ['Write-Warning "w" -WarningAction SilentlyContinue; "on"', 'on'],
    ['Write-Warning "w" -WarningVariable v -WarningAction SilentlyContinue; "$v"', 'w'],
    ['$WarningPreference = "SilentlyContinue"; Write-Warning "w"; "on"', 'on'],
    ['try { Write-Warning "w" -WarningAction Stop 3>$null } catch { "stopped" }', 'stopped'],
    ['Write-Verbose "v"; "on"', 'on'],
    ['Write-Verbose "v" -Verbose 4>&1', 'VERBOSE: v'],
    ['$VerbosePreference = "Continue"; Write-Verbose "v" 4>&1', 'VERBOSE: v'],
    ['$VerbosePreference = "Continue"; Write-Verbose "v" -Verbose:$false 4>&1; "on"', 'on'],
    ['Write-Debug "d" -Debug 5>&1', 'DEBUG: d'],
    ['Write-Information "i"; "on"', 'on'],
    ['Write-Information "i" -InformationAction Continue', 'i'],
    ['Write-Information "i" -InformationVariable v; "$v"', 'i'],
    [
      'Write-Error "bad"',
      {
        error: 'bad',
        id: 'Microsoft.PowerShell.Commands.WriteErrorException,Write-Error',
        category: 'NotSpecified',
        at: 'Write-Error "bad"',
      },
    ],
    [
      'Write-Error "bad" -Category InvalidData -ErrorId My',
      {
        error: 'bad',
        id: 'My,Write-Error',
        category: 'InvalidData',
        at: 'Write-Error "bad" -Category InvalidData -ErrorId My',
      },
    ],
    ['Write-Error "bad" 2>$null; "on"', 'on'],
    ['$e = Write-Error "bad" 2>&1; $e.Exception.Message', 'bad'],
    ['Write-Error "bad" -ErrorAction SilentlyContinue; $Error[0].Exception.Message', 'bad'],
    ['Write-Error "bad" -ErrorAction Ignore; $Error.Count', '0'],
    ['Write-Error "bad" -ErrorAction SilentlyContinue -ErrorVariable v; "$v"', 'bad'],
    ['Write-Error "a" -ErrorVariable v 2>$null; Write-Error "b" -ErrorVariable +v 2>$null; $v.Count', '2'],
    ['Write-Error "a" -ErrorVariable v 2>$null; Write-Error "b" -ErrorVariable v 2>$null; $v.Count', '1'],
    ['$ErrorActionPreference = "SilentlyContinue"; Write-Error "bad"; "on"', 'on'],
    ['$ErrorActionPreference = "Stop"; try { Write-Error "bad" } catch { "caught" }', 'caught'],
    [
      'Get-OutboundConnector Nope',
      {
        error: NOT_FOUND,
        id: 'ManagementObjectNotFound,Get-OutboundConnector',
        category: 'ObjectNotFound',
        at: 'Get-OutboundConnector Nope',
      },
    ],
    [
      'Get-OutboundConnector Nope; "goes on"',
      {
        error: NOT_FOUND,
        id: 'ManagementObjectNotFound,Get-OutboundConnector',
        category: 'ObjectNotFound',
        at: 'Get-OutboundConnector Nope',
        out: 'goes on',
      },
    ],
    [
      'Get-OutboundConnector Nope -ea Stop; "never"',
      {
        error: NOT_FOUND,
        id: 'ManagementObjectNotFound,Get-OutboundConnector',
        category: 'ObjectNotFound',
        at: 'Get-OutboundConnector Nope -ea Stop',
      },
    ],
    ['Get-OutboundConnector Nope -ea 0; "on"', 'on'],
    ['Get-OutboundConnector Nope -ev e -ea SilentlyContinue; $e[0].CategoryInfo.Category', 'ObjectNotFound'],
    [
      'Get-OutboundConnector Nope -ErrorAction Bad',
      {
        error:
          'Cannot bind parameter \'ErrorAction\'. Cannot convert value "Bad" to type "System.Management.Automation.ActionPreference". Error: "Unable to match the identifier name Bad to a valid enumerator name. Specify one of the following enumerator names and try again:\nSilentlyContinue, Stop, Continue, Inquire, Ignore"',
        id: 'CannotConvertArgumentNoMessage',
        category: 'InvalidArgument',
        at: 'Get-OutboundConnector Nope -ErrorAction Bad',
      },
    ],
    ['Get-OutboundConnector -Verbose 4>&1 | Select-Object -Last 1', 'VERBOSE: Connectors were read.'],
    ['Set-OutboundConnector Contoso -SmartHosts a.example -WarningAction SilentlyContinue; "on"', 'on'],
    [
      'Set-OutboundConnector Contoso -SmartHosts a.example -WarningVariable w -WarningAction SilentlyContinue; "$w"',
      'The connector is not validated any more.',
    ],
    [
      'Set-OutboundConnector Contoso -SmartHosts a.example 3>&1',
      'WARNING: The connector is not validated any more.',
    ],
    ['Get-OutboundConnector -OutVariable o | Out-Null; $o.Count', '3'],
    [
      '1, 2 | % { $_ } -OutVariable o | Out-Null; 3 | % { $_ } -OutVariable +o | Out-Null; $o -join ","',
      '1,2,3',
    ],
    ['1, 2 | Write-Output -PipelineVariable p | % { "$p-$_" }', ['1-1', '2-2']],
    ['1..3 | Write-Output -OutBuffer 1 | % { $_ }', ['1', '2', '3']],
    [
      'Get-Nope -ErrorAction SilentlyContinue',
      {
        error:
          "The term 'Get-Nope' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again.\nIt is not part of Postern; Get-Command lists the cmdlets there are.",
        id: 'CommandNotFoundException',
        category: 'ObjectNotFound',
        at: 'Get-Nope',
      },
    ],
    [
      'nope',
      {
        error:
          "The term 'nope' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again.",
        id: 'CommandNotFoundException',
        category: 'ObjectNotFound',
        at: 'nope',
      },
    ],
    [
      'Get-OutbondConnector',
      {
        error:
          "The term 'Get-OutbondConnector' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again.\nDid you mean Get-OutboundConnector?",
        id: 'CommandNotFoundException',
        category: 'ObjectNotFound',
        at: 'Get-OutbondConnector',
      },
    ],
    ['$x = Get-OutboundConnector Nope 2>&1; $x.GetType().Name', 'ErrorRecord'],
    [
      '"Contoso", "Nope", "Fabrikam" | Get-OutboundConnector -ea SilentlyContinue | % Name',
      ['Contoso', 'Fabrikam'],
    ],
    [
      '$Error.Clear(); 1/0 2>$null; $Error.Count',
      {
        error: 'Attempted to divide by zero.',
        id: 'RuntimeException',
        category: 'NotSpecified',
        at: '1/0',
        out: '1',
      },
    ],
    ['"text" > /f.txt; Get-Content /f.txt', 'text'],
    ['"a" > /g.txt; "b" >> /g.txt; (Get-Content /g.txt) -join ","', 'a,b'],
    ['"x" > $null; "on"', 'on'],
    ['& { "out"; Write-Error "e" } *> $null; "on"', 'on'],
  ],
};
