import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { shownValue } from '#directory/shown-value.ts';
import { organizationConfigCmdlets } from '../organization-config/organization-config-cmdlets.ts';
import { transportConfigCmdlets } from './transport-config-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  return {
    ...fixture,
    run: createRunner([...transportConfigCmdlets, ...organizationConfigCmdlets], fixture),
  };
}

test('times and sizes are shown as Exchange shows them, and kept in milliseconds and octets', async () => {
  const { run, directory } = await start();
  const shown = async (name: string) =>
    shownValue((await run('Get-TransportConfig')).objects[0]?.get(name) ?? null);
  assert.equal(await shown('MessageExpirationTimeout'), '1.00:00:00');
  assert.equal(await shown('MaxSendSize'), '150 MB (157,286,400 bytes)');
  await run('Set-TransportConfig', {
    MessageExpirationTimeout: '2.00:00:00',
    MessageRetryInterval: '00:00:30',
    MaxSendSize: '35MB',
    DefaultRouteEnabled: false,
    RevocationFailureAction: 'allow',
    CrossPremisesHeaderNames: table({ Remove: 'scl' }),
  });
  const { transportConfig } = directory.configuration();
  assert.equal(transportConfig.MessageExpirationTimeout, 2 * 86_400_000);
  assert.equal(transportConfig.MessageRetryInterval, 30_000);
  assert.equal(transportConfig.MaxSendSize, 35 * 2 ** 20);
  assert.equal(transportConfig.DefaultRouteEnabled, false);
  assert.equal(transportConfig.RevocationFailureAction, 'Allow');
  assert.equal(transportConfig.CrossPremisesHeaderNames.length, 12);
  assert.deepEqual(
    Object.keys(transportConfig).filter((name) => name === 'Name'),
    [],
  );
});

test('times that contradict each other are refused, odd ones are warned of', async () => {
  const { run } = await start();
  await assert.rejects(
    run('Set-TransportConfig', { MessageRetryInterval: '02:00:00' }),
    /MaxMessageRetryInterval/,
  );
  await assert.rejects(run('Set-TransportConfig', { MessageRetryInterval: '30' }), /hours:minutes:seconds/);
  await assert.rejects(run('Set-TransportConfig', { MaxHopCount: 2 }), /range of 5 to 1000/);
  const { warnings } = await run('Set-TransportConfig', { MessageExpirationTimeout: '00:00:10' });
  assert.equal(warnings.length, 2);
});

test('the organization has two names; with another one distinguished names change', async () => {
  const { run, directory } = await start();
  await run('Set-OrganizationConfig', { DisplayName: 'Contoso Ltd.', Name: 'contoso.example' });
  const [organization] = (await run('Get-OrganizationConfig')).objects;
  assert.equal(organization?.get('DisplayName'), 'Contoso Ltd.');
  assert.match(
    shownValue(organization?.get('DistinguishedName') ?? null),
    /CN=contoso\.example,CN=ConfigurationUnits$/,
  );
  assert.equal(directory.configuration().organizationConfig.Name, 'contoso.example');
});
