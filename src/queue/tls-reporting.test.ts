// TLS reports over the days, with a clock of the test's own: what is counted, kept, looked up and handed over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import type { NewMessage } from '#store/store.ts';
import type { Fetched } from '#tls/guarded-fetch.ts';
import { createTlsReportCollector, type DomainReport } from '#tls/tls-tally.ts';
import { createTlsReporting, type TlsReporting } from './tls-reporting.ts';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 24);
const OK: Fetched = { ok: true, status: 201, contentType: '', body: Buffer.alloc(0) };

/** One session to each domain, some of them failed, on the day before MIDNIGHT. */
function counted(...domains: readonly string[]): readonly DomainReport[] {
  const collector = createTlsReportCollector(() => MIDNIGHT - 1);
  for (const domain of domains) {
    const policy = { type: 'sts', text: ['version: STSv1'], mxHosts: [`mx.${domain}`] } as const;
    collector.record({ domain, policy, failure: null });
    collector.record({
      domain,
      policy,
      failure: {
        type: 'certificate-expired',
        receivingMx: `mx.${domain}`,
        receivingAddress: '192.0.2.1',
        sendingAddress: '192.0.2.9',
        detail: 'It expired.',
      },
    });
  }
  return collector.list();
}

const asks = (rua: string): StaticName => ({ TXT: [`v=TLSRPTv1; rua=${rua}`] });

interface State {
  time: number;
  on: boolean;
  queued: NewMessage[];
  posted: { url: string; type: string; body: Uint8Array }[];
  answer: Fetched;
  full: boolean;
  file: { text: string | null };
}

function setUp(zones: Record<string, StaticName>, file: { text: string | null } = { text: null }) {
  const state: State = {
    time: MIDNIGHT - 1,
    on: true,
    queued: [],
    posted: [],
    answer: OK,
    full: false,
    file,
  };
  let id = 0;
  const start = (): TlsReporting =>
    createTlsReporting({
      store: {
        enqueue: async (entry) => {
          if (state.full) throw new Error('the disk is full');
          state.queued.push(entry);
        },
      },
      resolver: createStaticResolver(zones),
      post: async (url, type, body) => {
        state.posted.push({ url, type, body });
        return state.answer;
      },
      file: { read: () => file.text, write: (text) => void (file.text = text) },
      now: () => state.time,
      random: (below) => below / 2,
      nextId: () => ++id,
      token: () => `token${id}`,
      hostname: 'gateway.contoso.test',
      organization: () => 'Contoso',
      contact: () => (state.on ? { localPart: 'tls-reports', domain: 'contoso.test' } : null),
      queued: () => undefined,
      counted: () => undefined,
      log: () => undefined,
    });
  return { state, start };
}

