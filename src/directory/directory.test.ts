import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import type { MemoryStore } from '../../test/support/memory-store.ts';
import { applyConfigurationChange, combineChanges } from './configuration-change.ts';
import type { ConfigurationChange } from './configuration-change.ts';
import { createCredentialVault, CredentialVaultError } from './credential-vault.ts';
import { initialValues } from './declared-object.ts';
import { create, loadDirectory, remove, update } from './directory.ts';
import type { Directory } from './directory.ts';
import { createInitialObjects } from './initial-objects.ts';
import { mailObjectKinds } from './object-kinds.ts';
import { outboundConnectorObject } from './outbound-connector.ts';
import { transportConfigObject } from './transport-config.ts';

const vault = createCredentialVault(randomBytes(32));
const AUTHOR = { user: 'ada', cmdlet: 'Set-OutboundConnector', parameters: {}, line: '' };

async function openDirectory(store: MemoryStore): Promise<Directory> {
  let time = 1_700_000_000_000;
  const directory = await loadDirectory({
    store,
    vault,
    now: () => (time += 1000),
    newGuid: randomUUID,
    hostname: 'gateway.contoso.com',
    declarations: mailObjectKinds,
  });
  await createInitialObjects(directory, vault, 'contoso.com');
  return directory;
}

function connector(name: string, domains: readonly string[] = ['contoso.com']) {
  return { ...initialValues(outboundConnectorObject, name), RecipientDomains: domains };
}

test('a fresh store gets what an installation needs, once', async () => {
  const store = createMemoryStore();
  const configuration = (await openDirectory(store)).configuration();
  assert.equal(configuration.organizationConfig.Name, 'contoso.com');
  assert.equal(configuration.transportConfig.MessageExpirationTimeout, 86_400_000);
  assert.deepEqual(configuration.inboundConnectors[0]?.SenderIPAddresses, ['127.0.0.1', '::1']);
  assert.equal(Buffer.from(configuration.srsKeys[0] ?? '', 'base64').length, 32);
  assert.ok(!JSON.stringify(store.records).includes(configuration.srsKeys[0] ?? ''));
  const kept = store.records.length;
  assert.deepEqual({ ...(await openDirectory(store)).configuration(), revision: 1 }, configuration);
  assert.equal(store.records.length, kept);
});

test('an object is found by name, distinguished name and GUID, in any case, and by nothing else', async () => {
  const directory = await openDirectory(createMemoryStore());
  const guid = randomUUID();
  const [made] = await directory.commit(AUTHOR, () => [
    create(outboundConnectorObject, guid, connector('Contoso, East')),
  ]);
  assert.ok(made);
  const distinguishedName = directory.distinguishedName(made);
  assert.match(
    distinguishedName,
    /^CN=Contoso\\, East,CN=Transport Settings,CN=Configuration,CN=contoso\.com,/,
  );
  for (const identity of [
    'CONTOSO, east',
    guid.toUpperCase(),
    `{${guid}}`,
    distinguishedName.toLowerCase(),
  ]) {
    assert.equal(directory.find(outboundConnectorObject, identity), made, identity);
  }
  for (const identity of ['Contoso*', '', '*', 'Contoso', randomUUID(), `CN=x,${distinguishedName}`]) {
    assert.equal(directory.find(outboundConnectorObject, identity), null, identity);
  }
});

test('what was committed is there after a restart, with versions and times', async () => {
  const store = createMemoryStore();
  const directory = await openDirectory(store);
  const guid = randomUUID();
  await directory.commit(AUTHOR, () => [create(outboundConnectorObject, guid, connector('A'))]);
  const before = directory.get(outboundConnectorObject, guid);
  assert.ok(before);
  await directory.commit(AUTHOR, () => [update(outboundConnectorObject, before, connector('B', ['*']))]);
  const again = await openDirectory(store);
  const after = again.get(outboundConnectorObject, guid);
  assert.deepEqual(after, directory.get(outboundConnectorObject, guid));
  assert.equal(after?.version, 2);
  assert.equal(after?.whenCreated, before.whenCreated);
  assert.ok((after?.whenChanged ?? 0) > before.whenChanged);
  assert.equal(again.named(outboundConnectorObject, 'A'), null);
});

test('a change that the store refuses never happened, and the next one goes on', async () => {
  const store = createMemoryStore();
  const directory = await openDirectory(store);
  const before = directory.configuration();
  store.failWith(new Error('disk full'));
  const propose = () => [create(outboundConnectorObject, randomUUID(), connector('A'))];
  await assert.rejects(directory.commit(AUTHOR, propose), /disk full/);
  assert.equal(directory.configuration(), before);
  assert.equal(directory.named(outboundConnectorObject, 'a'), null);
  store.failWith(null);
  await directory.commit(AUTHOR, propose);
  assert.ok(directory.named(outboundConnectorObject, 'a'));
});

test('changes run one after another: each sees what the one before it did', async () => {
  const directory = await openDirectory(createMemoryStore());
  const guid = randomUUID();
  await directory.commit(AUTHOR, () => [create(outboundConnectorObject, guid, connector('A', []))]);
  const add = (domain: string) =>
    directory.commit(AUTHOR, () => {
      const before = directory.get(outboundConnectorObject, guid);
      assert.ok(before);
      const RecipientDomains = [...before.values.RecipientDomains, domain];
      return [update(outboundConnectorObject, before, { ...before.values, RecipientDomains })];
    });
  await Promise.all(['a.example', 'b.example', 'c.example'].map(add));
  const after = directory.get(outboundConnectorObject, guid);
  assert.deepEqual(after?.values.RecipientDomains, ['a.example', 'b.example', 'c.example']);
  assert.equal(after?.version, 4);
});

