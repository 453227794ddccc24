// Published policies and TLS reports in the whole gateway: a domain whose policy nobody can meet gets no mail but the
// report that tells it so. What was counted survives a restart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type DueReport, printTlsReports, readTlsReports } from '#queue/kept-tls-reports.ts';
import { createAuthority, selfSigned } from '../support/certificates.ts';
import { startGateway, temporaryDirectory } from '../support/gateway.ts';
import { deferred, fakeExchangers, submit, testDns, traced } from '../support/mail-flow.ts';
import type { TestName } from '../support/test-dns.ts';
import { startWebServer } from '../support/web-server.ts';

const root = createAuthority();
const POLICY = 'version: STSv1\nmode: enforce\nmx: mx.enforced.test\nmax_age: 86400\n';

test('policies, and the report on them', async (t) => {
  const files = await temporaryDirectory(t);
  const data = await temporaryDirectory(t);
  await writeFile(join(files, 'roots.pem'), root.pem);
  const [mx, plain] = await fakeExchangers(t, 2, { tls: selfSigned().tls });
  assert.ok(mx !== undefined && plain !== undefined);
  const web = await startWebServer(
    {},
    root.issue({ dnsNames: ['mta-sts.enforced.test', 'reports.enforced.test'] }),
  );
  t.after(() => web.close());
  web.pages.set('/.well-known/mta-sts.txt', { body: POLICY, headers: { 'content-type': 'text/plain' } });
  const signed: TestName = { authenticated: true };
  const dns = await testDns(t, {
    'enforced.test': { MX: [[10, 'mx.enforced.test']] },
    'mx.enforced.test': { A: [mx.address] },
    'mta-sts.enforced.test': { A: ['127.0.0.1'] },
    'reports.enforced.test': { A: ['127.0.0.1'] },
    '_mta-sts.enforced.test': { TXT: ['v=STSv1; id=1;'] },
    '_smtp._tls.enforced.test': {
      TXT: [`v=TLSRPTv1; rua=mailto:tls@enforced.test,https://reports.enforced.test:${web.port}/v1`],
    },
    'dane.test': { ...signed, MX: [[10, 'mx.dane.test']] },
    'mx.dane.test': { ...signed, A: [plain.address] },
    [`_${plain.port}._tcp.mx.dane.test`]: {
      ...signed,
      TLSA: [{ usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32) }],
    },
  });
  const settings = {
    ca: join(files, 'roots.pem'),
    'crl-allow': '127.0.0.0/8',
    dns: `127.0.0.1:${dns.port}`,
    'mx-port': String(mx.port),
    'mta-sts-port': String(web.port),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const first = await startGateway(t, { data, flags });
  await first.run('Set-TransportConfig', {
    TlsReportingEnabled: true,
    TlsReportContact: 'tls-reports@contoso.test',
  });

  await t.test(
    'enforced MTA-STS and a TLSA record that doesn’t match hold the mail, each with its reason',
    async () => {
      const bySts = await submit(first, { to: ['<ben@enforced.test>'] });
      assert.match(await deferred(first, bySts), /4\.7\.320;.*\[Message=UntrustedRoot\]/);
      const byDane = await submit(first, { to: ['<ben@dane.test>'] });
      assert.match(await deferred(first, byDane), /4\.7\.320;.*\[Message=TlsaInvalid\]/);
      for (const host of [mx, plain])
        assert.equal(
          host.commands.some((line) => line.includes('MAIL')),
          false,
        );
      const { objects } = await first.run('Get-Queue');
      const errors = objects.map((queue) => queue.get('LastError'));
      assert.ok(errors.some((words) => typeof words === 'string' && words.includes('RFC 7672')));
    },
  );

  const kept = join(data, 'tls-reports.json');
  await t.test('what was counted is kept when the gateway stops', async () => {
    assert.equal(await first.stop(), 0);
    const text = readFileSync(kept, 'utf8');
    for (const words of [
      '"enforced.test"',
      '"dane.test"',
      'certificate-not-trusted',
      'tlsa-invalid',
      'mode: enforce',
    ])
      assert.ok(text.includes(words), words);
  });

  await t.test('the report goes out though the policy is not met, by mail and HTTPS', async () => {
    const { counting } = readTlsReports(readFileSync(kept, 'utf8'));
    const report = counting
      .filter(({ domain }) => domain === 'enforced.test')
      .map((one) => ({ ...one, day: '2026-01-01' }));
    assert.ok(report[0] !== undefined);
    const url = `https://reports.enforced.test:${web.port}/v1`;
    const due: readonly DueReport[] = [
      { report: report[0], place: { kind: 'mailto', address: 'tls@enforced.test' }, next: 0 },
      { report: report[0], place: { kind: 'https', url }, next: 0 },
    ];
    await writeFile(kept, printTlsReports({ counting: [], due }));
    web.pages.set('/v1', { status: 201 });
    const second = await startGateway(t, { data, flags });
    const isReport = ({ content }: { content: string }) => content.includes('report-type="tlsrpt"');
    // The domain's other mail rests meanwhile.
    await mx.until(() => mx.transactions.some(isReport));
    const sent = mx.transactions.find(isReport);
    assert.match(sent?.mail ?? '', /^<>/);
    assert.deepEqual(mx.transactions.filter((one) => !isReport(one)).length, 0);
    const [, encoded = ''] = /json\.gz"\r\n\r\n([\s\S]*?)\r\n--/.exec(sent?.content ?? '') ?? [];
    const json: unknown = JSON.parse(gunzipSync(Buffer.from(encoded, 'base64')).toString());
    assert.partialDeepStrictEqual(json, {
      'contact-info': 'tls-reports@contoso.test',
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'enforced.test', 'mx-host': ['mx.enforced.test'] },
          'failure-details': [
            { 'result-type': 'certificate-not-trusted', 'receiving-mx-hostname': 'mx.enforced.test' },
          ],
        },
      ],
    });
    while (!web.requests.includes('/v1')) await new Promise((resolve) => setTimeout(resolve, 10));
    const { objects } = await second.run('Get-MessageTraceV2', { RecipientAddress: ['tls@enforced.test'] });
    assert.equal(objects.length, 1);
    const id = objects[0]?.get('MessageTraceId');
    assert.ok(typeof id === 'string');
    await traced(second, id, 'Delivered');
  });
});
