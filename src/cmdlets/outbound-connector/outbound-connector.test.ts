import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createRunner, table } from '../../../test/support/cmdlet-runner.ts';
import type { RunCmdlet } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import type { DirectoryFixture } from '../../../test/support/directory-fixture.ts';
import type { Configuration } from '#directory/configuration.ts';
import { openCredential } from '#directory/credential-vault.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { DateTime } from '#parameters/date-time.ts';
import type { PsObject, Value } from '#parameters/value.ts';
import { CmdletError } from '../cmdlet-error.ts';
import { outboundConnectorCmdlets } from './outbound-connector-cmdlets.ts';

async function start(): Promise<DirectoryFixture & { readonly run: RunCmdlet }> {
  const fixture = await createDirectoryFixture();
  return { ...fixture, run: createRunner(outboundConnectorCmdlets, fixture) };
}

async function only(run: RunCmdlet, identity: string): Promise<PsObject> {
  const { objects } = await run('Get-OutboundConnector', { Identity: identity });
  const [object, ...others] = objects;
  assert.ok(object);
  assert.equal(others.length, 0);
  return object;
}

async function failure(running: Promise<unknown>): Promise<CmdletError> {
  const error = await running.then(
    () => assert.fail('no error'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CmdletError, String(error));
  return error;
}

const CONTOSO = { Name: 'Contoso Outbound Connector', RecipientDomains: 'contoso.com' };

test("the seed's example: from MX to a smart host", async () => {
  const { run, directory } = await start();
  await run('New-OutboundConnector', CONTOSO);
  const done = await run('Set-OutboundConnector', {
    Identity: 'Contoso Outbound Connector',
    UseMxRecord: false,
    SmartHosts: '192.168.0.1',
  });
  assert.deepEqual([done.output, done.warnings, done.errors], [[], [], []]);
  const connector = await only(run, 'contoso outbound connector');
  assert.equal(connector.get('UseMXRecord'), false);
  assert.deepEqual(connector.get('SmartHosts'), ['192.168.0.1']);
  assert.deepEqual(directory.configuration().outboundConnectors[0]?.SmartHosts, [
    { kind: 'address', address: '192.168.0.1', port: 25 },
  ]);
});

test("Get- shows every property in Exchange's order, and New- returns the same object", async () => {
  const { run } = await start();
  const made = (await run('New-OutboundConnector', CONTOSO)).objects[0];
  const connector = await only(run, CONTOSO.Name);
  assert.deepEqual(
    [...(made?.properties.entries() ?? [])].map(([name]) => name),
    [
      'Enabled',
      'UseMXRecord',
      'Comment',
      'ConnectorType',
      'ConnectorSource',
      'RecipientDomains',
      'SmartHosts',
      'TlsDomain',
      'TlsSettings',
      'IsTransportRuleScoped',
      'RouteAllMessagesViaOnPremises',
      'CloudServicesMailEnabled',
      'AllAcceptedDomains',
      'SenderRewritingEnabled',
      'MtaStsMode',
      'SmtpDaneMode',
      'TestMode',
      'LinkForModifiedConnector',
      'ValidationRecipients',
      'IsValidated',
      'LastValidationTimestamp',
      'HasSmartHostCredential',
      'AdminDisplayName',
      'ExchangeVersion',
      'DirectoryObjectVersion',
      'Name',
      'DistinguishedName',
      'Identity',
      'ObjectCategory',
      'ObjectClass',
      'WhenChanged',
      'WhenCreated',
      'WhenChangedUTC',
      'WhenCreatedUTC',
      'ExchangeObjectId',
      'OrganizationalUnitRoot',
      'OrganizationId',
      'Id',
      'Guid',
      'OriginatingServer',
      'IsValid',
      'ObjectState',
    ],
  );
  assert.deepEqual(connector, made);
  const values: Readonly<Record<string, Value>> = {
    Enabled: true,
    UseMXRecord: true,
    Comment: '',
    ConnectorType: 'Partner',
    ConnectorSource: 'Default',
    SmartHosts: [],
    RecipientDomains: ['contoso.com'],
    TlsDomain: null,
    TlsSettings: null,
    MtaStsMode: 'Opportunistic',
    SmtpDaneMode: 'Opportunistic',
    LinkForModifiedConnector: '00000000-0000-0000-0000-000000000000',
    IsValidated: false,
    LastValidationTimestamp: null,
    Identity: CONTOSO.Name,
    Id: CONTOSO.Name,
    HasSmartHostCredential: false,
    OriginatingServer: 'gateway.contoso.com',
    OrganizationId: 'contoso.com',
  };
  for (const [name, value] of Object.entries(values)) assert.deepEqual(connector.get(name), value, name);
  assert.equal(connector.get('Guid'), connector.get('ExchangeObjectId'));
});

test('Set- has every parameter of the seed, Identity first and from the pipeline', () => {
  const metadata = outboundConnectorCmdlets.find(({ name }) => name === 'Set-OutboundConnector')?.metadata;
  const names = new Set(metadata?.parameters.map(({ name }) => name));
  for (const name of [
    'Identity',
    'AllAcceptedDomains',
    'CloudServicesMailEnabled',
    'Comment',
    'ConnectorSource',
    'ConnectorType',
    'Enabled',
    'IsTransportRuleScoped',
    'IsValidated',
    'LastValidationTimestamp',
    'Name',
    'RecipientDomains',
    'RouteAllMessagesViaOnPremises',
    'SmartHosts',
    'TestMode',
    'TlsDomain',
    'TlsSettings',
    'UseMXRecord',
    'ValidationRecipients',
    'SenderRewritingEnabled',
    'MtaStsMode',
    'SmtpDaneMode',
  ]) {
    assert.ok(names.has(name), name);
  }
  assert.ok(!names.has('LinkForModifiedConnector'));
  assert.equal(metadata?.supportsShouldProcess, true);
  const identity = metadata?.parameters.find(({ name }) => name === 'Identity');
  assert.deepEqual([identity?.position, identity?.mandatory], [0, true]);
  assert.deepEqual(identity?.pipeline, { byValue: true, byPropertyName: true });
  for (const parameter of metadata?.parameters ?? [])
    assert.ok(parameter.description.length > 20, parameter.name);
});

test('an identity is a name, a distinguished name, a GUID or the object; unknown and $null are errors', async () => {
  const { run } = await start();
  const made = (await run('New-OutboundConnector', CONTOSO)).objects[0];
  assert.ok(made);
  let seen = 0;
  for (const identity of [
    made,
    made.get('Guid'),
    made.get('DistinguishedName'),
    'CONTOSO OUTBOUND CONNECTOR',
  ]) {
    await run('Set-OutboundConnector', { Identity: identity ?? null, Comment: `seen ${(seen += 1)}` });
  }
  assert.equal((await only(run, CONTOSO.Name)).get('DirectoryObjectVersion'), 5);
  const unknown = await failure(run('Set-OutboundConnector', { Identity: 'Contoso*', Comment: 'x' }));
  assert.equal(unknown.exception, 'ManagementObjectNotFoundException');
  assert.equal(
    unknown.message,
    "The operation couldn't be performed because object 'Contoso*' couldn't be found.",
  );
  assert.equal(unknown.category, 'ObjectNotFound');
  const missing = await failure(run('Get-OutboundConnector', { Identity: null }));
  assert.match(missing.message, /Identity.*null/);
});

const REFUSED: readonly (readonly [string, string, Readonly<Record<string, Value>>, RegExp])[] = [
  ['1', 'Name', { Name: 'x'.repeat(65) }, /65 characters; the maximum is 64/],
  ['1', 'Name', { Name: 'a/b' }, /\/ or \\/],
  ['1', 'Name', { Name: 'a\\b' }, /\/ or \\/],
  ['1', 'Name', { Name: ' a' }, /white space/],
  ['1', 'Name', { Name: 'a\tb' }, /control characters/],
  ['1', 'Name', { Name: 'OTHER' }, /already an outbound connector named "OTHER"/],
  ['3', 'RecipientDomains', { RecipientDomains: 'domain.*.contoso.com' }, /wildcard in the wrong place/],
  [
    '3',
    'TlsDomain',
    { TlsDomain: 'domain.*.contoso.com', TlsSettings: 'DomainValidation' },
    /wildcard in the wrong/,
  ],
  ['3', 'TlsDomain', { TlsDomain: '*', TlsSettings: 'DomainValidation' }, /any name/],
  ['4', 'SmartHosts', { SmartHosts: '10.0.0.0/16', UseMXRecord: false }, /limit is \/24/],
  ['4', 'SmartHosts', { SmartHosts: 'a.example:99999', UseMXRecord: false }, /port out of range/],
  ['5', 'SmartHosts', { UseMXRecord: false }, /Add -SmartHosts/],
  ['5', 'SmartHosts', { SmartHosts: 'a.example' }, /Add -UseMXRecord \$false/],
  [
    '6',
    'RouteAllMessagesViaOnPremises',
    { RouteAllMessagesViaOnPremises: true },
    /-ConnectorType OnPremises/,
  ],
  [
    '7',
    'SenderRewritingEnabled',
    { SenderRewritingEnabled: true },
    /can only be specified for Connector type OnPremises/,
  ],
  ['8', 'TlsDomain', { TlsDomain: 'contoso.com' }, /Add -TlsSettings DomainValidation/],
  ['9', 'RecipientDomains', { RecipientDomains: null }, /could never match/],
  ['14', 'LastValidationTimestamp', { LastValidationTimestamp: 'soon' }, /valid DateTime/],
  ['-', 'TlsSettings', { TlsSettings: 'Strong' }, /EncryptionOnly, CertificateValidation, DomainValidation/],
  [
    '-',
    'SmartHostCredential',
    { SmartHostCredential: table({ UserName: 'u', Password: 'p' }) },
    /-UseMXRecord \$false/,
  ],
];

for (const [rule, parameter, parameters, message] of REFUSED) {
  test(`refused by rule ${rule}, with nothing changed: ${JSON.stringify(parameters).slice(0, 70)}`, async () => {
    const { run, store } = await start();
    await run('New-OutboundConnector', CONTOSO);
    await run('New-OutboundConnector', { Name: 'Other', RecipientDomains: 'x.example' });
    const before = store.records.length;
    const error = await failure(run('Set-OutboundConnector', { Identity: CONTOSO.Name, ...parameters }));
    assert.match(error.message, message);
    assert.equal(error.parameter, parameter);
    assert.equal(store.records.length, before);
  });
}

test('rule 13: lists are replaced, changed and cleared; what is already so is a warning', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', CONTOSO);
  const set = (RecipientDomains: Value, more = {}) =>
    run('Set-OutboundConnector', { Identity: CONTOSO.Name, RecipientDomains, ...more });
  await set(['a.example', '*.b.example', 'A.EXAMPLE']);
  assert.deepEqual((await only(run, CONTOSO.Name)).get('RecipientDomains'), ['a.example', '*.b.example']);
  const { warnings } = await set(
    table({ Add: ['c.example', 'a.example'], Remove: ['*.b.example', 'd.example'] }),
  );
  assert.deepEqual((await only(run, CONTOSO.Name)).get('RecipientDomains'), ['a.example', 'c.example']);
  assert.equal(warnings.length, 2);
  await set(null, { IsTransportRuleScoped: true });
  assert.deepEqual((await only(run, CONTOSO.Name)).get('RecipientDomains'), []);
});

