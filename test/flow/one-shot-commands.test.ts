// Single cmdlets as they are typed at a POSIX shell: what must be readable there, and what must be seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runConsole } from '../support/console.ts';
import { startGateway } from '../support/gateway.ts';

test('one cmdlet at a POSIX shell', async (t) => {
  const gateway = await startGateway(t);
  const run = (...words: readonly string[]) => runConsole(['--data', gateway.data, ...words]);

  await t.test(
    'a credential is written as a table, and what else is given is refused without showing it',
    async () => {
      const smart = ['-RecipientDomains', '*', '-UseMXRecord', 'false', '-SmartHosts', '127.0.0.1'];
      const table = '@{UserName="postern"; Password="sesame-42"}';
      const made = await run('New-OutboundConnector', 'Relay', ...smart, '-SmartHostCredential', table);
      assert.equal(made.code, 0, made.stderr);
      const { objects } = await gateway.run('Get-OutboundConnector', { Identity: 'Relay' });
      assert.equal(objects[0]?.get('HasSmartHostCredential'), true);
      const refused = await run('Set-OutboundConnector', 'Relay', '-SmartHostCredential', 'postern');
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /read as PSCredential\. Give \(Get-Credential\) or @\{UserName=/);
    },
  );

  await t.test('a new token is seen', async () => {
    assert.match((await run('New-AccessToken', 'dashboard')).stdout, /^Token +: postern_[\w-]{43}$/m);
    assert.doesNotMatch((await run('Get-AccessToken')).stdout, /postern_/);
  });

  await t.test('a filter may stand in braces, as examples for Exchange have it', async () => {
    const found = await run('-c', 'Get-Message -Filter {Subject -eq "none"}');
    assert.deepEqual([found.code, found.stderr], [0, '']);
  });
});
