// Validate-OutboundConnector in a running gateway: every host is looked at, and a real mail goes over the very connector.
// And the report on what connectors carried.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { textOf } from '#parameters/parameter-type.ts';
import { PsObject, type Value } from '#parameters/value.ts';
import { createAuthority } from '../support/certificates.ts';
import { table } from '../support/cmdlet-runner.ts';
import { type CmdletResult, startGateway, temporaryDirectory } from '../support/gateway.ts';
import { fakeExchangers, fakeMx, newConnector, submit, testDns, traced } from '../support/mail-flow.ts';

const wordsOf = (value: Value | undefined): string => textOf(value ?? null) ?? '';

/** `Connect ok`, `STARTTLS failed` … */
function outcomes({ objects }: CmdletResult): readonly string[] {
  return objects.map(
    (one) => `${wordsOf(one.get('TaskName'))} ${one.get('IsTaskSuccessful') === true ? 'ok' : 'failed'}`,
  );
}

function detailOf({ objects }: CmdletResult, task: string): string {
  return wordsOf(objects.find((one) => one.get('TaskName') === task)?.get('Detail'));
}

test('a connector is validated, whether it is in use or not', async (t) => {
  const root = createAuthority();
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'roots.pem'), root.pem);
  const identity = root.issue({ dnsNames: ['mail.fabrikam.test'] });
  const good = await fakeMx(t, { tls: { key: identity.keyPem, cert: identity.pem } });
  const clear = await fakeMx(t);
  const exchangers = await fakeExchangers(t, 2);
  const dns = await testDns(t, {
    'tailspin.test': {
      MX: [
        [1, 'a.tailspin.test'],
        [2, 'b.tailspin.test'],
      ],
    },
    'a.tailspin.test': { A: ['127.0.0.2'] },
    'b.tailspin.test': { A: ['127.0.0.3'] },
  });
  const gateway = await startGateway(t, {
    flags: [
      '--ca',
      join(directory, 'roots.pem'),
      '--dns',
      `127.0.0.1:${dns.port}`,
      '--mx-port',
      String(exchangers[0]?.port),
    ],
  });
  const validate = (parameters: Readonly<Record<string, Value>>): Promise<CmdletResult> =>
    gateway.run('Validate-OutboundConnector', parameters);
  await newConnector(gateway, 'Trial', ['fabrikam.test'], [good], {
    TestMode: true,
    TlsSettings: 'DomainValidation',
    TlsDomain: '*.fabrikam.test',
  });

  await t.test('in test mode, over verified TLS, to the final answer', async () => {
    const result = await validate({ Identity: 'Trial', Recipients: ['ben@fabrikam.test'] });
    assert.deepEqual(outcomes(result), [
      'Resolve ok',
      'Connect ok',
      'EHLO ok',
      'STARTTLS ok',
      'Certificate ok',
      'Send test email ok',
    ]);
    assert.match(detailOf(result, 'Certificate'), /mail\.fabrikam\.test.*satisfies DomainValidation/);
    const [transaction] = good.transactions;
    assert.equal(good.transactions.length, 1);
    assert.equal(transaction?.tls, true);
    assert.match(transaction?.mail ?? '', /^<connector-validation@/);
    assert.match(transaction?.content ?? '', /^Auto-Submitted: auto-generated\r$/m);
    const id = /MessageTraceId (\w+)/.exec(detailOf(result, 'Send test email'))?.[1] ?? '';
    const trace = await traced(gateway, id, 'Delivered');
    assert.equal(trace.objects[0]?.get('ConnectorName'), 'Trial');
    const steps = await gateway.run('Get-MessageTraceDetailV2', { MessageTraceId: id });
    assert.deepEqual(
      steps.objects.map((one) => one.get('Event')),
      ['Receive', 'Route', 'Attempt', 'Deliver'],
    );
    const shown = await gateway.run('Get-OutboundConnector', { Identity: 'Trial' });
    assert.deepEqual(
      [shown.objects[0]?.get('IsValidated'), shown.objects[0]?.get('LastValidationTimestamp')],
      [false, null],
    );
  });

  await t.test('-UpdateStatus keeps the result on the connector', async () => {
    await gateway.run('Set-OutboundConnector', {
      Identity: 'Trial',
      ValidationRecipients: ['ann@fabrikam.test'],
    });
    const whatIf = await validate({ Identity: 'Trial', UpdateStatus: true, WhatIf: true });
    assert.deepEqual(whatIf.objects, []);
    await validate({ Identity: 'Trial', UpdateStatus: true });
    assert.match(good.transactions.at(-1)?.recipients[0] ?? '', /^<ann@fabrikam\.test>/);
    const status = async (): Promise<Value | undefined> =>
      (await gateway.run('Get-OutboundConnector', { Identity: 'Trial' })).objects[0]?.get('IsValidated');
    assert.equal(await status(), true);
    good.behaviour.RCPT = '550 5.1.1 no such mailbox';
    const failed = await validate({ Identity: 'Trial', UpdateStatus: true });
    assert.equal(outcomes(failed).at(-1), 'Send test email failed');
    assert.match(detailOf(failed, 'Send test email'), /^127\.0\.0\.1:\d+: 550 5\.1\.1 no such mailbox/);
    assert.equal(await status(), false);
    delete good.behaviour.RCPT;
    assert.deepEqual((await gateway.run('Get-Queue')).objects, []);
  });

  await t.test('what is wrong is told where it is wrong', async () => {
    await newConnector(gateway, 'Strict', ['strict.test'], [clear, '127.0.0.1:9'], {
      TlsSettings: 'EncryptionOnly',
    });
    const result = await validate({ Identity: 'Strict', Recipients: ['a@strict.test'] });
    assert.deepEqual(
      [...outcomes(result)].sort((a, b) => (a < b ? -1 : 1)),
      [
        'Connect failed',
        'Connect ok',
        'EHLO ok',
        'Resolve ok',
        'Resolve ok',
        'STARTTLS failed',
        'Send test email failed',
      ],
    );
    assert.match(detailOf(result, 'STARTTLS'), /4\.4\.317.*does not offer STARTTLS/);
    assert.equal(clear.transactions.length, 0);
    const wrong = await fakeMx(t, { tls: { key: identity.keyPem, cert: identity.pem } });
    await newConnector(gateway, 'Wrong name', ['wrong.test'], [wrong], {
      TlsSettings: 'DomainValidation',
      TlsDomain: 'mail.wrong.test',
    });
    const named = await validate({ Identity: 'Wrong name', Recipients: ['a@wrong.test'] });
    assert.deepEqual(outcomes(named).slice(-3), [
      'STARTTLS ok',
      'Certificate failed',
      'Send test email failed',
    ]);
    assert.match(detailOf(named, 'Certificate'), /4\.7\.320.*SubjectMismatch/);
  });

  await t.test('the credential of a connector is tried', async () => {
    const safe = await fakeMx(t, {
      tls: { key: identity.keyPem, cert: identity.pem },
      capabilities: ['PIPELINING', 'AUTH PLAIN LOGIN'],
    });
    await newConnector(gateway, 'Signed in', ['signed.test'], [safe], {
      SmartHostCredential: table({ UserName: 'postern', Password: 'right' }),
    });
    const accepted = await validate({ Identity: 'Signed in', Recipients: ['a@signed.test'] });
    assert.deepEqual(outcomes(accepted).slice(-3), ['Certificate ok', 'AUTH ok', 'Send test email ok']);
    safe.behaviour.AUTH = '535 5.7.8 wrong password';
    const refused = await validate({ Identity: 'Signed in', Recipients: ['a@signed.test'] });
    assert.deepEqual(outcomes(refused).slice(-3), [
      'Certificate ok',
      'AUTH failed',
      'Send test email failed',
    ]);
    assert.match(detailOf(refused, 'AUTH'), /535 5\.7\.8 wrong password/);
  });

  await t.test('a connector that leads back to the gateway is found out', async () => {
    await newConnector(gateway, 'Circle', ['circle.test'], [`127.0.0.1:${gateway.smtp.port}`]);
    const result = await validate({ Identity: 'Circle', Recipients: ['a@circle.test'] });
    assert.deepEqual(outcomes(result), ['Resolve ok', 'Policy failed', 'Send test email failed']);
    assert.match(detailOf(result, 'Policy'), /5\.4\.6.*this gateway itself/);
  });

  await t.test('mail exchangers of the recipient, also over a disabled connector', async () => {
    await gateway.run('New-OutboundConnector', {
      Name: 'By MX',
      RecipientDomains: ['other.test'],
      Enabled: false,
    });
    const result = await validate({
      Identity: 'By MX',
      Recipients: ['x@tailspin.test'],
      Sender: 'me@contoso.test',
    });
    assert.deepEqual(outcomes(result), [
      'Resolve ok',
      'Connect ok',
      'EHLO ok',
      'STARTTLS ok',
      'Resolve ok',
      'Connect ok',
      'EHLO ok',
      'STARTTLS ok',
      'Send test email ok',
    ]);
    const targets = new Set(result.objects.map((one) => wordsOf(one.get('Target')).split(' ')[0]));
    assert.deepEqual([...targets], ['a.tailspin.test', 'b.tailspin.test', 'x@tailspin.test']);
    assert.match(exchangers[0]?.transactions[0]?.mail ?? '', /^<me@contoso\.test>/);
    const nowhere = await validate({ Identity: 'By MX', Recipients: ['x@nowhere.test'] });
    assert.deepEqual(outcomes(nowhere), ['Resolve failed', 'Send test email failed']);
    await assert.rejects(validate({ Identity: 'By MX' }), /has no ValidationRecipients/);
  });
});

