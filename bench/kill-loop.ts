// The proof that speed was not bought with durability: kill -9 again and again under full load, each time at a random
// instant, with a ledger of what was answered 250 against what arrived. Fails (exit 1) if one message is lost, stuck or
// damaged, or delivered twice without the one excuse that SMTP leaves: it had come to the next hop in the last moment before
// a kill (the next hop has said 250, the commit of that hadn't come), and came again from a later start.
//   node bench/kill-loop.ts [--kills 200] [--sessions 20] [--size 4096] [--longest 1500] [--window 500]
// --longest: the longest time between start and kill; --window: how long the last moment is. Both in milliseconds.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Gateway, type Owner, startGateway, temporaryDirectory } from '../test/support/gateway.ts';
import { print, withScene } from './support/scene.ts';
import { balance, type Kill } from './support/ledger.ts';
import { startSink } from './support/sink.ts';
import { percentile, runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    sessions: { type: 'string', default: '20' },
    size: { type: 'string', default: '4096' },
    longest: { type: 'string', default: '1500' },
    window: { type: 'string', default: '500' },
  },
});
const kills = Number(values.kills);
const PER_ROUND = 1_000_000;
const SHORTEST = 50;
const PATIENCE = 30_000;

/** Full load until a random instant, then kill -9. */
async function round(gateway: Gateway, number: number, accepted: Set<number>): Promise<Kill> {
  const ends = new AbortController();
  const load = runLoad({
    port: gateway.smtp.port,
    messages: PER_ROUND,
    sessions: Number(values.sessions),
    size: Number(values.size),
    // Both kinds of senders.
    reuse: number % 2 === 0,
    first: number * PER_ROUND,
    accepted: (message) => accepted.add(message),
    signal: ends.signal,
  });
  await sleep(randomInt(SHORTEST, Number(values.longest)));
  ends.abort();
  const sent = Date.now();
  await gateway.kill();
  const ended = Date.now();
  await load;
  return { sent, ended };
}

/** Mail is carried by the main thread and by two others in turn. */
let starts = 0;
async function start(scene: Owner, data: string): Promise<Gateway> {
  starts += 1;
  return startGateway(scene, { data, workers: starts % 2 === 0 ? 2 : 0 });
}

/** Waits for the queues to be empty; resolves with what is still there when nothing has moved for a while. */
async function messagesLeft(gateway: Gateway): Promise<number> {
  let left = Number.POSITIVE_INFINITY;
  for (let since = performance.now(); performance.now() - since < PATIENCE; await sleep(50)) {
    const { objects } = await gateway.run('Get-Queue');
    const now = objects.reduce((sum, queue) => sum + Number(queue.get('MessageCount')), 0);
    if (now === 0) return 0;
    if (now < left) since = performance.now();
    left = Math.min(left, now);
  }
  return left;
}

await withScene(async (scene) => {
  const sink = await startSink();
  scene.after(() => sink.close());
  const data = await temporaryDirectory(scene);
  const accepted = new Set<number>();
  const done: Kill[] = [];
  const begun = performance.now();
  let gateway = await start(scene, data);
  await gateway.run('New-OutboundConnector', {
    Name: 'bench',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${sink.port}`],
  });
  for (let kill = 1; kill <= kills; kill += 1) {
    done.push(await round(gateway, kill, accepted));
    gateway = await start(scene, data);
    if (kill % 20 === 0) print(`${kill} kills, ${accepted.size} accepted`);
  }
  const stuck = await messagesLeft(gateway);
  const { times, shortest, longest } = await sink.arrivals();
  const { lost, duplicates, ages, withoutKill, mostOfOneKill } = balance(accepted, times, done);
  const early = ages.filter((age) => age > Number(values.window)).length;
  const damaged = shortest !== longest;
  print(
    `kills=${kills} accepted=${accepted.size} lost=${lost} stuck=${stuck} damaged=${damaged} duplicates=${duplicates} ` +
      `in ${Math.round((performance.now() - begun) / 1000)} s`,
  );
  print(
    `duplicates: ${(duplicates / kills).toFixed(1)} a kill, ${mostOfOneKill} at most; first delivered before the kill by ` +
      `p50 ${percentile(ages, 0.5)} ms, p99 ${percentile(ages, 0.99)} ms, at most ${ages.at(-1) ?? 0} ms; ` +
      `earlier than ${values.window} ms: ${early}; twice in one life: ${withoutKill}`,
  );
  if (lost > 0 || stuck > 0 || damaged || early > 0 || withoutKill > 0) process.exitCode = 1;
});
