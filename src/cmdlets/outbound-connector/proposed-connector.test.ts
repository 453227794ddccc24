import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { outboundConnectorCmdlets } from './outbound-connector-cmdlets.ts';
import { proposedConfiguration } from './proposed-connector.ts';

test('a proposed change is checked like a real one, and seen by nobody else', async () => {
  const fixture = await createDirectoryFixture();
  const run = createRunner(outboundConnectorCmdlets, fixture);
  await run('New-OutboundConnector', { Name: 'A', RecipientDomains: 'a.example' });
  const before = fixture.directory.configuration();
  const proposed = table({ Identity: 'a', usemxrecord: false, SmartHosts: ['r.example'] });
  const { configuration } = proposedConfiguration(fixture, proposed);
  assert.deepEqual(configuration.outboundConnectors[0]?.SmartHosts, [
    { kind: 'name', name: 'r.example', port: 25 },
  ]);
  assert.equal(fixture.directory.configuration(), before);
  const refused = (entries: Parameters<typeof table>[0], message: RegExp): void =>
    assert.throws(() => proposedConfiguration(fixture, table(entries)), message);
  refused({ Identity: 'a', UseMXRecord: false }, /Add -SmartHosts/);
  refused({ Identity: 'a', Colour: 'red' }, /no parameter 'Colour'/);
  refused({ Identity: 'b', Enabled: false }, /couldn't be found/);
  refused({ Enabled: false }, /Add Identity/);
});
