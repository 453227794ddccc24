// about_Parameters, about_Command_Syntax, about_Parameter_Binding, about_Pipelines; cmdlets.md "Binding".
import type { Chapter } from './row.ts';

const SET = 'Set-OutboundConnector Contoso ';
const SHOW = '; (Get-OutboundConnector Contoso)';

export const binding: Chapter = {
  topic: 'about_Parameters, about_Pipelines',
  rows: [
    [`${SET}-Comment hello${SHOW}.Comment`, 'hello'],
    [`${SET}-COMMENT hello${SHOW}.Comment`, 'hello'],
    [`${SET}-Com hello${SHOW}.Comment`, 'hello'],
    [`${SET}-Comment:hello${SHOW}.Comment`, 'hello'],
    [`${SET}-Comment: hello${SHOW}.Comment`, 'hello'],
    [`${SET}-Comment "two words"${SHOW}.Comment`, 'two words'],
    [`${SET}-Comment 007${SHOW}.Comment`, '007'],
    [`${SET}-Comment -foo${SHOW}.Comment`, '-foo'],
    [`${SET}-Comment $null${SHOW}.Comment -eq $null`, 'True'],
    [`${SET}-Enabled $false${SHOW}.Enabled`, 'False'],
    [`${SET}-Enabled:$false${SHOW}.Enabled`, 'False'],
    [`${SET}-Enabled: $false${SHOW}.Enabled`, 'False'],
    ['Set-OutboundConnector -Enabled $false Contoso; (Get-OutboundConnector Contoso).Enabled', 'False'],
    [
      'Set-OutboundConnector -Enabled $false -Identity Contoso; (Get-OutboundConnector Contoso).Enabled',
      'False',
    ],
    [
      `$WarningPreference = 0; ${SET}-SmartHosts a.example,b.example${SHOW}.SmartHosts`,
      ['a.example', 'b.example'],
    ],
    [
      `$WarningPreference = 0; ${SET}-SmartHosts a.example, b.example${SHOW}.SmartHosts`,
      ['a.example', 'b.example'],
    ],
    [`$WarningPreference = 0; ${SET}-SmartHosts 192.168.0.1${SHOW}.SmartHosts`, '192.168.0.1'],
    [
      `$WarningPreference = 0; ${SET}-SmartHosts 10.10.1.1/25,[::1]:25${SHOW}.SmartHosts`,
      ['10.10.1.1/25', '[::1]:25'],
    ],
    [`$WarningPreference = 0; ${SET}-SmartHosts @{Add="c.example"}${SHOW}.SmartHosts.Add`, 'c.example'],
    [`${SET}-RecipientDomains *.contoso.com${SHOW}.RecipientDomains`, '*.contoso.com'],
    [
      `${SET}-LastValidationTimestamp (Get-Date "5/6/2016 9:30 AM").ToUniversalTime()${SHOW}.LastValidationTimestamp.ToString("u")`,
      '2016-05-06 13:30:00Z',
    ],
    [
      '$p = @{ Identity = "Contoso"; Comment = "splatted" }; Set-OutboundConnector @p; (Get-OutboundConnector Contoso).Comment',
      'splatted',
    ],
    [
      '$p = @{ Identity = "Contoso"; Comment = "old" }; Set-OutboundConnector @p -Comment new; (Get-OutboundConnector Contoso).Comment',
      'new',
    ],
    ['"Contoso" | Set-OutboundConnector -Comment piped; (Get-OutboundConnector Contoso).Comment', 'piped'],
    [
      'Get-OutboundConnector | Set-OutboundConnector -Comment all; (Get-OutboundConnector).Comment -join ","',
      'all,all,all',
    ],
    [
      '[pscustomobject]@{ Identity = "Contoso" } | Set-OutboundConnector -Comment byname; (Get-OutboundConnector Contoso).Comment',
      'byname',
    ],
    ['Get-OutboundConnector 22222222-2222-4222-8222-222222222222 | % Name', 'Fabrikam'],
    ['foreach ($n in "Contoso", "Tailspin") { (Get-OutboundConnector $n).Name }', ['Contoso', 'Tailspin']],
    [
      `${SET}-Colour red`,
      {
        error: "A parameter cannot be found that matches parameter name 'Colour'.",
        id: 'NamedParameterNotFound,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: '-Colour',
      },
    ],
    [
      `${SET}-Comment`,
      {
        error:
          "Missing an argument for parameter 'Comment'. Specify a parameter of type 'String' and try again.",
        id: 'MissingArgument,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: '-Comment',
      },
    ],
    [
      `${SET}-Comment -Enabled $true`,
      {
        error:
          "Missing an argument for parameter 'Comment'. Specify a parameter of type 'String' and try again.",
        id: 'MissingArgument,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: '-Comment',
      },
    ],
    [
      `${SET}-Comment a -Comment b`,
      {
        error:
          'Cannot bind parameter because parameter \'Comment\' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".',
        id: 'ParameterAlreadyBound,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: '-Comment',
      },
    ],
    [
      `${SET}-Connector x`,
      {
        error:
          "Parameter cannot be processed because the parameter name 'Connector' is ambiguous. Possible matches include: -ConnectorType -ConnectorSource.",
        id: 'AmbiguousParameter,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: '-Connector',
      },
    ],
    [
      `${SET}extra`,
      {
        error: "A positional parameter cannot be found that accepts argument 'extra'.",
        id: 'PositionalParameterNotFound,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: 'extra',
      },
    ],
    [
      'Set-OutboundConnector',
      {
        error: 'Cannot process command because of one or more missing mandatory parameters: Identity.',
        id: 'MissingMandatoryParameter,Set-OutboundConnector',
        category: 'InvalidArgument',
        at: 'Set-OutboundConnector',
      },
    ],
    [
      `${SET}-ConnectorType Bad`,
      {
        error:
          'Cannot process argument transformation on parameter \'ConnectorType\'. Cannot convert value "Bad" to type "TenantConnectorType". Error: "Unable to match the identifier name Bad to a valid enumerator name. Specify one of the following enumerator names and try again: OnPremises, Partner"',
        id: 'ParameterArgumentTransformationError,Set-OutboundConnector',
        category: 'InvalidData',
        at: `${SET}-ConnectorType Bad`,
      },
    ],
    [
      'Get-OutboundConnector -Identity $null',
      {
        error: "Cannot bind argument to parameter 'Identity' because it is null.",
        id: 'ParameterArgumentValidationErrorNullNotAllowed,Get-OutboundConnector',
        category: 'InvalidData',
        at: 'Get-OutboundConnector -Identity $null',
      },
    ],
    [
      'Get-OutboundConnector Contoso -Foo:',
      {
        error: "Missing an argument for parameter 'Foo'.",
        id: 'ParameterRequiresArgument',
        category: 'ParserError',
        at: '',
      },
    ],
    [
      `${SET}-Comment a,`,
      {
        error: 'Missing argument in parameter list.',
        id: 'MissingArgument',
        category: 'ParserError',
        at: '',
      },
    ],
    [`${SET}-WhatIf`, 'What if: Performing the operation "Set" on target "Contoso".'],
    [`${SET}-wi`, 'What if: Performing the operation "Set" on target "Contoso".'],
    [
      `$WhatIfPreference = $true; ${SET}-Comment x${SHOW}.Comment`,
      ['What if: Performing the operation "Set" on target "Contoso".', ''],
    ],
    ['Remove-OutboundConnector Contoso -Confirm:$false; (Get-OutboundConnector).Count', '2'],
    ['$ConfirmPreference = "None"; Remove-OutboundConnector Contoso; (Get-OutboundConnector).Count', '2'],
    [
      'Remove-OutboundConnector Contoso',
      {
        error:
          '"Remove" on "Contoso" has to be confirmed, and no prompt can be shown here. Nothing was changed. Give -Confirm:$false to go on without being asked.',
        id: 'PromptNotAvailable,Remove-OutboundConnector',
        category: 'InvalidOperation',
        at: 'Remove-OutboundConnector Contoso',
      },
    ],
    [
      'Get-OutboundConnector | Where-Object Name -eq Contoso | Remove-OutboundConnector -Confirm:$false; (Get-OutboundConnector).Name -join ","',
      'Fabrikam,Tailspin',
    ],
    [
      'Start-Sleep -Seconds x',
      {
        error:
          'Cannot bind parameter \'Seconds\'. Cannot convert value "x" to type "System.Double". Error: "The input string \'x\' was not in a correct format."',
        id: 'CannotConvertArgumentNoMessage,Start-Sleep',
        category: 'InvalidArgument',
        at: 'x',
      },
    ],
    ['echo --not-a-parameter', '--not-a-parameter'],
    ['echo -5', '-5'],
    ['echo a`,b', 'a,b'],
    ['echo "a"b', 'ab'],
    ['$v = "x"; echo $v/y', 'x/y'],
    ['$h = @{ a = 1 }; echo $h.a', '1'],
    ['echo $(1 + 1)', '2'],
    ['echo (1 + 1) 5', ['2', '5']],
    ['echo @(1, 2).Count', '2'],
    [
      'Connect-ExchangeOnline -UserPrincipalName admin@contoso.com -ShowBanner:$false; Disconnect-ExchangeOnline -Confirm:$false; "on"',
      'on',
    ],
    [
      'Connect-ExchangeOnline -Verbose 4>&1',
      'VERBOSE: The session is already here: Postern\u2019s cmdlets need no connection.',
    ],
    ['Import-Module ExchangeOnlineManagement; Enable-OrganizationCustomization; "on"', 'on'],
    [
      'Import-Module ActiveDirectory',
      {
        error:
          "The specified module 'ActiveDirectory' was not loaded because no valid module file was found: modules are not part of Postern.",
        id: 'Modules_ModuleNotFound,Import-Module',
        category: 'ResourceUnavailable',
        at: 'Import-Module ActiveDirectory',
      },
    ],
  ],
};
