// TLS reports go under no published policy and wait in queues of their own; nothing else about their way differs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configuration,
  message,
  outboundConnector,
  transportRule,
} from '../../test/support/configurations.ts';
import { readNextHopKey, type Route } from './route.ts';
import { contentOf, routeMessage } from './select-route.ts';
import { createRoutingSnapshot } from './snapshot.ts';

const strict = outboundConnector({
  Name: 'Strict',
  RecipientDomains: ['strict.test'],
  SmtpDaneMode: 'Mandatory',
  TlsSettings: 'EncryptionOnly',
});
const smart = outboundConnector({
  Name: 'Smart',
  RecipientDomains: ['smart.test'],
  UseMXRecord: false,
  SmartHosts: [{ kind: 'address', address: '192.0.2.1', port: 25 }],
});

function wayOf(
  domain: string,
  tlsReport: boolean,
  withRule = false,
): { readonly route: Route; readonly key: string } {
  const rules = withRule ? [transportRule({ Actions: { RouteMessageOutboundRequireTls: true } })] : [];
  const snapshot = createRoutingSnapshot(
    configuration({ outboundConnectors: [strict, smart], transportRules: rules }),
  );
  const sent = { ...message({ to: [`tls@${domain}`] }), tlsReport };
  const groups = routeMessage(
    { message: sent, recipients: [0], content: contentOf(Buffer.alloc(0)), now: 0, firstAttempt: true },
    snapshot,
  );
  assert.ok(!(groups instanceof Promise));
  const [group] = groups;
  assert.ok(group?.decision.kind === 'route');
  return group.decision;
}

test('by MX: no DANE, no MTA-STS, a queue of its own; what the connector asks for stays', () => {
  for (const [domain, level] of [
    ['fabrikam.test', 'Opportunistic'],
    ['strict.test', 'EncryptionOnly'],
  ] as const) {
    const usual = wayOf(domain, false);
    const report = wayOf(domain, true);
    assert.deepEqual(report.route, {
      ...usual.route,
      mtaStsMode: 'None',
      smtpDaneMode: 'None',
      tlsReport: true,
    });
    assert.equal(report.route.tlsLevel, level);
    assert.equal(report.key, `${usual.key};report`);
    assert.deepEqual(readNextHopKey(report.key), { ...readNextHopKey(usual.key), report: true });
  }
});

test('to smart hosts: as all mail', () => {
  assert.deepEqual(wayOf('smart.test', true), wayOf('smart.test', false));
});

test('a rule that requires TLS does so for reports too', () => {
  const { route, key } = wayOf('fabrikam.test', true, true);
  assert.deepEqual([route.ruleRequiresTls, route.tlsReport, key], [true, true, '/fabrikam.test;tls;report']);
  assert.deepEqual(readNextHopKey(key), { guid: '', domain: 'fabrikam.test', tls: true, report: true });
});
