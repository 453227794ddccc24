// about_Functions, about_Functions_Advanced_Parameters, about_Splatting, about_Return, about_Script_Blocks, about_Parameters.
import type { Chapter } from './row.ts';

const SET = 'function f { param([ValidateSet("On","Off")][string]$s) $s }; ';

export const functions: Chapter = {
  topic: 'about_Functions, about_Functions_Advanced_Parameters, about_Splatting',
  rows: [
    ['function f { "hi" }; f', 'hi'],
    ['function f($a, $b) { "$a-$b" }; f 1 2', '1-2'],
    ['function f($a, $b) { "$a-$b" }; f -b 2 -a 1', '1-2'],
    ['function f($a, $b) { "$a-$b" }; f -b:2 1', '1-2'],
    ['function f { param($a = 5) $a }; f', '5'],
    ['function f { param($a, $b = $a * 2) $b }; f 4', '8'],
    ['function f { $args.Count }; f a b c', '3'],
    ['function f { $args -join "," }; f a -x 1', 'a,-x,1'],
    ['function f { param($a) "$a|$args" }; f 1 2 3', '1|2 3'],
    ['function f { return 5; 6 }; f', '5'],
    ['function f { 1; 2; return 3 }; (f) -join ","', '1,2,3'],
    ['function f { param([int]$n) $n + 1 }; f "4"', '5'],
    [
      'function f { param([int]$n) $n }; f x',
      {
        error:
          'Cannot process argument transformation on parameter \'n\'. Cannot convert value "x" to type "System.Int32". Error: "The input string \'x\' was not in a correct format."',
        id: 'ParameterArgumentTransformationError,f',
        category: 'InvalidData',
        at: 'x',
      },
    ],
    ['function f { param([switch]$s) $s }; f -s', 'True'],
    ['function f { param([switch]$s) "$s" }; f; f -s:$false', ['False', 'False']],
    ['function f { param([string]$s) $s }; f 007', '007'],
    ['function f { param($s) $s }; f 007', '7'],
    ['function f { param([string[]]$list) $list.Count }; f a,b,c', '3'],
    ['function f { param([string[]]$list) $list.Count }; f a, b, c', '3'],
    [
      'function f { [CmdletBinding()] param($a) "$a" }; f 1 2',
      {
        error: "A positional parameter cannot be found that accepts argument '2'.",
        id: 'PositionalParameterNotFound,f',
        category: 'InvalidArgument',
        at: '2',
      },
    ],
    [
      'function f { [CmdletBinding()] param($a) }; f -z 1',
      {
        error: "A parameter cannot be found that matches parameter name 'z'.",
        id: 'NamedParameterNotFound,f',
        category: 'InvalidArgument',
        at: '-z',
      },
    ],
    [
      'function f { param([Parameter(Mandatory)]$a) $a }; f',
      {
        error: 'Cannot process command because of one or more missing mandatory parameters: a.',
        id: 'MissingMandatoryParameter,f',
        category: 'InvalidArgument',
        at: 'f',
      },
    ],
    [
      'function f { param([Parameter(Mandatory=$true)][string]$a) $a }; f ""',
      {
        error: "Cannot bind argument to parameter 'a' because it is an empty string.",
        id: 'ParameterArgumentValidationErrorEmptyStringNotAllowed,f',
        category: 'InvalidData',
        at: '""',
      },
    ],
    [`${SET}f on`, 'on'],
    [
      `${SET}f x`,
      {
        error:
          'Cannot validate argument on parameter \'s\'. The argument "x" does not belong to the set "On,Off" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.',
        id: 'ParameterArgumentValidationError,f',
        category: 'InvalidData',
        at: 'x',
      },
    ],
    [
      'function f { param([ValidateRange(1,5)][int]$n) $n }; f 9',
      {
        error:
          "Cannot validate argument on parameter 'n'. The 9 argument is greater than the maximum allowed range of 5. Supply an argument that is less than or equal to 5 and then try the command again.",
        id: 'ParameterArgumentValidationError,f',
        category: 'InvalidData',
        at: '9',
      },
    ],
    [
      'function f { param([ValidateNotNullOrEmpty()]$n) $n }; f ""',
      {
        error:
          "Cannot validate argument on parameter 'n'. The argument is null or empty. Provide an argument that is not null or empty, and then try the command again.",
        id: 'ParameterArgumentValidationError,f',
        category: 'InvalidData',
        at: '""',
      },
    ],
    ['function f { param([ValidatePattern("^a")]$n) $n }; f abc', 'abc'],
    ['function f { param([ValidateScript({ $_ -gt 2 })]$n) $n }; f 3', '3'],
    ['function f { param([Alias("Other")]$n) $n }; f -other 3', '3'],
    ['function f { begin { "b" } process { "p$_" } end { "e" } }; 1, 2 | f', ['b', 'p1', 'p2', 'e']],
    ['function f { process { $_ * 2 } }; 1..3 | f', ['2', '4', '6']],
    ['function f { param([Parameter(ValueFromPipeline)]$x) process { "<$x>" } }; 1, 2 | f', ['<1>', '<2>']],
    [
      'function f { param([Parameter(ValueFromPipelineByPropertyName)]$Name) process { $Name } }; [pscustomobject]@{ Name = "n" } | f',
      'n',
    ],
    ['filter double { $_ * 2 }; 1, 2 | double', ['2', '4']],
    ['function f { $input | % { $_ + 1 } }; 1, 2 | f', ['2', '3']],
    ['function f { $PSBoundParameters.Keys -join "," }; f', ''],
    ['function f { param($a, $b) $PSBoundParameters.Keys -join "," }; f -b 1', 'b'],
    ['$p = @{ a = 1; b = 2 }; function f($a, $b) { "$a $b" }; f @p', '1 2'],
    ['$p = 1, 2; function f($a, $b) { "$a $b" }; f @p', '1 2'],
    ['$p = @{ a = 1 }; function f($a, $b) { "$a $b" }; f @p -b 5', '1 5'],
    ['$p = @{ a = 1 }; function f($a) { $a }; f @p -a 2', '2'],
    ['function f { g @args }; function g($x, $y) { "$x $y" }; f -y 2 1', '1 2'],
    ['function f { g @PSBoundParameters }; function g { "none" }; f', 'none'],
    ['& { param($x) $x * 2 } 4', '8'],
    ['$b = { "block $args" }; & $b 1', 'block 1'],
    ['$b = { param($x) $x + 1 }; $b.Invoke(2)', '3'],
    ['$n = "Write-Output"; & $n hi', 'hi'],
    ['$x = 1; $b = { $x }.GetNewClosure(); $x = 2; & $b', '1'],
    ['$x = 1; $b = { $x }; $x = 2; & $b', '2'],
    ['function f($n) { if ($n -le 1) { 1 } else { $n * (f ($n - 1)) } }; f 10', '3628800'],
    ['function f { [CmdletBinding()] param() Write-Verbose "v"; "out" }; f', 'out'],
    [
      'function f { [CmdletBinding()] param() Write-Verbose "v"; "out" }; f -Verbose 4>&1',
      ['VERBOSE: v', 'out'],
    ],
    [
      'function f { [CmdletBinding()] param() Get-OutboundConnector Nope }; f -ErrorAction SilentlyContinue; "on"',
      'on',
    ],
    [
      'function f { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess("target", "Do")) { "done" } }; f -WhatIf',
      'What if: Performing the operation "Do" on target "target".',
    ],
    [
      'function f { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess("target")) { "done" } }; f',
      'done',
    ],
    ['function f { $MyInvocation.MyCommand.Name }; f', 'f'],
    ['function global:g { "g" }; g', 'g'],
    ['function Get-It { "it" }; get-it', 'it'],
    ['Set-Alias wo Write-Output; wo hi', 'hi'],
    ['& { 1; 2 } | % { $_ + 1 }', ['2', '3']],
    [
      'function f { f }; f',
      {
        error: 'The script failed due to call depth overflow.',
        id: 'CallDepthOverflow,f',
        category: 'InvalidOperation',
        at: 'f',
      },
    ],
    [
      '& $null',
      {
        error:
          "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
        id: 'BadExpression',
        category: 'InvalidOperation',
        at: '$null',
      },
    ],
    ['Invoke-Expression "1 + 1"', '2'],
    [
      'function f { [Foo()] param() }; f',
      {
        error: "The attribute [Foo()] is not supported by Postern's shell.",
        id: 'CustomAttributeTypeNotFound',
        category: 'InvalidOperation',
        at: 'f',
      },
    ],
  ],
};
