// What tests of delivery share: a deliverer with everything given by hand, messages, routes, and results in short form.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createDeliverer, type DelivererParts } from '#delivery/deliver.ts';
import type { DeliveryRequest, DeliveryResult } from '#delivery/deliverer.ts';
import { createDialler } from '#delivery/dialler.ts';
import type { TlsSummary } from '#delivery/tls-summary.ts';
import { createStaticResolver, type StaticName } from '#dns/static-zones.ts';
import type { Envelope, Recipient } from '#mail/envelope.ts';
import type { Content, Message } from '#mail/message.ts';
import type { SmartHost } from '#mail/smart-host.ts';
import type { NextHop, Route } from '#routing/route.ts';
import { Watch } from '#smtp/watch.ts';
import { createClientTls } from '#tls/client-tls.ts';
import { createPeerVerifier } from '#tls/peer-verifier.ts';
import { createTrustStore } from '#tls/trust-store.ts';
import { createAuthority } from './certificates.ts';
import { type FakeMx, type FakeMxOptions, startFakeMx } from './fake-mx.ts';

const authority = createAuthority();
export const good = authority.issue({ dnsNames: ['mx.fabrikam.test', 'fabrikam.test'] }).tls;

export type Change = Omit<Partial<DelivererParts>, 'connection'> & {
  readonly connection?: Partial<DelivererParts['connection']>;
};

/** What a deliverer is made of here: static zones, the test authority as the only root, no policies. */
export function deliveryParts(zones: Record<string, StaticName> = {}, change: Change = {}): DelivererParts {
  const trust = createTrustStore({ file: 'roots', readFile: () => authority.pem });
  return {
    resolver: createStaticResolver(zones),
    now: Date.now,
    random: () => 0,
    policies: null,
    isOwnListener: () => false,
    editHeader: () => null,
    rewriteSender: (sender) => sender,
    messagesPerConnection: () => 100,
    ...change,
    connection: {
      dial: createDialler({ timeout: 2_000 }),
      hostname: 'relay.test',
      watch: new Watch(),
      tls: {
        trust,
        clientTls: createClientTls(trust),
        clientCertificate: () => null,
        verifier: createPeerVerifier({ check: () => ({ status: 'NotChecked' }) }, () => Date.now()),
        revocationFailureAction: () => 'Defer',
      },
      credentials: () => Promise.resolve(null),
      ...change.connection,
    },
  };
}

/** `pass` moves the deliverer's clock. */
export function makeDeliverer(t: TestContext, zones: Record<string, StaticName> = {}, change: Change = {}) {
  let time = 1_000_000;
  const deliverer = createDeliverer(deliveryParts(zones, { now: () => time, ...change }));
  t.after(() => deliverer.close());
  return { deliverer, pass: (milliseconds: number) => void (time += milliseconds) };
}

export async function serve(t: TestContext, options: FakeMxOptions = {}): Promise<FakeMx> {
  const mx = await startFakeMx(options);
  t.after(() => mx.close());
  return mx;
}

export const CONTENT = 'Subject: hi\r\n\r\nline\r\n.dot\r\n';

export function message(change: Partial<Envelope> = {}, size = CONTENT.length): Message {
  return {
    id: 1,
    receivedAt: 0,
    envelope: {
      returnPath: { localPart: 'anna', domain: 'contoso.test' },
      recipients: [recipient('bob')],
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
      ...change,
    },
    origin: {
      remoteAddress: '',
      helo: '',
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
    },
    facts: { subject: 'hi', messageId: '', hopCount: 0, exchangeHeaders: false },
    size,
  };
}

export function recipient(localPart: string, more: Partial<Recipient> = {}): Recipient {
  return { address: { localPart, domain: 'fabrikam.test' }, notify: null, orcpt: null, ...more };
}

export function route(nextHop: NextHop, more: Partial<Route> = {}): Route {
  return {
    connector: { guid: 'guid', name: 'C' },
    reason: 'ExactDomain',
    because: '',
    nextHop,
    tlsLevel: 'Opportunistic',
    tlsDomain: null,
    ruleRequiresTls: false,
    mtaStsMode: 'None',
    smtpDaneMode: 'None',
    crossPremisesHeaders: 'Remove',
    senderRewriting: false,
    hasCredential: false,
    ...more,
  };
}

export const at = (...servers: readonly { readonly port: number }[]): NextHop => ({
  kind: 'smart-hosts',
  hosts: servers.map(({ port }): SmartHost => ({ kind: 'address', address: '127.0.0.1', port })),
});

export const MX: NextHop = { kind: 'mx', domain: 'fabrikam.test' };

export function request(
  nextHop: NextHop,
  more: Partial<DeliveryRequest> & { readonly route?: Route } = {},
): DeliveryRequest {
  const content: Content = { kind: 'memory', bytes: Buffer.from(CONTENT) };
  const sent = more.message ?? message();
  return {
    message: sent,
    content,
    route: route(nextHop),
    recipients: sent.envelope.recipients.map((_, index) => index),
    headerEdits: [],
    ...more,
  };
}

/** A port where nobody listens. */
export async function deadPort(t: TestContext): Promise<{ readonly port: number }> {
  const mx = await startFakeMx();
  t.after(() => {});
  await mx.close();
  return { port: mx.port };
}

export function show({ results, nextHop }: DeliveryResult): string[] {
  return [...results]
    .sort((a, b) => a.recipient - b.recipient)
    .map(({ recipient: position, status }) => `${position} ${status.action} ${status.status}`)
    .concat(nextHop === 'unreachable' ? ['unreachable'] : []);
}

export function tlsOf({ events }: DeliveryResult): TlsSummary {
  const tls = events[0]?.data['tls'];
  assert.ok(isTlsSummary(tls));
  return tls;
}

function isTlsSummary(value: unknown): value is TlsSummary {
  return typeof value === 'object' && value !== null && 'verdict' in value && 'chain' in value;
}
