import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildTlsReport, readTlsReportRecord } from './tls-report.ts';
import { createTlsReportCollector, plainTally, restoreTally, type TlsSession } from './tls-tally.ts';

const policy = {
  type: 'sts',
  text: ['version: STSv1', 'mode: testing'],
  mxHosts: ['*.mail.company-y.example'],
} as const;
const failure = {
  type: 'certificate-expired',
  receivingMx: 'mx1.mail.company-y.example',
  receivingAddress: '203.0.113.56',
  sendingAddress: '2001:db8:abcd:12::1',
  detail: 'expired',
} as const;
const good: TlsSession = { domain: 'company-y.example', policy, failure: null };

test('sessions are counted per day, domain and policy, and reported as RFC 8460 §4.4 has it', () => {
  let now = Date.UTC(2016, 3, 1, 10);
  const collector = createTlsReportCollector(() => now);
  for (let i = 0; i < 5; i++) collector.record(good);
  for (let i = 0; i < 3; i++) collector.record({ ...good, failure });
  collector.record({ ...good, failure: { ...failure, type: 'starttls-not-supported' } });
  collector.record({
    domain: 'other.example',
    policy: { type: 'no-policy-found', text: [], mxHosts: [] },
    failure: null,
  });
  now += 24 * 3_600_000;
  collector.record(good);
  const reports = collector.takeBefore('2016-04-02');
  assert.deepEqual(
    reports.map((report) => `${report.day} ${report.domain}`),
    ['2016-04-01 company-y.example', '2016-04-01 other.example'],
  );
  assert.deepEqual(collector.takeBefore('2016-04-02'), []);
  assert.equal(collector.takeBefore('2016-04-03').length, 1);
  const [report] = reports;
  assert.ok(report !== undefined);
  const built = buildTlsReport(report, {
    organization: 'Company-X',
    contact: 'sts-reporting@company-x.example',
    reportId: 'r1',
  });
  assert.equal(gunzipSync(built.gzip).toString(), built.json);
  assert.deepEqual(JSON.parse(built.json), {
    'organization-name': 'Company-X',
    'date-range': { 'start-datetime': '2016-04-01T00:00:00Z', 'end-datetime': '2016-04-01T23:59:59Z' },
    'contact-info': 'sts-reporting@company-x.example',
    'report-id': 'r1',
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: testing'],
          'policy-domain': 'company-y.example',
          'mx-host': ['*.mail.company-y.example'],
        },
        summary: { 'total-successful-session-count': 5, 'total-failure-session-count': 4 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '2001:db8:abcd:12::1',
            'receiving-mx-hostname': 'mx1.mail.company-y.example',
            'receiving-ip': '203.0.113.56',
            'failed-session-count': 3,
            'failure-reason-code': 'expired',
          },
          {
            'result-type': 'starttls-not-supported',
            'sending-mta-ip': '2001:db8:abcd:12::1',
            'receiving-mx-hostname': 'mx1.mail.company-y.example',
            'receiving-ip': '203.0.113.56',
            'failed-session-count': 1,
            'failure-reason-code': 'expired',
          },
        ],
      },
    ],
  });
});

test('a day with endless kinds of failure keeps its counts and drops details', () => {
  const collector = createTlsReportCollector(() => 0);
  for (let i = 0; i < 500; i++)
    collector.record({ ...good, failure: { ...failure, receivingMx: `mx${i}.example` } });
  const [report] = collector.takeBefore('1970-01-02');
  assert.equal(report?.policies[0]?.failed, 500);
  assert.equal(report?.policies[0]?.failures.size, 100);
});

test('where reports go: RFC 8460 §3', () => {
  const mail = { kind: 'mailto', address: 'reports@example.com' };
  const cases: readonly (readonly [texts: readonly string[], expected: readonly unknown[]])[] = [
    [['v=TLSRPTv1;rua=mailto:reports@example.com'], [mail]],
    [
      ['v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt'],
      [{ kind: 'https', url: 'https://reporting.example.com/v1/tlsrpt' }],
    ],
    [
      ['v=TLSRPTv1; rua=mailto:reports@example.com,https://a.example/'],
      [mail, { kind: 'https', url: 'https://a.example/' }],
    ],
    [['v=TLSRPTv1; rua=mailto:reports%40example.com;ext=1'], [mail]],
    [['v=TLSRPTv1; rua=http://plain.example/'], []],
    [['v=TLSRPTv1; rua=mailto:no address'], []],
    [['v=TLSRPTv1; rua=mailto:%zz@example.com'], []],
    [['v=TLSRPTv1; rua=mailto:a@b.example', 'v=TLSRPTv1; rua=mailto:c@d.example'], []],
    [['v=spf1 -all'], []],
    [[], []],
  ];
  for (const [texts, expected] of cases)
    assert.deepEqual(readTlsReportRecord(texts), expected, texts.join('|'));
});

test('what one thread counted is added to what others did, and survives a restart', () => {
  const now = Date.UTC(2016, 3, 1, 10);
  const worker = createTlsReportCollector(() => now);
  worker.record(good);
  worker.record({ ...good, failure });
  const kept = createTlsReportCollector(() => now);
  kept.add(worker.takeBefore('9999'));
  worker.record({ ...good, failure });
  kept.add(worker.takeBefore('9999'));
  const again = createTlsReportCollector(() => now);
  const text = JSON.stringify(plainTally(kept.list()));
  again.add(restoreTally(JSON.parse(text)) ?? []);
  again.record({ ...good, failure: { ...failure, type: 'starttls-not-supported' } });
  const [report] = again.takeBefore('2016-04-02');
  const [counted] = report?.policies ?? [];
  assert.deepEqual([counted?.successful, counted?.failed], [1, 3]);
  assert.deepEqual(
    [...(counted?.failures.values() ?? [])].map((one) => [one.failure.type, one.count]),
    [
      ['certificate-expired', 2],
      ['starttls-not-supported', 1],
    ],
  );
  for (const value of [null, {}, [1], [{ domain: 'a', day: 'x', policies: [] }], [{ domain: 'a' }]])
    assert.equal(restoreTally(value), null, JSON.stringify(value));
});
