import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Configuration } from '#directory/configuration.ts';
import { createRoutingSnapshot } from '#routing/snapshot.ts';
import type { TrafficGroup, TrafficSample } from '#store/traffic.ts';
import {
  acceptedDomain,
  configuration,
  outboundConnector,
  pattern,
  TRANSPORT_CONFIG,
} from '../../../test/support/configurations.ts';
import { assessImpact, type RouteImpact } from './route-impact.ts';

type Way = readonly [domain: string, connector: string | null, more?: Partial<TrafficGroup>];

/** Messages as lists of ways, the newest first. */
function sampleOf(...mail: readonly (readonly Way[])[]): TrafficSample {
  const groups: TrafficGroup[] = [];
  const [messages, groupOf]: number[][] = [[], []];
  for (const [index, ways] of mail.entries()) {
    for (const [domain, connector, more = {}] of ways) {
      const group = { connector, queue: null, domain, fromIp: '192.0.2.1', newest: 1000, ...more };
      const key = JSON.stringify(group);
      const known = groups.findIndex((one) => JSON.stringify(one) === key);
      groupOf?.push(known < 0 ? groups.push(group) - 1 : known);
      messages?.push(1000 - index);
    }
  }
  return {
    groups,
    messages: Float64Array.from(messages ?? []),
    groupOf: Uint32Array.from(groupOf ?? []),
    complete: true,
  };
}

function assess(
  sample: TrafficSample,
  before: Partial<Configuration>,
  after: Partial<Configuration>,
  fromOnPremises = false,
): RouteImpact {
  const [old, next] = [before, after].map((one) => createRoutingSnapshot(configuration(one)));
  assert.ok(old && next);
  return assessImpact(sample, old, next, () => fromOnPremises);
}

const host = (name: string) => ({ kind: 'name', name, port: 25 }) as const;
const A = outboundConnector({ Name: 'A', RecipientDomains: ['*.x.test', 'y.test'] });
const relay = outboundConnector({
  Name: 'Relay',
  RecipientDomains: ['*'],
  UseMXRecord: false,
  SmartHosts: [host('relay.test')],
  TlsSettings: 'EncryptionOnly',
});
const shown = ({ changes }: RouteImpact): readonly string[] =>
  changes.map(
    ({ from, to, domains, messages, recipients, weaker, anotherWay }) =>
      `${from} -> ${to}: ${domains.join(' ')} ${messages}/${recipients}${anotherWay ? '' : ' (same way)'}${weaker.length > 0 ? ` weaker: ${weaker.join('; ')}` : ''}`,
  );

test('counts messages once, and domains in the order of their share', () => {
  const sample = sampleOf(
    [
      ['a.x.test', 'A'],
      ['b.x.test', 'A'],
      ['z.test', 'Relay'],
    ],
    [['b.x.test', 'A']],
    [['z.test', 'Relay']],
  );
  const impact = assess(sample, { outboundConnectors: [A, relay] }, { outboundConnectors: [relay] });
  assert.deepEqual([impact.messages, impact.recipients, impact.domains, impact.movedMessages], [3, 5, 3, 2]);
  assert.deepEqual(shown(impact), ["'A' (MX) -> 'Relay' (relay.test): b.x.test a.x.test 2/3"]);
});

test('nothing changes for mail that a change does not concern, or for a name', () => {
  const sample = sampleOf([['y.test', 'A']], [['z.test', null]]);
  const renamed = { ...A, Name: 'Another' };
  assert.deepEqual(shown(assess(sample, { outboundConnectors: [A] }, { outboundConnectors: [renamed] })), []);
  const other = outboundConnector({ Name: 'B', RecipientDomains: ['q.test'] });
  assert.deepEqual(
    shown(assess(sample, { outboundConnectors: [A] }, { outboundConnectors: [A, other] })),
    [],
  );
});