test('rule 14: a validation time is kept and returned in UTC', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', CONTOSO);
  for (const given of ['2016-05-06 14:30:00z', DateTime.fromUtcMilliseconds(Date.UTC(2016, 4, 6, 14, 30))]) {
    await run('Set-OutboundConnector', { Identity: CONTOSO.Name, LastValidationTimestamp: null });
    await run('Set-OutboundConnector', { Identity: CONTOSO.Name, LastValidationTimestamp: given });
    const shown = (await only(run, CONTOSO.Name)).get('LastValidationTimestamp');
    assert.ok(shown instanceof DateTime);
    assert.deepEqual([shown.kind, shown.toJSON()], ['Utc', '2016-05-06T14:30:00.0000000Z']);
  }
});

test('what Get- printed can be given to Set- and New- again', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', {
    Name: 'Full',
    ConnectorType: 'OnPremises',
    RouteAllMessagesViaOnPremises: true,
    UseMXRecord: false,
    SmartHosts: ['[2001:db8::1]:2525', '10.0.0.5/25', 'relay.bücher.example'],
    TlsSettings: 'DomainValidation',
    TlsDomain: '*.bücher.example',
    RecipientDomains: ['Bücher.example', '*'],
    Comment: 'x',
  });
  const connector = await only(run, 'Full');
  const given = Object.fromEntries(
    [...connector.properties.entries()].filter(([name]) =>
      ['New', 'both'].includes(
        (outboundConnectorObject.properties as Record<string, { takenBy: string }>)[name]?.takenBy ?? '',
      ),
    ),
  );
  assert.deepEqual(
    (await run('Set-OutboundConnector', { Identity: 'Full', ...without(given, 'LinkForModifiedConnector') }))
      .warnings,
    ["The command completed successfully but no settings of 'Full' have been modified."],
  );
  const copy = (await run('New-OutboundConnector', { ...given, Name: 'Copy' })).objects[0];
  for (const name of Object.keys(given)) assert.deepEqual(copy?.get(name), connector.get(name), name);
});

