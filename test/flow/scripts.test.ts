// Connector scripts as administrators and vendors write them (test/scripts), run unchanged by the console against a running
// gateway: what they print, what they leave configured, and nothing more when they run again where they promise it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { textOf } from '#parameters/parameter-type.ts';
import type { Value } from '#parameters/value.ts';
import { type ConsoleOptions, type ConsoleResult, runConsole } from '../support/console.ts';
import { type Gateway, startGateway, temporaryDirectory } from '../support/gateway.ts';

const scripts = join(import.meta.dirname, '..', 'scripts');

interface Bench {
  readonly gateway: Gateway;
  readonly directory: string;
  run(script: string, args?: readonly string[], options?: ConsoleOptions): Promise<ConsoleResult>;
  /** The properties of a connector. */
  connector(name: string): Promise<Readonly<Record<string, Value>>>;
  make(name: string, more?: Readonly<Record<string, Value>>): Promise<void>;
  /** Cmdlets that changed something, as the audit log has them. */
  changes(): Promise<readonly string[]>;
}

async function bench(t: TestContext): Promise<Bench> {
  const gateway = await startGateway(t);
  const directory = await temporaryDirectory(t);
  const properties = (object: { properties: { entries(): Iterable<readonly [string, Value]> } }) =>
    Object.fromEntries(object.properties.entries());
  return {
    gateway,
    directory,
    run: (script, args = [], options = {}) =>
      runConsole(['--data', gateway.data, join(scripts, script), ...args], { cwd: directory, ...options }),
    async connector(name) {
      const found = await gateway.run('Get-OutboundConnector', {
        Identity: name,
        IncludeTestModeConnectors: true,
      });
      return properties(found.objects[0] ?? assert.fail(`no connector ${name}`));
    },
    async make(name, more = {}) {
      await gateway.run('New-OutboundConnector', {
        Name: name,
        RecipientDomains: [`${name.toLowerCase().replaceAll(/\W+/g, '-')}.test`],
        ...more,
      });
    },
    async changes() {
      const { objects } = await gateway.run('Search-AdminAuditLog');
      return objects.map((object) => textOf(object.get('CmdletName') ?? null) ?? '');
    },
  };
}

