import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import type { Value } from '#parameters/value.ts';
import { inboundConnectorCmdlets } from './inbound-connector-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  return { ...fixture, run: createRunner(inboundConnectorCmdlets, fixture) };
}

const EXCHANGE = { Name: 'Exchange', ConnectorType: 'OnPremises', SenderIPAddresses: '10.0.0.5' };

test('a fresh installation lets in programs of the same machine only', async () => {
  const { run } = await start();
  const { objects } = await run('Get-InboundConnector');
  const [local] = objects;
  assert.equal(objects.length, 1);
  assert.deepEqual(
    ['Name', 'ConnectorType', 'SenderIPAddresses', 'Enabled'].map((name) => local?.get(name)),
    ['Local submission', 'OnPremises', ['127.0.0.1', '::1'], true],
  );
});

test("Exchange's form of sender domains is read as domains, addresses in every form", async () => {
  const { run, directory } = await start();
  const { objects } = await run('New-InboundConnector', {
    ...EXCHANGE,
    SenderDomains: ['smtp:Contoso.com;1', 'smtp:*.fabrikam.com;1', 'smtp:*;1', 'contoso.com'],
    SenderIPAddresses: ['10.0.0.5', '10.1.2.3/24', '10.0.0.9-10.0.0.12', '2001:DB8::1', '10.0.0.5/32'],
  });
  assert.deepEqual(objects[0]?.get('SenderDomains'), ['Contoso.com', '*.fabrikam.com', '*']);
  const configured = directory.configuration().inboundConnectors.find(({ Name }) => Name === 'Exchange');
  assert.deepEqual(configured?.SenderDomains, [
    { kind: 'exact', domain: 'contoso.com' },
    { kind: 'subtree', domain: 'fabrikam.com' },
    { kind: 'any' },
  ]);
  assert.deepEqual(configured?.SenderIPAddresses, [
    '10.0.0.5',
    '10.1.2.0/24',
    '10.0.0.9-10.0.0.12',
    '2001:db8::1',
  ]);
});

const REFUSED: readonly (readonly [string | null, Readonly<Record<string, Value>>, RegExp])[] = [
  ['Name', { Name: 'LOCAL submission' }, /already an inbound connector/],
  ['SenderIPAddresses', { SenderIPAddresses: null }, /can be forged. Add -SenderIPAddresses/],
  ['SenderIPAddresses', { SenderIPAddresses: '10.0.0.300' }, /not an IP address/],
  ['SenderIPAddresses', { SenderIPAddresses: '10.0.0.9-10.0.0.1' }, /not an IP address/],
  ['SenderIPAddresses', { SenderIPAddresses: '0.0.0.0/0' }, /anybody could send mail to anybody.*-Force/],
  ['SenderDomains', { ConnectorType: 'Partner', SenderIPAddresses: null }, /whom this connector is for/],
  [
    'RestrictDomainsToIPAddresses',
    { SenderIPAddresses: null, TlsSenderCertificateName: 'a.example', RestrictDomainsToIPAddresses: true },
    /Add -SenderIPAddresses/,
  ],
  ['RestrictDomainsToCertificate', { RestrictDomainsToCertificate: true }, /Add -TlsSenderCertificateName/],
  ['CloudServicesMailEnabled', { ConnectorType: 'Partner', CloudServicesMailEnabled: true }, /OnPremises/],
  ['TlsSenderCertificateName', { TlsSenderCertificateName: 'a.*.example' }, /wildcard/],
];

for (const [parameter, parameters, message] of REFUSED) {
  test(`refused: ${JSON.stringify(parameters)}`, async () => {
    const { run, store } = await start();
    await run('New-InboundConnector', EXCHANGE);
    const before = store.records.length;
    const running = run('Set-InboundConnector', { Identity: 'Exchange', ...parameters });
    await assert.rejects(running, (error: Error & { parameter?: unknown }) => {
      assert.match(error.message, message);
      assert.equal(error.parameter, parameter);
      return true;
    });
    assert.equal(store.records.length, before);
  });
}

test('it is changed, trusted with cross-premises headers, and not made a partner while it is', async () => {
  const { run, directory } = await start();
  await run('New-InboundConnector', EXCHANGE);
  await run('Set-InboundConnector', {
    Identity: 'exchange',
    SenderIPAddresses: table({ Add: '10.0.0.6' }),
    CloudServicesMailEnabled: true,
  });
  assert.deepEqual(
    directory.configuration().inboundConnectors.find(({ Name }) => Name === 'Exchange')?.SenderIPAddresses,
    ['10.0.0.5', '10.0.0.6'],
  );
  await assert.rejects(
    run('Set-InboundConnector', { Identity: 'exchange', ConnectorType: 'Partner' }),
    /-CloudServicesMailEnabled \$false/,
  );
  await run('Set-InboundConnector', { Identity: 'exchange', SenderIPAddresses: '0.0.0.0/0', Force: true });
  await run('Remove-InboundConnector', { Identity: 'exchange', Confirm: false });
  assert.equal(directory.configuration().inboundConnectors.length, 1);
});
