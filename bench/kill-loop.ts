// The proof that speed was not bought with durability: kill -9 again and again under full load, each time at a random
// instant, with a ledger of what was answered 250 against what arrived. Fails (exit 1) if one message is lost. Duplicates
// are what SMTP can't rule out (the next hop has said 250, the commit of that hadn't come); they are counted.
//   node bench/kill-loop.ts [--kills 200] [--sessions 20] [--size 4096] [--longest 1500]     --longest in milliseconds
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Gateway, type Owner, startGateway, temporaryDirectory } from '../test/support/gateway.ts';
import { print, withScene } from './support/scene.ts';
import { type Sink, startSink } from './support/sink.ts';
import { runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    sessions: { type: 'string', default: '20' },
    size: { type: 'string', default: '4096' },
    longest: { type: 'string', default: '1500' },
  },
});
const kills = Number(values.kills);
const PER_ROUND = 1_000_000;
const SHORTEST = 50;

/** Full load until a random instant, then kill -9. */
async function round(gateway: Gateway, number: number, accepted: Set<number>): Promise<void> {
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
  await gateway.kill();
  await load;
}

async function start(scene: Owner, data: string): Promise<Gateway> {
  return startGateway(scene, { data, workers: 2 });
}

/** Lost and duplicated messages. */
async function compare(sink: Sink, accepted: ReadonlySet<number>): Promise<{ lost: number; again: number }> {
  const seen = await sink.seen();
  let lost = 0;
  for (const message of accepted) if (!seen.has(message)) lost += 1;
  let again = 0;
  for (const times of seen.values()) again += times - 1;
  return { lost, again };
}

await withScene(async (scene) => {
  const sink = await startSink();
  scene.after(() => sink.close());
  const data = await temporaryDirectory(scene);
  const accepted = new Set<number>();
  let gateway = await start(scene, data);
  await gateway.run('New-OutboundConnector', {
    Name: 'bench',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${sink.port}`],
  });
  for (let kill = 1; kill <= kills; kill += 1) {
    await round(gateway, kill, accepted);
    gateway = await start(scene, data);
    if (kill % 20 === 0) print(`${kill} kills, ${accepted.size} accepted`);
  }
  await gateway.runUntil('Get-Queue', {}, ({ objects }) => objects.length === 0);
  const { lost, again } = await compare(sink, accepted);
  print(`kills=${kills} accepted=${accepted.size} lost=${lost} duplicates=${again}`);
  if (lost > 0) process.exitCode = 1;
});