test('the report tells how the mail of each connector fared', async (t) => {
  const root = createAuthority();
  const identity = root.issue({ dnsNames: ['mail.fabrikam.test'] });
  const host = await fakeMx(t, { tls: { key: identity.keyPem, cert: identity.pem } });
  const clear = await fakeMx(t, {
    behaviour: { RCPT: (text) => (text.includes('<gone') ? '550 5.1.1 unknown user' : null) },
  });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'Safe', ['fabrikam.test'], [host], { TlsSettings: 'EncryptionOnly' });
  await newConnector(gateway, 'Plain', ['tailspin.test'], [clear]);
  await newConnector(gateway, 'Down', ['down.test'], ['127.0.0.1:9']);
  await newConnector(gateway, 'Unused', ['unused.test'], [host]);
  const safe = await submit(gateway, { to: ['<a@fabrikam.test>', '<b@fabrikam.test>'] });
  const plain = await submit(gateway, { from: '<>', to: ['<a@tailspin.test>'] });
  const gone = await submit(gateway, { from: '<>', to: ['<gone1@tailspin.test>', '<gone2@tailspin.test>'] });
  await submit(gateway, { from: '<>', to: ['<a@down.test>'] });
  await traced(gateway, safe, 'Delivered');
  await traced(gateway, plain, 'Delivered');
  await traced(gateway, gone, 'Failed');
  await gateway.runUntil('Get-Queue', {}, ({ objects }) => objects[0]?.get('Status') === 'Retry');

  const { objects } = await gateway.run('Get-OutboundConnectorReport');
  const rows = objects.map((one) =>
    ['ConnectorName', 'Messages', 'Delivered', 'Failed', 'Pending', 'ProtectionMet'].map((name) =>
      one.get(name),
    ),
  );
  assert.deepEqual(rows, [
    ['Down', 1, 0, 0, 1, null],
    ['Plain', 2, 1, 2, 0, true],
    ['Safe', 1, 2, 0, 0, true],
    ['Unused', 0, 0, 0, 0, null],
  ]);
  const reasons = (name: string): readonly Value[] => {
    const found = objects.find((one) => one.get('ConnectorName') === name)?.get('TopFailureReasons');
    return Array.isArray(found)
      ? found.map((one) => (one instanceof PsObject ? (one.get('Reason') ?? null) : null))
      : [];
  };
  assert.deepEqual(reasons('Plain'), ['550 5.1.1 unknown user']);
  assert.match(wordsOf(reasons('Down')[0]), /refused/);

  await gateway.run('Set-OutboundConnector', { Identity: 'Plain', TlsSettings: 'EncryptionOnly' });
  const [unmet] = (await gateway.run('Get-OutboundConnectorReport', { Identity: 'plain' })).objects;
  assert.deepEqual([unmet?.get('ProtectionMet'), unmet?.get('DeliveredInClearText')], [false, 1]);
  const past = await gateway.run('Get-OutboundConnectorReport', {
    Identity: 'Safe',
    StartDate: '2020-01-01',
    EndDate: '2020-01-02',
  });
  assert.deepEqual([past.objects[0]?.get('Messages'), past.objects[0]?.get('LastUse')], [0, null]);
});
