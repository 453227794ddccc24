import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTestShell } from '../../../test/support/shell-under-test.ts';
import { lineOf, runOneShot } from './one-shot.ts';

async function run(
  ...argv: string[]
): Promise<{ parameters: unknown; line: string | undefined; error: string | undefined; out: string }> {
  const { shell, source } = createTestShell();
  const { line, words } = lineOf(argv);
  const out: string[] = [];
  await shell.runIn(
    { file: null, text: line },
    (value) => void out.push(typeof value === 'object' ? 'object' : String(value)),
    (frame) => runOneShot(words, frame),
  );
  const [invocation] = source.invocations;
  return {
    parameters: invocation && { ...invocation.parameters },
    line: invocation?.line,
    error: shell.session.lastError?.message,
    out: out.join(),
  };
}

describe('one cmdlet from the command line', () => {
  test('the reference’s example, as a POSIX shell passes it', async () => {
    const { parameters, line } = await run(
      'Set-OutboundConnector',
      'Contoso',
      '-UseMxRecord',
      'false',
      '-SmartHosts',
      '192.168.0.1',
    );
    assert.deepEqual(parameters, { Identity: 'Contoso', UseMXRecord: false, SmartHosts: '192.168.0.1' });
    assert.equal(line, 'Set-OutboundConnector Contoso -UseMxRecord false -SmartHosts 192.168.0.1');
  });
  test('an unquoted $false that has vanished', async () => {
    const { error } = await run(
      'Set-OutboundConnector',
      'Contoso',
      '-UseMxRecord',
      '-SmartHosts',
      '192.168.0.1',
    );
    assert.match(
      error ?? '',
      /Missing an argument for parameter 'UseMXRecord'.*write -UseMXRecord false, or quote the value: -UseMXRecord '\$false'/,
    );
  });
  test('a word is one value, whatever is in it', async () => {
    for (const text of [
      'a b',
      '$(Remove-OutboundConnector Contoso)',
      '; Remove-OutboundConnector Contoso',
      "it's",
      '"x"',
      '`',
      '| x',
      '@{a=1}',
      'a,b',
    ]) {
      assert.deepEqual((await run('Set-OutboundConnector', 'Contoso', '-Comment', text)).parameters, {
        Identity: 'Contoso',
        Comment: text,
      });
    }
  });
  test('lists with spaces behind their commas', async () => {
    const { parameters } = await run(
      'Set-OutboundConnector',
      'Contoso',
      '-SmartHosts',
      'a.example,',
      'b.example',
      '-Comment',
      'x,',
      '-Enabled',
      'true',
    );
    assert.deepEqual(parameters, {
      Identity: 'Contoso',
      SmartHosts: ['a.example', 'b.example'],
      Comment: 'x,',
      Enabled: true,
    });
  });
  test('switches with values, names with colons, negative numbers', async () => {
    assert.deepEqual((await run('Remove-OutboundConnector', 'Contoso', '-Confirm:$false')).parameters, {
      Identity: 'Contoso',
      Confirm: false,
    });
    assert.deepEqual((await run('Set-OutboundConnector', '-Comment:x', 'Contoso')).parameters, {
      Identity: 'Contoso',
      Comment: 'x',
    });
    assert.deepEqual((await run('Set-OutboundConnector', 'Contoso', '-Comment', '-5')).parameters, {
      Identity: 'Contoso',
      Comment: '-5',
    });
    assert.deepEqual((await run('Set-OutboundConnector', 'Contoso', '-Comment', '-foo bar')).parameters, {
      Identity: 'Contoso',
      Comment: '-foo bar',
    });
  });
  test('an error points into the line', async () => {
    const { shell } = createTestShell();
    const { line, words } = lineOf(['Set-OutboundConnector', 'Contoso one', '-Colour', 'red']);
    assert.equal(line, "Set-OutboundConnector 'Contoso one' -Colour red");
    await shell.runIn({ file: null, text: line }, null, (frame) => runOneShot(words, frame));
    const extent = shell.session.lastError?.position?.extent;
    assert.equal(line.slice(extent?.start, extent?.end), '-Colour');
  });
  test('the shell’s own commands too', async () => {
    assert.equal((await run('Write-Output', 'a', 'b')).out, 'a,b');
    assert.match((await run('Get-Nope')).error ?? '', /is not recognized/);
  });
});
