// Format-Table, Format-List, Format-Wide and what is shown without them; 80 columns.
import type { Chapter } from './row.ts';

export const formatting: Chapter = {
  topic: 'Microsoft.PowerShell.Utility: Format-Table, Format-List; about_Format.ps1xml',
  rows: [
    ['[pscustomobject]@{ Name = "a"; Size = 10 }', ['Name Size', '---- ----', 'a      10']],
    [
      '[pscustomobject]@{ Name = "a"; Size = 10 }, [pscustomobject]@{ Name = "longer"; Size = 5 }',
      ['Name   Size', '----   ----', 'a        10', 'longer    5'],
    ],
    ['[pscustomobject]@{ A = 1; B = 2; C = 3; D = 4; E = 5 }', ['A : 1', 'B : 2', 'C : 3', 'D : 4', 'E : 5']],
    ['[pscustomobject]@{ A = 1 } | Format-List', ['A : 1']],
    ['[pscustomobject]@{ Name = "x"; Hosts = "a", "b" } | fl', ['Name  : x', 'Hosts : {a, b}']],
    ['[pscustomobject]@{ A = $null; B = "" } | fl', ['A :', 'B :']],
    [
      '[pscustomobject]@{ T = $true; D = 1.5; N = [datetime]"2016-05-06" } | fl',
      ['T : True', 'D : 1.5', 'N : 5/6/2016 12:00:00 AM'],
    ],
    ['[ordered]@{ a = 1; b = "x" }', ['Name Value', '---- -----', 'a    1', 'b    x']],
    [
      'Get-OutboundConnector | ft Name, Enabled',
      ['Name     Enabled', '----     -------', 'Contoso     True', 'Fabrikam   False', 'Tailspin    True'],
    ],
    ['Get-OutboundConnector | ft name -HideTableHeaders', ['Contoso', 'Fabrikam', 'Tailspin']],
    [
      'Get-OutboundConnector Contoso | fl Name, SmartHosts',
      ['Name       : Contoso', 'SmartHosts : {192.168.0.1, 192.168.0.2}'],
    ],
    ['Get-OutboundConnector Contoso | fl Na*', ['Name : Contoso']],
    [
      'Get-OutboundConnector Contoso | ft @{ n = "Who"; e = { $_.Name.ToUpper() } }, @{ l = "On"; e = "Enabled"; align = "left" }',
      ['Who     On', '---     --', 'CONTOSO True'],
    ],
    [
      '[pscustomobject]@{ N = 1234.5 } | ft @{ n = "N"; e = "N"; FormatString = "N2" }',
      ['       N', '       -', '1,234.50'].map((line) => line),
    ],
    [
      'Get-OutboundConnector | sort Enabled | ft Name -GroupBy Enabled',
      [
        '   Enabled: False',
        '',
        'Name',
        '----',
        'Fabrikam',
        '',
        '',
        '   Enabled: True',
        '',
        'Name',
        '----',
        'Contoso',
        'Tailspin',
      ],
    ],
    ['Get-Message | select -First 1', ['Identity  Size', '--------  ----', 'message 1   10']],
    ['1, "a", $true', ['1', 'a', 'True']],
    ['$null', ''],
    ['@()', ''],
    ['(1, 2), 3', ['1', '2', '3']],
    ['1.0', '1'],
    ['1e20', '1E+20'],
    ['[int]', ['Name  FullName', '----  --------', 'Int32 System.Int32']],
    ['{ 1 + 1 }', ' 1 + 1 '],
    ['"a", "b" | fw -Column 2', ['a                                       b']],
    [
      '[pscustomobject]@{ Text = "word " * 30 } | fl',
      [
        'Text : word word word word word word word word word word word word word word',
        '       word word word word word word word word word word word word word word',
        '       word word',
      ],
    ],
    [
      '[pscustomobject]@{ A = "x" * 60; B = "y" * 60 } | ft',
      [`A${' '.repeat(39)}B`, `-${' '.repeat(39)}-`, `${'x'.repeat(38)}\u2026 ${'y'.repeat(39)}\u2026`],
    ],
    [
      '[pscustomobject]@{ A = 1..20 } | fl',
      ['A : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16\u2026}'],
    ],
    ['[pscustomobject]@{ H = @{ k = 1 } } | fl', ['H : {[k, 1]}']],
    ['"x" | Out-String | % { $_.Length }', '2'],
    [
      '[pscustomobject]@{ A = "x" * 30 } | ft | Out-String -Width 12 | % { $_.Trim() }',
      ['A', '-', `${'x'.repeat(11)}\u2026`],
    ],
    ['New-TimeSpan -Hours 1 | fl Hours, TotalMinutes', ['Hours        : 1', 'TotalMinutes : 60']],
    ['[pscustomobject]@{ Name = "\u65e5\u672c"; V = 1 } | ft', ['Name V', '---- -', '\u65e5\u672c 1']],
    ['"\u001b[31mred"', '\u001b[31mred'],
    ['[pscustomobject]@{ A = "\u001b[31mred" } | fl', ['A : \ufffd[31mred']],
    ['Get-Date "2016-05-06" | fl Year, Month', ['Year  : 2016', 'Month : 5']],
    [
      'try { throw "x" } catch { $_ } 2>$null',
      {
        error: "Unexpected token '2>' in expression or statement.",
        id: 'UnexpectedToken',
        category: 'ParserError',
        at: '2>',
      },
    ],
  ],
};
