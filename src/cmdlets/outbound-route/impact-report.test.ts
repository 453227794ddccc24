import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Configuration } from '#directory/configuration.ts';
import { createRoutingSnapshot } from '#routing/snapshot.ts';
import type { TrafficQuery, TrafficSample } from '#store/traffic.ts';
import { configuration, inboundConnector, outboundConnector } from '../../../test/support/configurations.ts';
import type { CmdletContext } from '../cmdlet.ts';
import { createImpactReport } from './impact-report.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 31);

/** One message to each domain, all of them from one address. */
function sampleOf(domains: readonly string[], complete = true): TrafficSample {
  return {
    groups: domains.map((domain) => ({
      connector: 'A',
      queue: null,
      domain,
      fromIp: '192.0.2.1',
      newest: 7,
    })),
    messages: Float64Array.from(domains.keys()),
    groupOf: Uint32Array.from(domains.keys()),
    complete,
  };
}

interface Said {
  readonly whatIf: string[];
  readonly verbose: string[];
  readonly warnings: string[];
  readonly queries: TrafficQuery[];
}

async function report(
  before: Configuration,
  after: Configuration,
  sample: TrafficSample | Error,
  inboundConnectorOfMail: string | null = null,
): Promise<Said> {
  const said: Said = { whatIf: [], verbose: [], warnings: [], queries: [] };
  const impact = createImpactReport({
    now: () => NOW,
    snapshotOf: (one) => Promise.resolve(createRoutingSnapshot(one)),
    store: {
      trafficSample(query) {
        said.queries.push(query);
        return sample instanceof Error ? Promise.reject(sample) : Promise.resolve(sample);
      },
      traceEvents: () =>
        Promise.resolve([
          {
            time: 0,
            kind: 'Receive',
            recipients: null,
            detail: '',
            data: { inboundConnector: inboundConnectorOfMail },
          },
        ]),
    },
  });
  const context: Pick<CmdletContext<unknown>, 'whatIf' | 'verbose' | 'warning'> = {
    whatIf: (text) => void said.whatIf.push(text),
    verbose: (text) => void said.verbose.push(text),
    warning: (text) => void said.warnings.push(text),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the report only speaks
  await impact(before, after, context as CmdletContext<unknown>);
  return said;
}

const A = outboundConnector({ Name: 'A', RecipientDomains: ['*.x.test'], TlsSettings: 'EncryptionOnly' });

test('says how much would go another way, from where to where, and where protection gets weaker', async () => {
  const domains = Array.from({ length: 12 }, (_, index) => `d${index}.x.test`);
  const before = configuration({ outboundConnectors: [A] });
  const said = await report(
    before,
    { ...before, outboundConnectors: [] },
    sampleOf([...domains, 'other.test']),
  );
  assert.deepEqual(said.whatIf, [
    'What if: of 13 messages to 13 domains traced in the last 7 days, 12 would take another way.',
    `What if: protection gets weaker for ${domains.slice(0, 10).join(', ')} and 2 more (12 messages): TlsSettings EncryptionOnly -> $null.`,
  ]);
  assert.deepEqual(said.verbose, [
    `Impact: 12 messages from 'A' (MX) to MX: ${domains.slice(0, 10).join(', ')} and 2 more.`,
  ]);
  const [query] = said.queries;
  assert.deepEqual([query?.from, query?.to], [NOW - 7 * DAY, NOW]);
});

test('says when nothing moves, when only a part was looked at, and when the trace cannot be read', async () => {
  const before = configuration({ outboundConnectors: [A] });
  const after = configuration({
    outboundConnectors: [A, outboundConnector({ RecipientDomains: ['q.test'] })],
  });
  const quiet = await report(before, after, sampleOf(['a.x.test'], false));
  assert.deepEqual(quiet.whatIf, []);
  assert.match(quiet.verbose[0] ?? '', /\(the newest 1 recipient only\), none would take another way/);
  const broken = await report(before, after, new Error('the disk is gone'));
  assert.match(broken.warnings[0] ?? '', /the disk is gone/);
});

test('is silent about what moves no mail, and honest about rules', async () => {
  const before = configuration({ outboundConnectors: [A] });
  const untouched = await report(before, { ...before, inboundConnectors: [] }, sampleOf(['a.x.test']));
  assert.deepEqual(untouched, { whatIf: [], verbose: [], warnings: [], queries: [] });
  const ruled = await report(before, { ...before, transportRules: [] }, sampleOf(['a.x.test']));
  assert.match(ruled.verbose[0] ?? '', /Test-OutboundRoute -MessageFile/);
});

test('asks where mail came from when centralized transport is about it', async () => {
  const central = outboundConnector({
    Name: 'Central',
    ConnectorType: 'OnPremises',
    RouteAllMessagesViaOnPremises: true,
  });
  const inboundConnectors = [inboundConnector({ Name: 'Hybrid', ConnectorType: 'OnPremises' })];
  const before = configuration({ outboundConnectors: [A], inboundConnectors });
  const after = configuration({ outboundConnectors: [A, central], inboundConnectors });
  const sample = sampleOf(['a.x.test']);
  assert.equal((await report(before, after, sample, 'Hybrid')).whatIf.length, 0);
  assert.match((await report(before, after, sample, null)).whatIf[0] ?? '', /1 would take another way/);
});