/** Warnings and prompts stand on standard error; nothing else may. */
function assertDone(result: ConsoleResult, code = 0): void {
  assert.equal(result.code, code, `exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  const others = result.stderr.split('\n').filter((line) => !/^$|^WARNING: |: $/.test(line));
  assert.deepEqual(others, [], result.stdout);
}

const TEST_MODE = /^WARNING: There is at least one test mode connector[^\n]*\n$/;

test('the hybrid wizard makes both directions, and may run again', async (t) => {
  const { run, connector, gateway, changes } = await bench(t);
  const args = [
    '-OnPremisesHosts',
    'edge1.contoso.test,edge2.contoso.test',
    '-CertificateName',
    'mail.contoso.test',
    '-Domains',
    'contoso.test,fabrikam.test',
  ];
  const first = await run('01-hybrid-wizard.ps1', args);
  assertDone(first);
  assert.match(first.stdout, /\[\d\d:\d\d\] Creating Outbound to f3b1c7de\n/);
  assert.match(first.stdout, /\[\d\d:\d\d\] Created Inbound from f3b1c7de\n/);
  assert.match(
    first.stdout,
    /\nName {6}: Outbound to f3b1c7de\nEnabled {3}: True\nHosts {5}: edge1\.contoso\.test;edge2\.contoso\.test\nTlsDomain : mail\.contoso\.test\n/,
  );
  const outbound = await connector('Outbound to f3b1c7de');
  assert.deepEqual(outbound['SmartHosts'], ['edge1.contoso.test', 'edge2.contoso.test']);
  assert.deepEqual(outbound['RecipientDomains'], ['contoso.test', 'fabrikam.test']);
  assert.equal(outbound['TlsSettings'], 'DomainValidation');
  assert.equal(outbound['CloudServicesMailEnabled'], true);
  assert.equal(outbound['RouteAllMessagesViaOnPremises'], false);
  assert.equal(outbound['Comment'], 'Made by the hybrid set-up for contoso.test, fabrikam.test');
  const [inbound] = (await gateway.run('Get-InboundConnector', { Identity: 'Inbound from f3b1c7de' }))
    .objects;
  assert.equal(inbound?.get('RequireTls'), true);

  const before = (await changes()).filter((name) => name.startsWith('New-')).length;
  const second = await run('01-hybrid-wizard.ps1', args);
  assertDone(second);
  assert.match(second.stdout, /Updating Outbound to f3b1c7de[^]*Updated Inbound from f3b1c7de/);
  assert.equal((await changes()).filter((name) => name.startsWith('New-')).length, before);
  const again = await connector('Outbound to f3b1c7de');
  assert.deepEqual(again['SmartHosts'], outbound['SmartHosts']);

  const missing = await run('01-hybrid-wizard.ps1', ['-CertificateName', 'x.test']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /OnPremisesHosts/);
});

test('the signature service asks, makes rule, connectors and group, and removes them', async (t) => {
  const { run, connector, gateway } = await bench(t);
  const declined = await run('02-signature-service.ps1', [], { input: 'n\n' });
  assertDone(declined, 1);
  assert.match(declined.stderr, /WARNING: Nothing was changed\./);
  assert.equal((await gateway.run('Get-TransportRule')).objects.length, 0);
  for (let nth = 0; nth < 2; nth += 1) {
    const done = await run('02-signature-service.ps1', ['-Tenant', 'fabrikam'], { input: 'yes\n' });
    assertDone(done);
    assert.match(
      done.stdout,
      /\nDone: Identify messages to send to the signature service -> fabrikam\.eu\.signature\.test\n$/,
    );
    const send = await connector('Send to signature service');
    assert.equal(send['IsTransportRuleScoped'], true);
    assert.equal(send['TlsDomain'], '*.eu.signature.test');
    const rules = (await gateway.run('Get-TransportRule')).objects;
    assert.equal(rules.length, 1);
    assert.equal(rules[0]?.get('RouteMessageOutboundConnector'), 'Send to signature service');
    assert.equal(rules[0]?.get('ExceptIfMessageSizeOver'), '22.5 MB (23,592,960 bytes)');
    assert.equal(rules[0]?.get('SetAuditSeverity'), 'DoNotAudit');
  }
  assertDone(await run('02-signature-service.ps1', ['-Uninstall']));
  for (const cmdlet of ['Get-TransportRule', 'Get-InboundConnector', 'Get-OutboundConnector'])
    for (const { properties } of (await gateway.run(cmdlet)).objects)
      assert.doesNotMatch(textOf(properties.get('Name') ?? null) ?? '', /signature/, cmdlet);
});

test('the archive: begin, process and end, classes of .NET, sizes', async (t) => {
  const { run, connector, gateway } = await bench(t);
  const first = await run('03-archive.ps1', ['journal@archive.test']);
  assertDone(first);
  assert.equal(first.stdout, 'limit: 157286400\nInfo: 2\n');
  assert.deepEqual((await connector('Archive (archive.test)'))['SmartHosts'], [
    'archive01.archive.test',
    'archive02.archive.test',
    'archive03.archive.test',
  ]);
  const [rule] = (await gateway.run('Get-TransportRule')).objects;
  assert.deepEqual(rule?.get('BlindCopyTo'), ['journal@archive.test']);
  const second = await run('03-archive.ps1', ['journal@archive.test', '-MaxSizeMB', '20', '-Verbose']);
  assertDone(second);
  assert.equal(second.stdout, 'limit: 20971520\nWarn: 2\n');
  assert.equal(second.stderr, 'WARNING: Archive (archive.test) is there\nWARNING: The rule is there\n');
  const wrong = await run('03-archive.ps1', ['@']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /'@' is no address\./);
});

test('partners from a CSV file: a try with -WhatIf, then each with its result', async (t) => {
  const { run, connector, directory, gateway } = await bench(t);
  const file = join(directory, 'partners.csv');
  writeFileSync(
    file,
    '"Name";"Domains";"Tls";"Certificate";"Hosts"\n' +
      'Fabrikam ;"fabrikam.test, *.fabrikam.test";DomainValidation;*.fabrikam.test;\n' +
      'Woodgrove;woodgrove.test;CertificateValidation;;mx1.woodgrove.test,mx2.woodgrove.test\n' +
      'Wrong;wrong.test;Perhaps;;\n',
  );
  const tried = await run('04-partner-tls.ps1', ['-Path', file, '-WhatIf']);
  assertDone(tried);
  assert.match(tried.stdout, /What if: .*Partner - Fabrikam/);
  assert.equal((await gateway.run('Get-OutboundConnector')).objects.length, 0);
  const done = await run('04-partner-tls.ps1', ['-Path', file]);
  assertDone(done);
  assert.match(done.stdout, /Partner - Wrong : .*EncryptionOnly, CertificateValidation, DomainValidation/);
  assert.match(
    done.stdout,
    /\nName {16}Action Status\n-{4} {16}-{6} -{6}\nPartner - Fabrikam {2}New {4}OK\nPartner - Woodgrove New {4}OK\n/,
  );
  assert.match(done.stderr, /^WARNING: 1 of 3 partners could not be set up\.\n$/);
  assert.deepEqual((await connector('Partner - Fabrikam'))['RecipientDomains'], [
    'fabrikam.test',
    '*.fabrikam.test',
  ]);
  assert.deepEqual((await connector('Partner - Woodgrove'))['SmartHosts'], [
    'mx1.woodgrove.test',
    'mx2.woodgrove.test',
  ]);
  const again = await run('04-partner-tls.ps1', ['-Path', file]);
  assert.match(again.stdout, /\nPartner - Fabrikam {2}Set {4}OK\n/);
  const nowhere = await run('04-partner-tls.ps1', ['-Path', join(directory, 'nowhere.csv')]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /Cannot validate argument on parameter 'Path'/);
});

test('smart hosts with fail-over: a secret from standard input, test mode first', async (t) => {
  const { run, connector, changes } = await bench(t);
  const first = await run('05-smart-host-fail-over.ps1', ['-User', 'contoso'], { input: 'p4ss:wörd\n' });
  assertDone(first);
  assert.match(
    first.stdout,
    /1\. relay1\.provider\.test:587\n2\. relay2\.provider\.test:587\nSigns in: True\n$/,
  );
  assert.doesNotMatch(first.stdout + first.stderr, /p4ss/);
  assert.equal((await connector('Relay with fail-over'))['TestMode'], false);
  const second = await run('05-smart-host-fail-over.ps1', [], { input: 'other\n' });
  assertDone(second);
  assert.match(second.stdout, /Relay with fail-over exists; only its hosts are brought up to date\.\n/);
  assert.equal((await changes()).filter((name) => name === 'New-OutboundConnector').length, 1);
});

test('a template is rolled out over many connectors, once', async (t) => {
  const { run, connector, make, changes } = await bench(t);
  await make('Template', {
    TlsSettings: 'DomainValidation',
    TlsDomain: '*.branch.test',
    Comment: 'As agreed',
    TestMode: true,
  });
  for (let nth = 1; nth <= 30; nth += 1) await make(`Branch ${nth}`);
  await make('Head office');
  const tried = await run('06-template-roll-out.ps1', ['-WhatIf']);
  assertDone(tried);
  assert.equal(
    tried.stdout.match(
      /^What if: Performing the operation "Set Comment, TlsDomain, TlsSettings" on target "Branch \d+"\.$/gm,
    )?.length,
    30,
  );
  assert.equal((await connector('Branch 7'))['Comment'], '');
  const done = await run('06-template-roll-out.ps1');
  assertDone(done);
  assert.match(done.stderr, TEST_MODE);
  assert.equal(done.stdout, "30 connectors follow 'Template'.\n30 changed.\n");
  assert.equal((await connector('Branch 7'))['TlsDomain'], '*.branch.test');
  assert.equal((await connector('Head office'))['Comment'], '');
  const before = (await changes()).length;
  const again = await run('06-template-roll-out.ps1');
  assertDone(again);
  assert.equal(again.stdout, "30 connectors follow 'Template'.\n0 changed.\n");
  assert.equal((await changes()).length, before);
});

test('present or absent, and the second run does nothing', async (t) => {
  const { run, connector, make, changes, gateway } = await bench(t);
  await make('Old relay');
  await make('Fabrikam', { RecipientDomains: ['fabrikam.test'] });
  const first = await run('07-ensure.ps1');
  assertDone(first);
  assert.equal(
    first.stdout,
    'changed Fabrikam: RecipientDomains, TlsSettings\ncreated Woodgrove\nremoved Old relay\n3 changes\n',
  );
  assert.equal((await connector('Woodgrove'))['Enabled'], false);
  assert.equal((await gateway.run('Get-OutboundConnector')).objects.length, 2);
  const before = (await changes()).length;
  const second = await run('07-ensure.ps1');
  assertDone(second);
  assert.equal(second.stdout, '0 changes\n');
  assert.equal((await changes()).length, before);
});

test('a report to CSV', async (t) => {
  const { run, make, directory } = await bench(t);
  await make('Fabrikam', { TlsSettings: 'EncryptionOnly', RecipientDomains: ['a.test', 'b.test', 'c.test'] });
  await make('Ünï, "quoted"', {
    UseMXRecord: false,
    SmartHosts: ['mx1.x.test', '192.0.2.1'],
    RecipientDomains: ['x.test'],
  });
  await make('Off', { Enabled: false });
  const done = await run('08-report-to-csv.ps1', ['-Out', 'report.csv']);
  assertDone(done);
  assert.match(done.stdout, /^3 connectors, 5 domains, at most 3 in one; written to report\.csv\n/);
  assert.match(done.stdout, /\n *2 Opportunistic\n *1 EncryptionOnly\n/);
  assert.equal(
    readFileSync(join(directory, 'report.csv'), 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n'),
    '"Name","Enabled","Route","Domains","Protection","AgeDays"\n' +
      '"Fabrikam","True","MX","3","EncryptionOnly","0"\n' +
      '"Ünï, ""quoted""","True","mx1.x.test; 192.0.2.1","1","Opportunistic","0"\n' +
      '"Off","False","MX","1","Opportunistic","0"\n',
  );
  assertDone(await run('08-report-to-csv.ps1'));
});

test('an audit of unprotected connectors; its exit code counts the bad ones', async (t) => {
  const { run, make, connector } = await bench(t);
  await make('Good', { TlsSettings: 'DomainValidation', TlsDomain: 'good.test' });
  await make('Fair', { TlsSettings: 'CertificateValidation' });
  await make('Poor', { TlsSettings: 'EncryptionOnly' });
  await make('Bad', { RecipientDomains: ['b1.test', 'b2.test', 'b3.test'] });
  await make('Off', { Enabled: false });
  const found = await run('09-audit-unprotected.ps1');
  assertDone(found, 1);
  assert.equal(
    found.stdout,
    '\nConnector Severity Domains\n--------- -------- -------\nBad       High     b1.test, b2.test\nPoor      Medium   poor.test\nFair      Low      fair.test\n\n',
  );
  const fixed = await run('09-audit-unprotected.ps1', ['-Fix', '-Level', 'CertificateValidation']);
  assert.match(fixed.stdout, /\nBad: now CertificateValidation\n$/);
  assert.equal((await connector('Bad'))['TlsSettings'], 'CertificateValidation');
  assertDone(await run('09-audit-unprotected.ps1'), 0);
  const wrong = await run('09-audit-unprotected.ps1', ['-Level', 'None']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /Level[^]*EncryptionOnly,CertificateValidation/);
});

test('a bulk rename: asks, refuses doubles, goes on after errors', async (t) => {
  const { run, make, gateway } = await bench(t);
  for (const name of ['OLD Fabrikam', 'OLD Woodgrove', 'Contoso']) await make(name);
  const cancelled = await run('10-bulk-rename.ps1', ['^OLD\\s+', ''], { input: 'n\n' });
  assertDone({ ...cancelled, stderr: '' }, 2);
  assert.match(cancelled.stdout, /OLD Fabrikam {2}Fabrikam\n/);
  assert.match(cancelled.stdout, /Cancelled\.\n$/);
  const done = await run('10-bulk-rename.ps1', ['^OLD\\s+', ''], { input: 'y\n' });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /2 renamed\n$/);
  const names = (await gateway.run('Get-OutboundConnector')).objects.map((object) => object.get('Name'));
  assert.deepEqual(names, ['Contoso', 'Fabrikam', 'Woodgrove']);
  const again = await run('10-bulk-rename.ps1', ['^OLD\\s+', '', '-Force']);
  assertDone(again);
  assert.equal(again.stdout, 'Nothing to rename.\n');
  const doubles = await run('10-bulk-rename.ps1', ['^(Fabrikam|Woodgrove)$', 'Same', '-Force']);
  assert.equal(doubles.code, 1);
  assert.match(doubles.stderr, /These names would be there twice: Same/);
  const taken = await run('10-bulk-rename.ps1', ['^Fabrikam$', 'Contoso', '-Force']);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /Fabrikam: .*Contoso/);
  assert.match(taken.stdout, /0 renamed\n$/);
});