function without(object: Readonly<Record<string, Value>>, name: string): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

test('WhatIf makes every check, shows old and new values, and changes nothing', async () => {
  const { run, store } = await start();
  await run('New-OutboundConnector', CONTOSO);
  const before = store.records.length;
  const asked = {
    Identity: CONTOSO.Name,
    UseMXRecord: false,
    SmartHosts: ['a.example', '10.0.0.1'],
    WhatIf: true,
  };
  const { whatIf, output } = await run('Set-OutboundConnector', asked);
  assert.deepEqual(whatIf, [
    'What if: Performing the operation "Set" on target "Contoso Outbound Connector".',
    'What if: UseMXRecord: True -> False',
    'What if: SmartHosts: {} -> {a.example, 10.0.0.1}',
  ]);
  assert.deepEqual(output, []);
  await failure(run('Set-OutboundConnector', { Identity: CONTOSO.Name, UseMXRecord: false, WhatIf: true }));
  await run('New-OutboundConnector', { Name: 'Other', RecipientDomains: '*', WhatIf: true });
  await run('Remove-OutboundConnector', { Identity: CONTOSO.Name, WhatIf: true });
  assert.equal(store.records.length, before);
});

test('Confirm asks; Remove- asks by itself; where no prompt can be shown nothing happens', async () => {
  const { run, directory } = await start();
  await run('New-OutboundConnector', CONTOSO);
  const Identity = CONTOSO.Name;
  const asked = await run(
    'Set-OutboundConnector',
    { Identity, Comment: 'x', Confirm: true },
    { answer: 'No' },
  );
  assert.deepEqual(asked.prompts, ['Set Contoso Outbound Connector']);
  assert.equal((await only(run, Identity)).get('Comment'), '');
  await run('Set-OutboundConnector', { Identity, Comment: 'x', Confirm: true }, { answer: 'Yes' });
  assert.equal((await only(run, Identity)).get('Comment'), 'x');
  assert.equal((await failure(run('Remove-OutboundConnector', { Identity }))).errorId, 'PromptNotAvailable');
  await run('Remove-OutboundConnector', { Identity }, { answer: 'No' });
  assert.equal(directory.list(outboundConnectorObject).length, 1);
  await run('Remove-OutboundConnector', { Identity, Confirm: false });
  assert.equal(directory.list(outboundConnectorObject).length, 0);
});

