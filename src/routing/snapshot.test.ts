// The index against a naive scan, a snapshot grown by changes against one built anew, the shape of the answers, and the
// cost of thousands of single changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Configuration, OutboundConnector } from '#directory/configuration.ts';
import { matchesDomainPattern } from '#mail/domain-pattern.ts';
import {
  acceptedDomain,
  configuration,
  message,
  outboundConnector,
  pattern,
  transportRule,
} from '../../test/support/configurations.ts';
import { findAcceptedDomain } from './accepted-domains.ts';
import { compareConnectors, type ConnectorMatch, isCandidate } from './connector-index.ts';
import { compareSpecificity, explainRoute, matchOf } from './explain-route.ts';
import { findAll, findNamed } from './pattern-index.ts';
import { contentOf, routeMessage, type RoutingInput } from './select-route.ts';
import { createRoutingSnapshot, type RoutingSnapshot } from './snapshot.ts';

// Few labels, so that names meet.
const label = fc.constantFrom('a', 'b', 'aa', 'x');
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const patternText = fc.oneof(
  { weight: 4, arbitrary: domain },
  { weight: 4, arbitrary: domain.map((name) => `*.${name}`) },
  { weight: 1, arbitrary: fc.constant('*') },
);

const connector = fc
  .record({
    TestMode: fc.constantFrom(false, false, false, true),
    IsTransportRuleScoped: fc.constantFrom(false, false, false, true),
    RouteAllMessagesViaOnPremises: fc.constantFrom(false, false, true),
    AllAcceptedDomains: fc.constantFrom(false, false, true),
    RecipientDomains: fc.array(patternText, { maxLength: 4 }),
    enabled: fc.constantFrom(true, true, true, false),
  })
  .map(({ enabled, ...rest }) => ({ ...rest, Enabled: enabled }));

const connectors = fc
  .array(connector, { maxLength: 12 })
  .map((list) => list.map((given, index) => outboundConnector({ Name: `N${(index * 7) % 13}`, ...given })));
const accepted = fc
  .uniqueArray(
    fc.oneof(
      domain,
      domain.map((name) => `*.${name}`),
    ),
    { maxLength: 3 },
  )
  .map((names) => names.map((name) => acceptedDomain(name)));

function input(domains: readonly string[], fromOnPremises = false): RoutingInput {
  const sent = message({ to: domains.map((name) => `user@${name}`), origin: { fromOnPremises } });
  return {
    message: sent,
    recipients: domains.map((_, position) => position),
    content: contentOf(Buffer.from('\r\n')),
    now: 0,
    firstAttempt: true,
  };
}

function chosen(snapshot: RoutingSnapshot, name: string, fromOnPremises: boolean): string | null {
  const groups = routeMessage(input([name], fromOnPremises), snapshot);
  assert.ok(!(groups instanceof Promise));
  const decision = groups[0]?.decision;
  assert.ok(decision?.kind === 'route');
  return decision.route.connector?.name ?? null;
}

/** routing.md word by word, over every connector. */
function naive(given: Configuration, name: string, fromOnPremises: boolean): string | null {
  const isAccepted = given.acceptedDomains.some((one) =>
    matchesDomainPattern({ kind: one.MatchSubDomains ? 'subtree' : 'exact', domain: one.DomainName }, name),
  );
  const best = (candidates: readonly OutboundConnector[]): string | null => {
    const matches = candidates
      .map((one) => matchOf(one, name, isAccepted))
      .filter((match): match is ConnectorMatch => match !== null)
      .sort((a, b) => compareSpecificity(a, b) || compareConnectors(a.connector, b.connector));
    return matches[0]?.connector.Name ?? null;
  };
  const candidates = given.outboundConnectors.filter(isCandidate);
  const central = fromOnPremises ? [] : candidates.filter((one) => one.RouteAllMessagesViaOnPremises);
  return best(central) ?? best(candidates.filter((one) => !one.RouteAllMessagesViaOnPremises));
}

test('the index agrees with a naive scan of every connector', () => {
  fc.assert(
    fc.property(connectors, accepted, domain, fc.boolean(), (list, own, name, fromOnPremises) => {
      const given = configuration({ outboundConnectors: list, acceptedDomains: own });
      const snapshot = createRoutingSnapshot(given);
      assert.equal(chosen(snapshot, name, fromOnPremises), naive(given, name, fromOnPremises));
    }),
    { numRuns: 500 },
  );
});

test('a pattern means in the index what it means everywhere', () => {
  fc.assert(
    fc.property(patternText, domain, (text, name) => {
      const given = configuration({ outboundConnectors: [outboundConnector({ RecipientDomains: [text] })] });
      const { patterns } = createRoutingSnapshot(given).connectors.direct;
      assert.equal(findAll(patterns, name).length === 1, matchesDomainPattern(pattern(text), name));
      assert.equal(
        findNamed(patterns, name) !== null,
        text !== '*' && matchesDomainPattern(pattern(text), name),
      );
    }),
  );
});

