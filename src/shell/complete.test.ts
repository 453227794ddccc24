import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createTestShell } from '../../test/support/shell-under-test.ts';
import { completeInput } from './complete.ts';

describe('completion', () => {
  const rows: readonly [input: string, candidates: readonly string[]][] = [
    ['Get-Outb', ['Get-OutboundConnector']],
    ['get-outb', ['Get-OutboundConnector']],
    ['$x = Get-Outb', ['Get-OutboundConnector']],
    ['Get-OutboundConnector | Where-O', ['Where-Object']],
    ['if (Get-Outb', ['Get-OutboundConnector']],
    ['Set-OutboundConnector -Sm', ['-SmartHosts']],
    ['Set-OutboundConnector -C', ['-Comment', '-ConnectorType', '-ConnectorSource', '-Confirm']],
    ['Set-OutboundConnector Contoso -ConnectorType ', ['OnPremises', 'Partner']],
    ['Set-OutboundConnector Contoso -ConnectorType On', ['OnPremises']],
    ['Set-OutboundConnector Contoso -Enabled ', ['$true', '$false']],
    ['Set-OutboundConnector Co', ['Contoso']],
    ['Set-OutboundConnector -Identity F', ['Fabrikam']],
    ['Set-OutboundConnector "Co', ['"Contoso"']],
    ['Get-OutboundConnector | Set-OutboundConnector -Com', ['-Comment']],
    ['f -', ['-First', '-Second']],
    ['$fr', ['$fruit']],
    ['$fruit.Na', ['$fruit.Name']],
    ['$env:HO', ['$env:HOME']],
    ['Select-Object -Fir', ['-First']],
    ['Write-Host x -ForegroundColor Gre', ['Green']],
    ['nothing-here -x', []],
    ['Get-OutboundConnector | Select-Object Na', ['Name']],
    ['Get-OutboundConnector | Where-Object Enabled | Select-Object -ExpandProperty Sm', ['SmartHosts']],
    ['Get-OutboundConnector | ? { $_.Con', ['$_.ConnectorType']],
    ['(Get-OutboundConnector Contoso).Gu', ['Contoso).Guid']],
    ['foreach ($c in Get-OutboundConnector) { Set-OutboundConnector -Com', ['-Comment']],
    ['if ($true) { Get-Outb', ['Get-OutboundConnector']],
    ['Get-OutboundConnector; Select-Object Na', []],
    ['Remove-OutboundConnector | Select-Object Na', []],
  ];
  for (const [input, expected] of rows) {
    test(input, async () => {
      const shell = createTestShell();
      await shell.run('function f { param($First, $Second) }; $fruit = [pscustomobject]@{ Name = "apple" }');
      const { candidates } = await completeInput(input, input.length, shell.shell.session);
      assert.deepEqual(candidates, expected);
    });
  }
  test('replaces the word under the cursor alone', async () => {
    const { session } = createTestShell().shell;
    assert.equal((await completeInput('Set-OutboundConnector -Sm', 25, session)).start, 22);
    assert.equal((await completeInput('Get-Outb -x', 8, session)).start, 0);
  });
  test('never fails, whatever was typed', async () => {
    const { session } = createTestShell().shell;
    const piece = fc.constantFrom(
      'Set-OutboundConnector',
      ' ',
      '-',
      '-Name',
      '"',
      "'",
      '$',
      '$x.',
      '|',
      '{',
      '(',
      ',',
      '=',
      'Con',
      '@',
      '`',
      '<#',
      '$(',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (pieces) => {
        const input = pieces.join('');
        const { start } = await completeInput(input, input.length, session);
        assert.ok(start >= 0 && start <= input.length);
      }),
    );
  });
});