test('connectors in test mode are left out with a warning unless they are asked for', async () => {
  const { run } = await start();
  await run('New-OutboundConnector', CONTOSO);
  await run('New-OutboundConnector', { Name: 'Probe', TestMode: true });
  await run('New-OutboundConnector', { Name: 'Scoped', IsTransportRuleScoped: true });
  const names = async (parameters: Readonly<Record<string, Value>>) => {
    const { objects, warnings } = await run('Get-OutboundConnector', parameters);
    return [objects.map((object) => object.get('Name')), warnings.length];
  };
  assert.deepEqual(await names({}), [['Contoso Outbound Connector', 'Scoped'], 1]);
  assert.deepEqual(await names({ IncludeTestModeConnectors: true }), [
    ['Contoso Outbound Connector', 'Probe', 'Scoped'],
    0,
  ]);
  assert.deepEqual(await names({ IsTransportRuleScoped: true }), [['Scoped'], 0]);
  assert.deepEqual(await names({ IsTransportRuleScoped: false }), [['Contoso Outbound Connector'], 1]);
  assert.deepEqual(await names({ Identity: 'Probe' }), [['Probe'], 0]);
  assert.deepEqual(await names({ ResultSize: 1, IncludeTestModeConnectors: true }), [
    ['Contoso Outbound Connector'],
    1,
  ]);
  const { warnings } = await run('Get-OutboundConnector');
  assert.match(
    warnings[0] ?? '',
    /^There is at least one test mode connector which is not included in the result\./,
  );
});