test('other hosts are another way; no route and the default route have names', () => {
  const sample = sampleOf([['z.test', 'Relay']]);
  const moved = { ...relay, SmartHosts: [host('a.test'), host('b.test'), host('c.test'), host('d.test')] };
  assert.deepEqual(shown(assess(sample, { outboundConnectors: [relay] }, { outboundConnectors: [moved] })), [
    "'Relay' (relay.test) -> 'Relay' (a.test, b.test, c.test, …): z.test 1/1",
  ]);
  const gone = assess(sample, { outboundConnectors: [relay] }, {});
  assert.deepEqual(shown(gone), [
    "'Relay' (relay.test) -> MX: z.test 1/1 weaker: TlsSettings EncryptionOnly -> $null",
  ]);
  const closed = { transportConfig: { ...TRANSPORT_CONFIG, DefaultRouteEnabled: false } };
  assert.deepEqual(shown(assess(sample, {}, closed)), ['MX -> no route: z.test 1/1']);
});

test('where protection gets weaker', () => {
  const sample = sampleOf([['y.test', 'A']]);
  const weaker = (before: Partial<typeof A>, after: Partial<typeof A>): readonly string[] =>
    assess(
      sample,
      { outboundConnectors: [{ ...A, ...before }] },
      { outboundConnectors: [{ ...A, ...after }] },
    ).changes.flatMap((change) => change.weaker);
  assert.deepEqual(weaker({ TlsSettings: 'DomainValidation' }, { TlsSettings: 'CertificateValidation' }), [
    'TlsSettings DomainValidation -> CertificateValidation',
  ]);
  assert.deepEqual(weaker({ TlsSettings: 'EncryptionOnly' }, { TlsSettings: 'CertificateValidation' }), []);
  const named = (text: string) => ({ TlsSettings: 'DomainValidation', TlsDomain: pattern(text) }) as const;
  assert.deepEqual(weaker(named('mx.y.test'), named('*.y.test')), ['TlsDomain mx.y.test -> *.y.test']);
  assert.deepEqual(weaker(named('*.y.test'), named('mx.y.test')), []);
  assert.deepEqual(weaker(named('*.y.test'), named('*.z.test')), []);
  assert.deepEqual(
    weaker({ SmtpDaneMode: 'Mandatory' }, { SmtpDaneMode: 'Opportunistic', MtaStsMode: 'None' }),
    ['SmtpDaneMode Mandatory -> Opportunistic', 'MtaStsMode Opportunistic -> None'],
  );
  const smart = { UseMXRecord: false, SmartHosts: [host('relay.test')] };
  assert.match(weaker({}, smart)[0] ?? '', /don't bind smart hosts/);
  assert.deepEqual(weaker({}, { ...smart, TlsSettings: 'EncryptionOnly' }), []);
});

test('mail that rules had sent goes by rules again, as long as they can', () => {
  const scoped = outboundConnector({ Name: 'Scoped', IsTransportRuleScoped: true });
  const sample = sampleOf([['y.test', 'Scoped']], [['y.test', null, { queue: 'Scoped/y.test' }]]);
  const before = { outboundConnectors: [A, scoped] };
  const tls = { outboundConnectors: [A, { ...scoped, SmtpDaneMode: 'None' }] } as const;
  assert.deepEqual(shown(assess(sample, before, tls)), [
    "'Scoped' (MX) -> 'Scoped' (MX): y.test 2/2 (same way) weaker: SmtpDaneMode Opportunistic -> None",
  ]);
  const off = { outboundConnectors: [A, { ...scoped, Enabled: false }] };
  assert.deepEqual(shown(assess(sample, before, off)), ["'Scoped' (MX) -> 'A' (MX): y.test 2/2"]);
});

test('centralized transport takes only what does not come from on-premises; accepted domains count', () => {
  const central = outboundConnector({
    Name: 'Central',
    ConnectorType: 'OnPremises',
    RouteAllMessagesViaOnPremises: true,
  });
  const sample = sampleOf([['y.test', 'A']]);
  const [before, after] = [{ outboundConnectors: [A] }, { outboundConnectors: [A, central] }];
  assert.deepEqual(shown(assess(sample, before, after)), ["'A' (MX) -> 'Central' (MX): y.test 1/1"]);
  assert.deepEqual(shown(assess(sample, before, after, true)), []);
  const own = outboundConnector({ Name: 'Own', ConnectorType: 'OnPremises', AllAcceptedDomains: true });
  const accepted = { outboundConnectors: [own], acceptedDomains: [acceptedDomain('y.test')] };
  assert.deepEqual(shown(assess(sample, { outboundConnectors: [own] }, accepted)), [
    "MX -> 'Own' (MX): y.test 1/1",
  ]);
});