test('a day ends, and some time after midnight its report goes by mail and HTTPS', async () => {
  const { state, start } = setUp({
    '_smtp._tls.fabrikam.test': asks('mailto:reports@fabrikam.test,https://reports.fabrikam.test/v1'),
  });
  const reporting = start();
  reporting.add(counted('fabrikam.test', 'silent.test'));
  await reporting.tick();
  state.time = MIDNIGHT + HOUR;
  await reporting.tick();
  assert.deepEqual(
    [state.queued.length, state.posted.length],
    [0, 0],
    'not at midnight, when all others report',
  );
  state.time = MIDNIGHT + 3 * HOUR;
  await reporting.tick();
  await reporting.tick();
  assert.deepEqual(
    [state.queued.length, state.posted.map(({ url, type }) => `${url} ${type}`)],
    [1, ['https://reports.fabrikam.test/v1 application/tlsrpt+gzip']],
  );
  const [entry] = state.queued;
  assert.ok(entry?.content.kind === 'memory');
  const { envelope, tlsReport, size } = entry.message;
  assert.deepEqual(
    [envelope.returnPath, envelope.recipients[0]?.address.domain, envelope.recipients[0]?.notify, tlsReport],
    [null, 'fabrikam.test', ['NEVER'], true],
  );
  const text = Buffer.from(entry.content.bytes).toString();
  assert.equal(size, text.length);
  assert.match(text, /^From: <tls-reports@contoso\.test>\r$/m);
  assert.match(
    text.replaceAll(/\r\n[ \t]/g, ' '),
    /^Subject: Report Domain: fabrikam\.test Submitter: gateway\.contoso\.test Report-ID: <2026-11-23\.fabrikam\.test@gateway\.contoso\.test>\r$/m,
  );
  assert.match(
    text,
    /^TLS-Report-Domain: fabrikam\.test\r\nTLS-Report-Submitter: gateway\.contoso\.test\r$/m,
  );
  assert.match(text, /^Content-Type: multipart\/report; report-type="tlsrpt";\r$/m);
  assert.match(text, /filename="gateway\.contoso\.test!fabrikam\.test!1795392000!1795478399\.json\.gz"/);
  const [, encoded = ''] = /json\.gz"\r\n\r\n([\s\S]*?)\r\n--/.exec(text) ?? [];
  const json = gunzipSync(Buffer.from(encoded, 'base64')).toString();
  assert.equal(json, gunzipSync(state.posted[0]?.body ?? Buffer.alloc(0)).toString());
  const report = JSON.parse(json);
  assert.equal(report['contact-info'], 'tls-reports@contoso.test');
  assert.deepEqual(report.policies[0].summary, {
    'total-successful-session-count': 1,
    'total-failure-session-count': 1,
  });
  assert.equal(report.policies[0]['failure-details'][0]['sending-mta-ip'], '192.0.2.9');
  assert.ok(text.split('\r\n').every((line) => line.length <= 998));
  await reporting.tick();
  assert.deepEqual([state.queued.length, state.posted.length], [1, 1], 'once');
});

test('a restart loses neither the day nor what is still to be handed over', async () => {
  const { state, start } = setUp({ '_smtp._tls.fabrikam.test': asks('https://reports.fabrikam.test/v1') });
  const first = start();
  first.add(counted('fabrikam.test'));
  first.keep();
  const second = start();
  second.add(counted('fabrikam.test'));
  state.time = MIDNIGHT + 3 * HOUR;
  state.answer = { ok: false, reason: 'network', detail: 'down' };
  await second.tick();
  await second.tick();
  assert.equal(state.posted.length, 1);
  const third = start();
  state.answer = OK;
  await third.tick();
  assert.equal(state.posted.length, 1, 'an hour has to pass');
  state.time += HOUR;
  await third.tick();
  const report = JSON.parse(gunzipSync(state.posted[1]?.body ?? Buffer.alloc(0)).toString());
  assert.equal(report.policies[0].summary['total-failure-session-count'], 2);
  state.time += HOUR;
  await start().tick();
  assert.equal(state.posted.length, 2);
});

test('what can’t be handed over is given up after a day', async () => {
  const { state, start } = setUp({
    '_smtp._tls.broken.test': { failing: true },
    '_smtp._tls.full.test': asks('mailto:reports@full.test'),
  });
  state.full = true;
  const reporting = start();
  reporting.add(counted('broken.test', 'full.test'));
  for (state.time = MIDNIGHT; state.time < MIDNIGHT + 40 * HOUR; state.time += HOUR) await reporting.tick();
  assert.equal(JSON.parse(state.file.text ?? '{}').due.length, 0);
  assert.equal(state.queued.length, 0);
});

test('turned off, nothing is sent, now or later', async () => {
  const { state, start } = setUp({ '_smtp._tls.fabrikam.test': asks('mailto:reports@fabrikam.test') });
  const reporting = start();
  reporting.add(counted('fabrikam.test'));
  state.on = false;
  state.time = MIDNIGHT + 3 * HOUR;
  await reporting.tick();
  state.on = true;
  await reporting.tick();
  assert.equal(state.queued.length, 0);
});

test('a damaged file counts as none', async () => {
  for (const text of ['', '{', '[]', 'null', '{"counting":[{}],"due":[{"report":[],"next":1},5]}']) {
    const { state, start } = setUp({ '_smtp._tls.fabrikam.test': asks('mailto:a@fabrikam.test') }, { text });
    const reporting = start();
    reporting.add(counted('fabrikam.test'));
    state.time = MIDNIGHT + 3 * HOUR;
    await reporting.tick();
    await reporting.tick();
    assert.equal(state.queued.length, 1, text);
  }
});