test('a credential is sealed for its connector, and shown and recorded nowhere', async () => {
  const fixture = await createDirectoryFixture(undefined, randomBytes(32));
  const run = createRunner(outboundConnectorCmdlets, fixture);
  const smart = { UseMXRecord: false, SmartHosts: 'relay.example' };
  const credential = table({ UserName: 'postern', Password: 'sesame-42' });
  const line = 'New-OutboundConnector Relay -SmartHostCredential @{UserName="postern"; Password="sesame-42"}';
  await run(
    'New-OutboundConnector',
    { Name: 'Relay', RecipientDomains: '*', ...smart, SmartHostCredential: credential },
    { line },
  );
  const connector = await only(run, 'Relay');
  assert.equal(connector.get('HasSmartHostCredential'), true);
  assert.equal(connector.get('SealedCredential'), undefined);
  const [kept] = fixture.directory.configuration().outboundConnectors;
  assert.deepEqual(openCredential(fixture.vault, kept?.SealedCredential ?? '', kept?.Guid ?? ''), {
    user: 'postern',
    password: 'sesame-42',
  });
  await run('Set-OutboundConnector', { Identity: 'Relay', SmartHostCredential: credential });
  assert.ok(!JSON.stringify(fixture.store.records).includes('sesame'));
  await run('Set-OutboundConnector', { Identity: 'Relay', SmartHostCredential: null });
  assert.equal((await only(run, 'Relay')).get('HasSmartHostCredential'), false);
});

test('the same name for two connectors at the same time: one is made, the other is refused', async () => {
  const { run, directory } = await start();
  const made = await Promise.allSettled([1, 2, 3].map(() => run('New-OutboundConnector', CONTOSO)));
  assert.deepEqual(made.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  assert.equal(directory.list(outboundConnectorObject).length, 1);
});

test('a store that refuses is an error that says that nothing was changed', async () => {
  const { run, store } = await start();
  store.failWith(new Error('the disk is full'));
  const error = await failure(run('New-OutboundConnector', CONTOSO));
  assert.match(error.message, /^Nothing was changed.*the disk is full/);
  assert.equal(error.status, 503);
});

test('10,000 connectors are made one by one without slowing down', { timeout: 120_000 }, async () => {
  const { run } = await start();
  const make = async (from: number, count: number): Promise<number> => {
    const started = performance.now();
    for (let index = from; index < from + count; index += 1) {
      await run('New-OutboundConnector', {
        Name: `C${index}`,
        RecipientDomains: [`d${index}.example`, `*.w${index}.example`],
      });
    }
    return performance.now() - started;
  };
  await make(0, 1000);
  const early = await make(1000, 1000);
  await make(2000, 7000);
  const late = await make(9000, 1000);
  assert.ok(late < 4 * early + 200, `${early} ms for a thousand at first, ${late} ms at the end`);
});

test('WhatIf asks what the change would do to mail, with the configuration before and after', async () => {
  const fixture = await createDirectoryFixture();
  const seen: string[][] = [];
  const names = (configuration: Configuration) =>
    configuration.outboundConnectors.map(({ Name }) => Name).join();
  const impact = (before: Configuration, after: Configuration): Promise<void> => {
    seen.push([names(before), names(after)]);
    return Promise.resolve();
  };
  const run = createRunner(outboundConnectorCmdlets, { ...fixture, impact });
  await run('New-OutboundConnector', CONTOSO);
  await run('Set-OutboundConnector', { Identity: CONTOSO.Name, Name: 'X', WhatIf: true });
  await run('Remove-OutboundConnector', { Identity: CONTOSO.Name, WhatIf: true });
  await run('Set-OutboundConnector', { Identity: CONTOSO.Name, Enabled: true, WhatIf: true });
  assert.deepEqual(seen, [
    ['Contoso Outbound Connector', 'X'],
    ['Contoso Outbound Connector', ''],
  ]);
});
