import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { textOf } from '#parameters/parameter-type.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { searchAdminAuditLog } from '../admin-audit-log/search-admin-audit-log.ts';
import { outboundConnectorCmdlets } from './outbound-connector-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  const run = createRunner([...outboundConnectorCmdlets, searchAdminAuditLog], fixture);
  const get = async (Identity: string): Promise<PsObject | undefined> =>
    (await run('Get-OutboundConnector', { Identity })).objects[0];
  return { ...fixture, run, get };
}

const properties = (objects: Value | undefined): readonly (readonly [string, string, string])[] =>
  objectsOf(objects).map((object) => [
    text(object, 'Name'),
    text(object, 'OldValue'),
    text(object, 'NewValue'),
  ]);

const text = (object: PsObject | undefined, name: string): string => textOf(object?.get(name) ?? null) ?? '';

function objectsOf(value: Value | undefined): readonly PsObject[] {
  assert.ok(Array.isArray(value));
  return value.filter((item) => item instanceof PsObject);
}

test('every change is in the audit log: when, who, the command, old and new values, the version', async () => {
  const { run, get } = await start();
  await run('New-OutboundConnector', { Name: 'Contoso', RecipientDomains: 'contoso.com' });
  const line = 'set-outboundconnector contoso -smarthosts a.example -usemx $false';
  const asked = { Identity: 'contoso', SmartHosts: 'a.example', UseMXRecord: false };
  await run('Set-OutboundConnector', asked, { user: 'grace', line });
  const { objects } = await run('Search-AdminAuditLog', { ObjectIds: 'CONTOSO' });
  assert.deepEqual(
    objects.map((object) => object.get('CmdletName')),
    ['Set-OutboundConnector', 'New-OutboundConnector'],
  );
  const [latest] = objects;
  assert.equal(latest?.get('Caller'), 'grace');
  assert.equal(latest?.get('CommandLine'), line);
  assert.equal(latest?.get('ObjectVersion'), 2);
  assert.equal(latest?.get('ObjectGuid'), (await get('contoso'))?.get('Guid'));
  assert.deepEqual(properties(latest?.get('ModifiedProperties')), [
    ['UseMXRecord', 'True', 'False'],
    ['SmartHosts', '{}', '{a.example}'],
  ]);
  const parameters = objectsOf(latest?.get('CmdletParameters'));
  assert.deepEqual(
    parameters.map((one) => [one.get('Name'), one.get('Value')]),
    [
      ['Identity', 'contoso'],
      ['SmartHosts', 'a.example'],
      ['UseMXRecord', 'false'],
    ],
  );
});

test('the audit log is searched by cmdlet, parameter, user, time and object', async () => {
  const { run, now } = await start();
  await run('New-OutboundConnector', { Name: 'A', RecipientDomains: 'a.example' });
  await run('Set-OutboundConnector', { Identity: 'A', Comment: 'x' }, { user: 'grace' });
  const noon = new Date(now()).toISOString();
  await run('Set-OutboundConnector', { Identity: 'A', Name: 'B' });
  const versions = async (asked: Readonly<Record<string, Value>>) =>
    (await run('Search-AdminAuditLog', { ObjectIds: ['A', 'B'], ...asked })).objects.map((object) =>
      object.get('ObjectVersion'),
    );
  assert.deepEqual(await versions({}), [3, 2, 1]);
  assert.deepEqual(await versions({ ObjectIds: 'b' }), [3, 2, 1]);
  assert.deepEqual(await versions({ Cmdlets: ['set-outboundconnector'], Parameters: 'comment' }), [2]);
  assert.deepEqual(await versions({ UserIds: 'GRACE' }), [2]);
  assert.deepEqual(await versions({ EndDate: noon }), [2, 1]);
  assert.deepEqual(await versions({ StartDate: noon }), [3, 2]);
  const limited = await run('Search-AdminAuditLog', { ResultSize: 1 });
  assert.deepEqual([limited.objects.length, limited.warnings.length], [1, 1]);
  await assert.rejects(run('Search-AdminAuditLog', { Parameters: 'Comment' }), /Add -Cmdlets/);
  await assert.rejects(
    run('Search-AdminAuditLog', { StartDate: '2026-02-01', EndDate: '2026-01-01' }),
    /later than/,
  );
});

