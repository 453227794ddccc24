// What the queue manager hands out: bounded per next hop and as a whole, a resting hop only probed, aged mail in parts.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { firstIdAt } from '#mail/message-id.ts';
import type { Claim, ClaimRequest } from '#store/store.ts';
import { untried } from './attempt.ts';
import { createQueueManager, type NextHopState, type QueueManager } from './queue-manager.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2030, 0, 1);

interface Scene {
  readonly manager: QueueManager;
  readonly requests: ClaimRequest[];
  /** The queues that each look at what is due left out. */
  readonly passedOver: (readonly string[])[];
  readonly aged: { readonly before: number; readonly after: number; readonly limit: number }[];
  readonly told: NextHopState[];
  readonly handedOut: () => number;
  /** So many ticks of the manager's clock. */
  readonly ticks: (count: number) => Promise<void>;
}

function scene(
  t: TestContext,
  due: () => readonly { readonly queue: string; readonly due: number }[],
  old: readonly number[] = [],
): Scene {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
  const requests: ClaimRequest[] = [];
  const passedOver: Scene['passedOver'] = [];
  const aged: Scene['aged'] = [];
  const told: NextHopState[] = [];
  let handedOut = 0;
  const claim = (messageId: number, queue: string): Claim => ({
    messageId,
    recipients: [{ ...untried(0, 0), queue }],
  });
  const manager = createQueueManager({
    store: {
      async dueQueues(_now, except = []) {
        passedOver.push(except);
        return due();
      },
      async claim(request) {
        requests.push(request);
        return request.queues.flatMap(({ queue, limit }) =>
          Array.from({ length: limit }, (_, n) => claim(n, queue)),
        );
      },
      async claimOlder(range) {
        aged.push(range);
        const found = old.filter((id) => id > range.after && id < range.before).slice(0, range.limit);
        return found.map((id) => claim(id, 'old'));
      },
    },
    now: Date.now,
    dispatch: (claims) => (handedOut += claims.length),
    tell: (state) => told.push(state),
    hold: async (state) => void told.push(state),
    ages: () => ({ expiration: 24 * HOUR, delay: 4 * HOUR }),
    log: (_, error) => assert.fail(String(error)),
  });
  t.after(() => manager.stop());
  manager.start();
  return {
    manager,
    requests,
    passedOver,
    aged,
    told,
    handedOut: () => handedOut,
    async ticks(count) {
      for (let tick = 0; tick < count; tick += 1) {
        t.mock.timers.tick(1000);
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      }
    },
  };
}

const stateOf = (key: string, restsUntil: number): NextHopState => ({
  key,
  restsUntil,
  failures: 1,
  lastStatus: null,
});

test('a next hop has a window; what is settled makes room', async (t) => {
  const { manager, handedOut, ticks } = scene(t, () => [{ queue: '/a', due: 1000 }]);
  await ticks(3);
  assert.equal(handedOut(), 400);
  manager.settled('/a', 50);
  await ticks(2);
  assert.equal(handedOut(), 450);
});

test('thousands of next hops at once get a few each', async (t) => {
  const many = Array.from({ length: 5000 }, (_, nth) => ({ queue: `/${nth}`, due: 1000 }));
  const { handedOut, ticks } = scene(t, () => many);
  await ticks(5);
  assert.equal(handedOut(), 10 * 400 + 4990 * 5);
});

test('a resting next hop gets nothing, then two probes; an administrator can have it tried at once', async (t) => {
  const { manager, handedOut, ticks, told } = scene(t, () => [{ queue: '/a', due: 1000 }]);
  manager.learned(stateOf('/a', Date.now() + 5_500));
  await ticks(4);
  assert.equal(handedOut(), 0);
  await ticks(4);
  assert.equal(handedOut(), 2);
  manager.settled('/a', 2);
  manager.learned(stateOf('/a', Date.now() + HOUR));
  await ticks(3);
  assert.equal(handedOut(), 2);
  manager.retryNow('/a');
  await ticks(2);
  assert.equal(handedOut(), 4);
  assert.deepEqual(
    told.map(({ key, restsUntil }) => [key, restsUntil]),
    [['/a', 0]],
  );
});

test('a queue that goes on is tried at once, though its next hop rested when it was suspended', async (t) => {
  const { manager, handedOut, ticks } = scene(t, () => [{ queue: '/a', due: 3 }]);
  manager.learned(stateOf('/a', Date.now() + HOUR));
  await manager.hold('/a', true);
  await ticks(3);
  assert.equal(handedOut(), 0);
  await manager.hold('/a', false);
  await ticks(1);
  assert.equal(handedOut(), 3);
});

test('aged mail is taken up in parts, each message once for its delay', async (t) => {
  const old = Array.from({ length: 1200 }, (_, nth) => firstIdAt(START - 5 * HOUR) + nth);
  const { aged, handedOut, ticks } = scene(t, () => [], old);
  await ticks(1);
  assert.equal(handedOut(), 0, 'none has expired');
  await ticks(1);
  assert.equal(handedOut(), 500);
  await ticks(1);
  assert.equal(handedOut(), 1000);
  await ticks(1);
  assert.equal(handedOut(), 1200);
  const looks = aged.length;
  await ticks(60);
  assert.ok(aged.length > looks);
  assert.equal(handedOut(), 1200);
});

test('what is due is not counted where nothing would be claimed: at rest, or with a full window', async (t) => {
  const { manager, passedOver, ticks } = scene(t, () => [{ queue: '/full', due: 1000 }]);
  manager.learned(stateOf('/resting', Date.now() + 2_500));
  await ticks(2);
  assert.deepEqual(passedOver.at(-1), ['/resting', '/full']);
  await ticks(2);
  assert.deepEqual(passedOver.at(-1), ['/full']);
});