test('a stale proposal and a name that is taken are refused whole', async () => {
  const directory = await openDirectory(createMemoryStore());
  const [first] = await directory.commit(AUTHOR, () => [
    create(outboundConnectorObject, randomUUID(), connector('A')),
  ]);
  const object = directory.find(outboundConnectorObject, first?.guid ?? '');
  assert.ok(object);
  await directory.commit(AUTHOR, () => [update(outboundConnectorObject, object, connector('A', ['*']))]);
  await assert.rejects(
    directory.commit(AUTHOR, () => [remove(outboundConnectorObject, object)]),
    /changed meanwhile/,
  );
  const taken = () => [create(outboundConnectorObject, randomUUID(), connector('a'))];
  await assert.rejects(directory.commit(AUTHOR, taken), /exists/);
  assert.equal(directory.list(outboundConnectorObject).length, 1);
});

test('the changes that listeners get lead to the same configuration, one by one or together', async () => {
  const directory = await openDirectory(createMemoryStore());
  const start = structuredClone(directory.configuration());
  const changes: ConfigurationChange[] = [];
  const stop = directory.onChange(({ configuration }) => {
    if (configuration) changes.push(structuredClone(configuration));
  });
  for (const name of ['A', 'B', 'C']) {
    await directory.commit(AUTHOR, () => [create(outboundConnectorObject, randomUUID(), connector(name))]);
  }
  const [a, b] = ['A', 'B'].map((name) => directory.named(outboundConnectorObject, name));
  const config = directory.list(transportConfigObject)[0];
  assert.ok(a && b && config);
  await directory.commit(AUTHOR, () => [remove(outboundConnectorObject, a)]);
  await directory.commit(AUTHOR, () => [
    update(outboundConnectorObject, b, connector('B', ['*.fabrikam.com'])),
    update(transportConfigObject, config, { ...config.values, MaxHopCount: 30 }),
  ]);
  stop();
  const final = directory.configuration();
  assert.equal(final.transportConfig.MaxHopCount, 30);
  assert.deepEqual(changes.reduce(applyConfigurationChange, start), final);
  const together = combineChanges(changes);
  assert.ok(together);
  assert.deepEqual(applyConfigurationChange(start, together), final);
  assert.equal(final.revision, start.revision + changes.length);
});

test('10,000 connectors: a change costs no more than one of a few', { timeout: 60_000 }, async () => {
  const directory = await openDirectory(createMemoryStore());
  const change = async (index: number): Promise<void> => {
    const values = connector(`Connector ${index}`, [`d${index}.example`]);
    await directory.commit(AUTHOR, () => [create(outboundConnectorObject, randomUUID(), values)]);
  };
  const time = async (from: number, count: number): Promise<number> => {
    const started = performance.now();
    for (let index = from; index < from + count; index += 1) await change(index);
    return performance.now() - started;
  };
  await time(0, 1000);
  const early = await time(1000, 1000);
  await time(2000, 7000);
  const late = await time(9000, 1000);
  assert.ok(late < 5 * early + 200, `${early} ms for a thousand at first, ${late} ms at the end`);
});

test('what a change does not touch stays the same object, and a list that it does not touch the same list', async () => {
  const directory = await openDirectory(createMemoryStore());
  for (const name of ['A', 'B']) {
    await directory.commit(AUTHOR, () => [create(outboundConnectorObject, randomUUID(), connector(name))]);
  }
  const before = directory.configuration();
  const a = directory.named(outboundConnectorObject, 'A');
  assert.ok(a);
  await directory.commit(AUTHOR, () => [update(outboundConnectorObject, a, connector('A', ['*']))]);
  const after = directory.configuration();
  assert.notEqual(after.outboundConnectors[0], before.outboundConnectors[0]);
  assert.equal(after.outboundConnectors[1], before.outboundConnectors[1]);
  assert.equal(after.inboundConnectors, before.inboundConnectors);
  assert.equal(directory.configuration(), after);
});

test('a key file of another database is refused at once', async () => {
  const store = createMemoryStore();
  await openDirectory(store);
  const options = { store, now: Date.now, newGuid: randomUUID, hostname: 'h', declarations: mailObjectKinds };
  const other = createCredentialVault(randomBytes(32));
  await assert.rejects(loadDirectory({ ...options, vault: other }), CredentialVaultError);
});

test('a preview is the configuration that a commit would make, and keeps nothing', async () => {
  const directory = await openDirectory(createMemoryStore());
  await directory.commit(AUTHOR, () => [create(outboundConnectorObject, randomUUID(), connector('A'))]);
  const before = directory.configuration();
  const a = directory.named(outboundConnectorObject, 'A');
  const config = directory.list(transportConfigObject)[0];
  assert.ok(a && config);
  const proposals = [
    update(outboundConnectorObject, a, connector('B', ['*'])),
    update(transportConfigObject, config, { ...config.values, MaxHopCount: 30 }),
  ];
  const preview = directory.preview(proposals);
  assert.equal(directory.configuration(), before);
  assert.equal(preview.transportConfig.MaxHopCount, 30);
  await directory.commit(AUTHOR, () => proposals);
  assert.deepEqual(preview, directory.configuration());
});
