// Get-Date, New-TimeSpan; .NET's DateTime with its format strings. The clock stands at 2026-11-23 12:00 UTC, in New York.
import type { Chapter } from './row.ts';

export const dates: Chapter = {
  topic: 'Get-Date, System.DateTime',
  rows: [
    ['Get-Date', 'Monday, November 23, 2026 7:00:00 AM'],
    ['"$(Get-Date)"', '11/23/2026 07:00:00'],
    ['(Get-Date).ToString()', '11/23/2026 7:00:00 AM'],
    ['(Get-Date "5/6/2016 9:30 AM").ToUniversalTime()', 'Friday, May 6, 2016 1:30:00 PM'],
    ['(Get-Date "2016-05-06 14:30:00z").ToUniversalTime().ToString("u")', '2016-05-06 14:30:00Z'],
    ['(Get-Date).AddDays(-1).ToString("yyyy-MM-dd")', '2026-11-22'],
    ['Get-Date -Format "yyyyMMdd-HHmmss"', '20261123-070000'],
    ['Get-Date "5/6/2016" -Format d', '5/6/2016'],
    ['Get-Date -Date "May 6, 2016" -Format o', '2016-05-06T00:00:00.0000000'],
    ['Get-Date -AsUTC -Format s', '2026-11-23T12:00:00'],
    ['Get-Date -Year 2020 -Month 2 -Day 29 -Format d', '2/29/2020'],
    ['Get-Date -UFormat "%Y-%m-%d"', '2026-11-23'],
    [
      'Get-Date "nonsense"',
      {
        error:
          'Cannot bind parameter \'Date\'. Cannot convert value "nonsense" to type "System.DateTime". Error: "String \'nonsense\' was not recognized as a valid DateTime."',
        id: 'CannotConvertArgumentNoMessage,Get-Date',
        category: 'InvalidArgument',
        at: '"nonsense"',
      },
    ],
    ['[datetime]"2016-05-06"', 'Friday, May 6, 2016 12:00:00 AM'],
    ['[datetime]::UtcNow.Hour', '12'],
    ['[datetime]::Now.Kind', 'Local'],
    ['[datetime]::Today.ToString("d")', '11/23/2026'],
    ['([datetime]"2016-05-06").AddMonths(1).Month', '6'],
    ['([datetime]"2016-05-08" - [datetime]"2016-05-06").Days', '2'],
    ['[datetime]"2016-05-06" -lt (Get-Date)', 'True'],
    ['(Get-Date) - (Get-Date).AddHours(-1) | % { $_.TotalMinutes }', '60'],
    ['([datetime]"2016-05-06T14:30:00").ToString("h:mm tt")', '2:30 PM'],
    ['(Get-Date).ToShortDateString()', '11/23/2026'],
    ['[datetime]::ParseExact("20160506", "yyyyMMdd", $null).Day', '6'],
    [
      '[datetime]::Parse("x")',
      {
        error:
          'Exception calling "Parse" with "1" argument(s): "String \'x\' was not recognized as a valid DateTime."',
        id: 'FormatException',
        category: 'NotSpecified',
        at: '[datetime]::Parse("x")',
      },
    ],
    ['(New-TimeSpan -Start "2016-05-06" -End "2016-05-07").TotalHours', '24'],
    ['[datetime]::DaysInMonth(2024, 2)', '29'],
    ['(Get-Date "2016-05-06") -eq "5/6/2016"', 'True'],
    ['(Get-Date "2016-05-06 10:00") + (New-TimeSpan -Hours 2) | % { $_.Hour }', '12'],
  ],
};