test('a snapshot grown by changes is the one built anew, and its predecessor stays as it was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(connectors, accepted), { minLength: 1, maxLength: 6 }),
      fc.array(domain, { minLength: 3, maxLength: 6 }),
      (worlds, names) => {
        let snapshot: RoutingSnapshot | null = null;
        let kept: readonly OutboundConnector[] = [];
        const earlier: { readonly snapshot: RoutingSnapshot; readonly given: Configuration }[] = [];
        for (const [list, own] of worlds) {
          // Some stay the same objects, some come, some go.
          kept = [...kept.filter((_, index) => index % 2 === 0), ...list.slice(0, 5)];
          const given = configuration({ outboundConnectors: kept, acceptedDomains: own });
          snapshot = createRoutingSnapshot(given, snapshot);
          earlier.push({ snapshot, given });
        }
        for (const { snapshot: one, given } of earlier) {
          const fresh = createRoutingSnapshot(given);
          for (const name of names) {
            assert.equal(chosen(one, name, false), chosen(fresh, name, false));
            assert.equal(chosen(one, name, true), chosen(fresh, name, true));
            assert.equal(findAcceptedDomain(one.accepted, name), findAcceptedDomain(fresh.accepted, name));
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('the explanation agrees with the selection, for every connector', async () => {
  await fc.assert(
    fc.asyncProperty(connectors, accepted, domain, fc.boolean(), async (list, own, name, fromOnPremises) => {
      const snapshot = createRoutingSnapshot(
        configuration({ outboundConnectors: list, acceptedDomains: own }),
      );
      const [explained] = await explainRoute(input([name], fromOnPremises), snapshot);
      const winner = chosen(snapshot, name, fromOnPremises);
      const marked = explained?.connectors.filter((one) => one.chosen) ?? [];
      // Names may repeat here, GUIDs follow them: the chosen one is the first of that name.
      assert.deepEqual(
        marked.map((one) => one.name),
        winner === null ? [] : [winner],
      );
      for (const one of explained?.connectors ?? []) assert.match(one.why, /\.$/);
    }),
    { numRuns: 200 },
  );
});

test('explanations say why not', async () => {
  const snapshot = createRoutingSnapshot(
    configuration({
      acceptedDomains: [acceptedDomain('own.test')],
      outboundConnectors: [
        outboundConnector({ Name: 'A winner', RecipientDomains: ['*.a.test'] }),
        outboundConnector({ Name: 'B tie', RecipientDomains: ['*.a.test'] }),
        outboundConnector({ Name: 'C less', RecipientDomains: ['*.test'] }),
        outboundConnector({ Name: 'D other', RecipientDomains: ['b.test'] }),
        outboundConnector({ Name: 'E off', Enabled: false, RecipientDomains: ['a.test'] }),
        outboundConnector({ Name: 'F testing', TestMode: true, RecipientDomains: ['a.test'] }),
        outboundConnector({ Name: 'G scoped', IsTransportRuleScoped: true }),
        outboundConnector({ Name: 'H own', AllAcceptedDomains: true }),
        outboundConnector({ Name: 'I central', RouteAllMessagesViaOnPremises: true }),
      ],
    }),
  );
  const [explained] = await explainRoute(input(['a.test'], true), snapshot);
  assert.deepEqual(
    explained?.connectors.map(({ name, why }) => [name, why]),
    [
      ['A winner', 'Its RecipientDomains hold *.a.test, the most specific pattern that matches.'],
      ['B tie', 'It matches by *.a.test as well, but its name sorts behind "A winner".'],
      ['C less', 'It matches by *.test, which is less specific than *.a.test.'],
      ['D other', 'None of its RecipientDomains matches a.test.'],
      ['E off', 'It is disabled.'],
      ['F testing', 'It is in test mode: only validation uses it.'],
      ['G scoped', 'It is scoped to transport rules, and no rule that matched names it.'],
      ['H own', 'a.test is not an accepted domain.'],
      [
        'I central',
        'It is for centralized mail transport, and the message came from on-premises: it would loop.',
      ],
    ],
  );
});

test('recipients that one delivery can serve are one group, each with its reason', () => {
  const relay = [{ kind: 'name', name: 'relay.test', port: 25 }] as const;
  const snapshot = createRoutingSnapshot(
    configuration({
      outboundConnectors: [
        outboundConnector({
          Name: 'Relay',
          Guid: 'g1',
          UseMXRecord: false,
          SmartHosts: relay,
          RecipientDomains: ['a.test', '*.b.test'],
        }),
        outboundConnector({ Name: 'Mx', Guid: 'g2', RecipientDomains: ['*'] }),
      ],
    }),
  );
  const groups = routeMessage(input(['a.test', 'c.test', 'x.b.test', 'd.test', 'c.test']), snapshot);
  assert.ok(!(groups instanceof Promise));
  assert.deepEqual(
    groups.map(({ recipients, decision }) => [recipients, decision.kind === 'route' ? decision.key : '']),
    [
      [[0, 2], 'g1'],
      [[1, 4], 'g2/c.test'],
      [[3], 'g2/d.test'],
    ],
  );
  const [first, second] = groups.map(({ decision }) =>
    decision.kind === 'route' ? decision : assert.fail(),
  );
  assert.deepEqual(
    first?.routes?.map(({ because }) => because),
    ['a.test', '*.b.test'],
  );
  assert.equal(second?.routes, null);
});

test('the common answer is made once', () => {
  const snapshot = createRoutingSnapshot(configuration({}));
  const [one, two] = [input(['a.test']), input(['a.test'])];
  assert.equal(routeMessage(one, snapshot), routeMessage(two, snapshot));
});

test('a route is the connector, printed', () => {
  const snapshot = createRoutingSnapshot(
    configuration({
      outboundConnectors: [
        outboundConnector({
          Name: 'Partner',
          Guid: 'g',
          RecipientDomains: ['a.test'],
          TlsSettings: 'DomainValidation',
          TlsDomain: pattern('*.a.test'),
          CloudServicesMailEnabled: true,
          SenderRewritingEnabled: true,
          MtaStsMode: 'None',
          SmtpDaneMode: 'Mandatory',
          HasSmartHostCredential: true,
        }),
      ],
    }),
  );
  const groups = routeMessage(input(['a.test']), snapshot);
  assert.ok(!(groups instanceof Promise) && groups[0]?.decision.kind === 'route');
  assert.deepEqual(groups[0].decision.route, {
    connector: { guid: 'g', name: 'Partner' },
    reason: 'ExactDomain',
    because: 'a.test',
    nextHop: { kind: 'mx', domain: 'a.test' },
    tlsLevel: 'DomainValidation',
    tlsDomain: { kind: 'subtree', domain: 'a.test' },
    ruleRequiresTls: false,
    mtaStsMode: 'None',
    smtpDaneMode: 'Mandatory',
    crossPremisesHeaders: 'Preserve',
    senderRewriting: true,
    hasCredential: true,
  });
});

test('thousands of single changes while mail flows cost what the changes cost', () => {
  let list: readonly OutboundConnector[] = Array.from({ length: 5000 }, (_, index) =>
    outboundConnector({ Name: `C${index}`, RecipientDomains: [`a${index}.test`, `*.b${index}.test`] }),
  );
  let snapshot = createRoutingSnapshot(configuration({ outboundConnectors: list }));
  const begun = performance.now();
  for (let index = 0; index < 2000; index += 1) {
    list = list.with(index, outboundConnector({ Name: `C${index}`, RecipientDomains: [`new${index}.test`] }));
    snapshot = createRoutingSnapshot(configuration({ outboundConnectors: list }), snapshot);
    assert.equal(chosen(snapshot, `new${index}.test`, false), `C${index}`);
  }
  // Building anew each time would take a minute.
  assert.ok(performance.now() - begun < 10_000);
  assert.equal(chosen(snapshot, 'a1999.test', false), null);
  assert.equal(chosen(snapshot, 'x.b2000.test', false), 'C2000');
});

test('conditions that did not change are taken over as they were compiled', () => {
  const [one, two] = [
    transportRule({ Name: 'one', Conditions: { SubjectMatchesPatterns: ['a+'] } }),
    transportRule({ Name: 'two', Priority: 1 }),
  ];
  const first = createRoutingSnapshot(configuration({ transportRules: [one] }));
  const moved = structuredClone([
    { ...two, Priority: 0 },
    { ...one, Priority: 1 },
  ]);
  const second = createRoutingSnapshot(configuration({ transportRules: moved }), first);
  assert.deepEqual(
    second.rules.map(({ rule }) => rule.Name),
    ['two', 'one'],
  );
  assert.equal(second.rules[1]?.tests, first.rules[0]?.tests);
});

test('a message that went round too often has no way, whatever rules and connectors say', async () => {
  const snapshot = createRoutingSnapshot(
    configuration({ outboundConnectors: [outboundConnector({ RecipientDomains: ['*'] })] }),
  );
  const decisions = async (hops: number) => {
    const content = `${'Received: from a by b\r\n'.repeat(hops)}\r\n`;
    const went = message({ to: ['user@a.x', 'user@b.x'], content });
    const groups = await routeMessage({ ...input(['a.x', 'b.x']), message: went }, snapshot);
    return groups.map(({ recipients, decision }) => ({
      recipients,
      outcome: decision.kind === 'unroutable' ? decision.unroutable.status : decision.kind,
    }));
  };
  assert.deepEqual(await decisions(20), [
    { recipients: [0], outcome: 'route' },
    { recipients: [1], outcome: 'route' },
  ]);
  assert.deepEqual(await decisions(21), [{ recipients: [0, 1], outcome: '5.4.14' }]);
});
