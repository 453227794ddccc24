// How fast routing decides: 10,000 connectors with 50,000 patterns, then 1,000 transport rules as well.
// node bench/routing.ts
import { contentOf, type MessageContent, routeMessage } from '#routing/select-route.ts';
import { compilePatterns } from '#routing/rules/patterns.ts';
import { SearchableText } from '#routing/rules/searchable-text.ts';
import { createRoutingSnapshot, type RoutingSnapshot } from '#routing/snapshot.ts';
import type { Message } from '#mail/message.ts';
import {
  configuration,
  type GivenRule,
  message,
  outboundConnector,
  transportRule,
} from '../test/support/configurations.ts';

const CONNECTORS = 10_000;
const RULES = 1_000;

const connectors = Array.from({ length: CONNECTORS }, (_, index) =>
  outboundConnector({
    Name: `Connector ${index}`,
    RecipientDomains: [
      `a${index}.test`,
      `*.b${index}.test`,
      `c${index}.example.org`,
      `*.d.e${index}.net`,
      `mail.f${index}.com`,
    ],
  }),
);

const KINDS: readonly ((index: number) => NonNullable<GivenRule['Conditions']>)[] = [
  (index) => ({ SenderDomainIs: [`s${index}.test`] }),
  (index) => ({ RecipientDomainIs: [`r${index}.test`] }),
  (index) => ({ SubjectContainsWords: [`word${index}`, `phrase number ${index}`] }),
  (index) => ({ FromAddressMatchesPatterns: [`^user${index}\\d+@`] }),
  (index) => ({ SubjectMatchesPatterns: [`(invoice|bill)\\s+${index}-\\d+`] }),
  (index) => ({ SentTo: [`a${index}@x.test`] }),
  (index) => ({ HeaderContainsMessageHeader: 'X-Tag', HeaderContainsWords: [`tag${index}`] }),
  (index) => ({ SenderIpRanges: [`10.${index % 200}.0.0/16`] }),
  () => ({ SCLOver: 5, WithImportance: 'High' }),
  (index) => ({ RecipientDomainIs: [`r${index}.test`], SubjectOrBodyContainsWords: [`secret${index}`] }),
];
const rules = Array.from({ length: RULES }, (_, index) =>
  transportRule({
    Name: `Rule ${index}`,
    Priority: index,
    Conditions: KINDS[index % KINDS.length]?.(index) ?? {},
    Actions: { SetHeaderName: 'X-Rule', SetHeaderValue: String(index) },
  }),
);

function say(what: string, value: number, unit: string): void {
  process.stdout.write(
    `${what.padEnd(60)} ${value.toLocaleString('en', { maximumFractionDigits: 3 })} ${unit}\n`,
  );
}

function timed<T>(what: string, run: () => T): T {
  const begun = performance.now();
  const result = run();
  say(what, performance.now() - begun, 'ms');
  return result;
}

function domainFor(index: number): string {
  const at = index % CONNECTORS;
  return (
    [`x.y.b${at}.test`, `none${index}.test`, `q.d.e${at}.net`, `a${at}.test`, `c${at}.example.org`][
      index % 5
    ] ?? ''
  );
}

const header = Buffer.from(
  'From: Ada <ada@contoso.com>\r\nSubject: Report for the board\r\nX-Tag: blue\r\n\r\n',
);
const messages = Array.from({ length: 100_000 }, (_, index) =>
  message({ to: [`user@${domainFor(index)}`], content: header }),
);

function decide(snapshot: RoutingSnapshot, sent: Message, content: MessageContent): unknown {
  return routeMessage({ message: sent, recipients: [0], content, now: 0, firstAttempt: true }, snapshot);
}

function rate(what: string, snapshot: RoutingSnapshot, some: readonly Message[], rounds: number): void {
  const content = contentOf(header);
  const begun = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const sent of some) decide(snapshot, sent, content);
  say(what, (some.length * rounds * 1000) / (performance.now() - begun), 'decisions/s');
}

timed('Building the index (first time)', () =>
  createRoutingSnapshot(configuration({ outboundConnectors: connectors })),
);
let snapshot = timed('Building the index', () =>
  createRoutingSnapshot(configuration({ outboundConnectors: connectors })),
);
rate('100,000 different domains, first round', snapshot, messages, 1);
rate('100,000 different domains, later rounds', snapshot, messages, 3);
rate('5,000 different domains', snapshot, messages.slice(0, 5000), 100);
rate('100,000 different domains, once the code is warm', snapshot, messages, 5);

timed('10,000 single changes, a message routed after each', () => {
  let list = connectors;
  for (const [index, connector] of connectors.entries()) {
    list = list.with(index, { ...connector, Enabled: index % 2 === 0 });
    snapshot = createRoutingSnapshot(configuration({ outboundConnectors: list }), snapshot);
    const sent = messages[index];
    if (sent !== undefined) decide(snapshot, sent, contentOf(header));
  }
});

const ruled = timed('Compiling 1,000 rules', () =>
  createRoutingSnapshot(configuration({ outboundConnectors: connectors, transportRules: rules }), snapshot),
);
let bodies = 0;
const counted: MessageContent = {
  header: () => header,
  content() {
    bodies += 1;
    return [header];
  },
};
const times = messages.slice(0, 5000).map((sent) => {
  const begun = performance.now();
  decide(ruled, sent, counted);
  return performance.now() - begun;
});
times.sort((a, b) => a - b);
say('1,000 rules and 10,000 connectors: median', times[2500] ?? 0, 'ms a message');
say('1,000 rules and 10,000 connectors: 99 of 100 under', times[4950] ?? 0, 'ms a message');
say('Bodies read', bodies, '');

// Patterns that take for ever where an engine backtracks, on texts that they nearly match.
const RUNAWAYS: readonly (readonly [pattern: string, text: string])[] = [
  ['^(a+)+$', `${'a'.repeat(8191)}b`],
  ['(x+x+)+y', 'x'.repeat(8192)],
  ['^([a-zA-Z]+)*!$', 'a'.repeat(8192)],
  ['(a|aa)+$', `${'a'.repeat(8191)}b`],
  ['(.*)(.*)(.*)(.*)(.*)z', 'y'.repeat(8192)],
];
const slowest = RUNAWAYS.map(([pattern, text]) => {
  const matches = compilePatterns([pattern]);
  const begun = performance.now();
  matches(new SearchableText(text));
  return performance.now() - begun;
}).reduce((a, b) => Math.max(a, b));
say('Five runaway patterns on 8 KiB, compiling included: slowest', slowest, 'ms');
