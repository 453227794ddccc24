// Every row of the routing table, asked of routing as delivery asks it, with content in memory and content that must be
// read; and of the explanation, which must say the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainRoute } from '#routing/explain-route.ts';
import type { RoutedGroup } from '#routing/routed-group.ts';
import { contentOf, type MessageContent, routeMessage } from '#routing/select-route.ts';
import { createRoutingSnapshot } from '#routing/snapshot.ts';
import { printAddress } from '#mail/address.ts';
import { message } from '../support/configurations.ts';
import { ROUTING_TABLE, type RoutingRow } from './routing-table.ts';

/** `connector reason`, one for each recipient, as the table has them. */
function describe(groups: readonly RoutedGroup[]): readonly string[] {
  const described: string[] = [];
  for (const { recipients, decision } of groups) {
    recipients.forEach((recipient, index) => {
      described[recipient] = describeOne(decision, index);
    });
  }
  return described;
}

function describeOne(decision: RoutedGroup['decision'], index: number): string {
  if (decision.kind === 'route') {
    const route = decision.routes?.[index] ?? decision.route;
    return `${route.connector?.name ?? 'MX'} ${route.reason}${route.ruleRequiresTls ? ' TLS' : ''}`;
  }
  if (decision.kind === 'unroutable') return `unroutable ${decision.unroutable.status}`;
  if (decision.kind === 'redirected') return `redirected ${decision.to.map(printAddress).join(' ')}`;
  return decision.kind === 'deleted' ? 'deleted' : `${decision.kind} ${decision.status}`;
}

function input(row: RoutingRow, content: MessageContent) {
  const sent = message(row.message);
  const recipients = sent.envelope.recipients.map((_, position) => position);
  return { message: sent, recipients, content, now: row.now ?? 0, firstAttempt: true };
}

/** Content in a file, in small pieces. */
function slowContent(bytes: Uint8Array): MessageContent {
  return {
    header: () => Promise.resolve(bytes),
    async *content() {
      for (let at = 0; at < bytes.length; at += 7) {
        await Promise.resolve();
        yield bytes.subarray(at, at + 7);
      }
    },
  };
}

test('the table has its size, and no row twice', () => {
  assert.ok(ROUTING_TABLE.length >= 150, `${ROUTING_TABLE.length} rows`);
});

for (const row of ROUTING_TABLE) {
  test(row.about, async () => {
    const snapshot = createRoutingSnapshot(row.configuration);
    const bytes = Buffer.from(row.message.content ?? 'Subject: Test\r\n\r\nText\r\n');
    const routed = routeMessage(input(row, contentOf(bytes)), snapshot);
    assert.ok(!(routed instanceof Promise), 'content in memory needs no promise');
    assert.deepEqual(describe(routed), row.expected);
    assert.deepEqual(describe(await routeMessage(input(row, slowContent(bytes)), snapshot)), row.expected);
    const explained = await explainRoute(input(row, contentOf(bytes)), snapshot);
    assert.deepEqual(
      explained.map(({ decision, route }) =>
        describeOne(
          decision.kind === 'route' && route !== null ? { ...decision, route, routes: null } : decision,
          0,
        ),
      ),
      row.expected,
    );
    for (const { connectors, route } of explained) {
      assert.equal(connectors.length, row.configuration.outboundConnectors.length);
      assert.deepEqual(
        connectors.filter(({ chosen }) => chosen).map(({ name }) => name),
        route?.connector ? [route.connector.name] : [],
      );
    }
  });
}
