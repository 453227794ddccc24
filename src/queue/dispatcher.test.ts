// What a thread takes in hand and what it puts by: next hops that are silent hold up nobody else, and cost little.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoutedGroup } from '#routing/routed-group.ts';
import type { Route } from '#routing/route.ts';
import { TRANSPORT_CONFIG } from '../../test/support/configurations.ts';
import { newMessage, testMessage, waiting } from '../../test/support/stored-mail.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { CLAIM_WINDOW } from './queue-manager.ts';

const READY = 50;
const CONCURRENCY = 20;

const ROUTE: Route = {
  connector: null,
  reason: 'DefaultRoute',
  because: 'nothing else matched',
  nextHop: { kind: 'mx', domain: 'x.test' },
  tlsLevel: 'Opportunistic',
  tlsDomain: null,
  ruleRequiresTls: false,
  mtaStsMode: 'None',
  smtpDaneMode: 'None',
  crossPremisesHeaders: 'Preserve',
  senderRewriting: false,
  hasCredential: false,
};

interface Scene {
  readonly dispatcher: Dispatcher;
  /** Attempts begun, and parts put back, by next hop. */
  readonly begun: string[];
  readonly putBack: string[];
  /** Queues whose claims were given back. */
  readonly settled: string[];
  accept(domain: string): void;
  claim(domain: string, queue?: string): Promise<void>;
}

/** Nobody ever answers. */
function scene(messages: number): Scene {
  const begun: string[] = [];
  const putBack: string[] = [];
  const settled: string[] = [];
  const groupFor = (domain: string): RoutedGroup => ({
    recipients: [0],
    decision: { kind: 'route', route: ROUTE, key: `/${domain}`, routes: null },
    headerEdits: [],
    blindCopies: [],
    ruleMatches: [],
  });
  const to = (domain: string) => testMessage({ recipients: [`ann@${domain}`], size: 1 });
  let claimed = to('x.test');
  const dispatcher = createDispatcher({
    store: { load: async () => newMessage(claimed) },
    deliverer: {
      deliver({ message }) {
        begun.push(message.envelope.recipients[0]?.address.domain ?? '');
        return new Promise(() => undefined);
      },
    },
    route: ({ message }) => [groupFor(message.envelope.recipients[0]?.address.domain ?? '')],
    end: {
      attempted: assert.fail,
      decided: assert.fail,
      broken: assert.fail,
      untried: async (part) => void putBack.push(part.key),
    },
    clock: { now: Date.now, after: () => undefined },
    random: () => 0,
    config: () => ({ ...TRANSPORT_CONFIG, MaxOutboundConnectionsPerNextHop: CONCURRENCY }),
    share: (limit) => limit,
    threads: 1,
    limits: { bytes: 1_000_000, messages, readyPerNextHop: READY },
    learned: () => assert.fail(),
    settled: (queue) => void settled.push(queue),
    log: (message, error) => assert.fail(`${message}: ${String(error)}`),
  });
  return {
    dispatcher,
    begun,
    putBack,
    settled,
    accept: (domain) => dispatcher.accept(to(domain), newMessage(to(domain)).content),
    claim(domain, queue = `/${domain}`) {
      claimed = to(domain);
      return dispatcher.take({ messageId: claimed.id, recipients: [waiting(0, { queue })] });
    },
  };
}

const times = (count: number, run: () => void): void => Array.from({ length: count }).forEach(run);

test('past its room, mail for a silent next hop is put by; what was claimed for it is kept in hand, within the window', async () => {
  const { accept, claim, begun, putBack } = scene(10_000);
  times(CONCURRENCY + READY + 3, () => accept('hole.test'));
  assert.equal(begun.length, CONCURRENCY);
  assert.equal(putBack.length, 3);
  for (let count = 0; count < CLAIM_WINDOW + 5; count += 1) await claim('hole.test');
  assert.equal(putBack.length, 3 + 5);
});

test('silent next hops fill half of what may be in hand, and the living have the rest', async () => {
  const { accept, begun, putBack, dispatcher } = scene(400);
  for (const hole of ['a.test', 'b.test', 'c.test', 'd.test', 'e.test', 'f.test'])
    times(CONCURRENCY + READY, () => accept(hole));
  await new Promise(setImmediate);
  assert.ok(putBack.length > 0);
  assert.ok(dispatcher.inHand.messages > 200 && dispatcher.hasRoom(1));
  accept('live.test');
  assert.equal(begun.at(-1), 'live.test');
});

test('untried mail that is on its way to a silent next hop keeps no other untried mail waiting', async () => {
  const { claim, begun, settled, putBack } = scene(10_000);
  for (let count = 0; count < CONCURRENCY + READY + 1; count += 1) await claim('hole.test', '');
  assert.equal(begun.length, CONCURRENCY);
  assert.equal(settled.filter((queue) => queue === '').length, CONCURRENCY + READY + 1);
  assert.deepEqual(putBack, ['/hole.test']);
});