test('an old version comes back as a new one, and a mistake is undone', async () => {
  const { run, get } = await start();
  await run('New-OutboundConnector', { Name: 'Contoso', RecipientDomains: 'contoso.com', Comment: 'first' });
  await run('Set-OutboundConnector', { Identity: 'Contoso', UseMXRecord: false, SmartHosts: 'a.example' });
  await run('Set-OutboundConnector', { Identity: 'Contoso', Comment: 'third', RecipientDomains: '*' });
  await run('Restore-OutboundConnector', { Identity: 'Contoso', Version: 1 });
  let connector = await get('Contoso');
  assert.deepEqual(
    ['UseMXRecord', 'SmartHosts', 'RecipientDomains', 'Comment', 'DirectoryObjectVersion'].map((name) =>
      connector?.get(name),
    ),
    [true, [], ['contoso.com'], 'first', 4],
  );
  await run('Restore-OutboundConnector', { Identity: 'Contoso' });
  connector = await get('Contoso');
  assert.deepEqual([connector?.get('Comment'), connector?.get('DirectoryObjectVersion')], ['third', 5]);
  await assert.rejects(
    run('Restore-OutboundConnector', { Identity: 'Contoso', Version: 9 }),
    /has no version 9.*1, 2, 3, 4, 5/,
  );
  await assert.rejects(run('Restore-OutboundConnector', { Identity: 'Nobody' }), /couldn't be found/);
});

test('a removed connector comes back under its GUID, with its credential', async () => {
  const { run, get, directory } = await start();
  const made = await run('New-OutboundConnector', {
    Name: 'Relay',
    RecipientDomains: '*',
    UseMXRecord: false,
    SmartHosts: 'r.example',
    SmartHostCredential: table({ UserName: 'u', Password: 'p' }),
  });
  const guid = text(made.objects[0], 'Guid');
  const sealed = directory.configuration().outboundConnectors[0]?.SealedCredential;
  await run('Remove-OutboundConnector', { Identity: 'Relay', Confirm: false });
  const whatIf = await run('Restore-OutboundConnector', { Identity: 'relay', WhatIf: true });
  assert.match(whatIf.whatIf[0] ?? '', /"Restore" on target "Relay"/);
  assert.equal(directory.list(outboundConnectorObject).length, 0);
  await run('Restore-OutboundConnector', { Identity: 'relay' });
  const connector = await get('Relay');
  assert.deepEqual([connector?.get('Guid'), connector?.get('DirectoryObjectVersion')], [guid, 3]);
  assert.equal(text(connector, 'WhenCreatedUTC'), text(made.objects[0], 'WhenCreatedUTC'));
  assert.equal(directory.configuration().outboundConnectors[0]?.SealedCredential, sealed);
  await run('Remove-OutboundConnector', { Identity: 'Relay', Confirm: false });
  await run('New-OutboundConnector', { Name: 'Relay', RecipientDomains: 'x.example' });
  await assert.rejects(
    run('Restore-OutboundConnector', { Identity: guid }),
    /already an outbound connector named "Relay"/,
  );
});

test('a version is restored by the rules of today', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', { Name: 'A', RecipientDomains: 'a.example' });
  await run('Set-OutboundConnector', { Identity: 'A', Name: 'B' });
  await run('New-OutboundConnector', { Name: 'A', RecipientDomains: 'a.example' });
  await assert.rejects(
    run('Restore-OutboundConnector', { Identity: 'B', Version: 1 }),
    /already an outbound connector/,
  );
});
