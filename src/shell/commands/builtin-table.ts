// Every command of the shell by name, and the aliases. A family of commands is loaded when one of them is first called, so
// that a one-shot cmdlet pays for none of them. A test keeps the names in step with the families.
import type { BuiltinCommand, BuiltinTable } from '#shell/runtime/builtin-command.ts';

interface Family {
  readonly names: readonly string[];
  readonly load: () => Promise<{ readonly commands: readonly BuiltinCommand[] }>;
}

const words = (text: string): readonly string[] => text.split(/\s+/);

export const families: readonly Family[] = [
  {
    names: words('Where-Object ForEach-Object Tee-Object Out-Null'),
    load: () => import('./filter-commands.ts'),
  },
  { names: ['Select-Object'], load: () => import('./select-object.ts') },
  {
    names: words('Sort-Object Group-Object Get-Unique'),
    load: () => import('./sort-commands.ts'),
  },
  {
    names: words('Format-Table Format-List Format-Wide'),
    load: () => import('./format-commands.ts'),
  },
  { names: words('ConvertTo-Json ConvertFrom-Json'), load: () => import('./json-commands.ts') },
  {
    names: words('ConvertTo-Csv ConvertFrom-Csv Export-Csv Import-Csv'),
    load: () => import('./csv-commands.ts'),
  },
  {
    names: words(
      'Get-Content Set-Content Add-Content Test-Path Join-Path Split-Path Get-Location Resolve-Path',
    ),
    load: () => import('./file-commands.ts'),
  },
  {
    names: words(
      'Write-Host Write-Output Write-Warning Write-Verbose Write-Debug Write-Information Write-Error Write-Progress Read-Host',
    ),
    load: () => import('./write-commands.ts'),
  },
  {
    names: words('Get-Date New-TimeSpan Start-Sleep Measure-Command'),
    load: () => import('./date-commands.ts'),
  },
  {
    names: words('New-Object Add-Member Get-Member New-Guid Get-Random Select-String'),
    load: () => import('./object-commands.ts'),
  },
  {
    names: words(
      'Get-Variable Set-Variable New-Variable Remove-Variable Clear-Variable Set-Alias New-Alias Get-Alias Invoke-Expression',
    ),
    load: () => import('./variable-commands.ts'),
  },
  {
    names: words(
      'Connect-ExchangeOnline Disconnect-ExchangeOnline Enable-OrganizationCustomization Import-Module Install-Module Get-Module Get-ConnectionInformation Set-StrictMode Get-Host Clear-Host',
    ),
    load: () => import('./session-commands.ts'),
  },
  { names: ['Measure-Object'], load: () => import('./measure-object.ts') },
  { names: ['Compare-Object'], load: () => import('./compare-object.ts') },
  { names: words('Out-String Out-Default Out-Host Out-File'), load: () => import('./out-commands.ts') },
  { names: words('ConvertTo-SecureString Get-Credential'), load: () => import('./credential-commands.ts') },
  { names: ['Resolve-DnsName'], load: () => import('./resolve-dns-name.ts') },
  { names: ['Get-Command'], load: () => import('./get-command.ts') },
  { names: ['Get-Help'], load: () => import('./get-help.ts') },
];

const ALIASES =
  '?:Where-Object where:Where-Object %:ForEach-Object foreach:ForEach-Object select:Select-Object sort:Sort-Object group:Group-Object ' +
  'measure:Measure-Object compare:Compare-Object diff:Compare-Object tee:Tee-Object fl:Format-List ft:Format-Table fw:Format-Wide ' +
  'oh:Out-Host echo:Write-Output write:Write-Output gc:Get-Content cat:Get-Content type:Get-Content sc:Set-Content ac:Add-Content ' +
  'ipcsv:Import-Csv epcsv:Export-Csv sleep:Start-Sleep gcm:Get-Command gm:Get-Member gv:Get-Variable sv:Set-Variable set:Set-Variable ' +
  'nv:New-Variable rv:Remove-Variable clv:Clear-Variable gal:Get-Alias sal:Set-Alias nal:New-Alias iex:Invoke-Expression ' +
  'ipmo:Import-Module gmo:Get-Module gu:Get-Unique sls:Select-String gl:Get-Location pwd:Get-Location rvpa:Resolve-Path ' +
  'clear:Clear-Host cls:Clear-Host help:Get-Help man:Get-Help';

function readAliases(): ReadonlyMap<string, string> {
  return new Map(
    ALIASES.split(' ').map((pair): [string, string] => {
      const colon = pair.indexOf(':');
      return [pair.slice(0, colon), pair.slice(colon + 1)];
    }),
  );
}

export function createBuiltinTable(): BuiltinTable {
  const byName = new Map<string, Family>();
  for (const family of families) for (const name of family.names) byName.set(name.toLowerCase(), family);
  return {
    names: families.flatMap((family) => family.names),
    aliases: readAliases(),
    async find(name) {
      const wanted = name.toLowerCase();
      const family = byName.get(wanted);
      if (!family) return null;
      const { commands } = await family.load();
      return commands.find(({ metadata }) => metadata.name.toLowerCase() === wanted) ?? null;
    },
  };
}
