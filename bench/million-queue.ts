// A queue of a million: how fast the gateway starts on it, answers Get-Queue, what memory it takes, and whether mail to a
// live host goes as fast as beside an empty queue. Prints figures, judges nothing.
//   node bench/million-queue.ts [--waiting 1000000] [--queues 1000] [--messages 10000] [--size 1024]
import { parseArgs } from 'node:util';
import { openStore } from '#store/open-store.ts';
import { type Gateway, type Owner, startGateway, temporaryDirectory } from '../test/support/gateway.ts';
import { newMessage, settlement, testMessage, waiting } from '../test/support/stored-mail.ts';
import { cpuMilliseconds, forgetPeak, residentMebibytes } from './support/process-figures.ts';
import { print, withScene } from './support/scene.ts';
import { type Sink, startSink } from './support/sink.ts';
import { runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '1000000' },
    queues: { type: 'string', default: '1000' },
    messages: { type: 'string', default: '10000' },
    size: { type: 'string', default: '1024' },
  },
});
const HOUR = 3_600_000;
const IN_FLIGHT = 500;

/** Mail that was tried once and waits for hours, in many queues. */
async function fill(directory: string): Promise<void> {
  const { store, close } = await openStore({
    directory,
    onFailure(error) {
      throw error;
    },
  });
  const total = Number(values.waiting);
  const content = { kind: 'memory', bytes: Buffer.alloc(Number(values.size), 'x') } as const;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const turn = next;
      next += 1;
      const message = testMessage({ size: content.bytes.length });
      await store.enqueue(newMessage(message, { content }));
      const queue = `11111111-2222-4333-8444-555555555555/d${turn % Number(values.queues)}.test`;
      const entry = waiting(0, { queue, due: Date.now() + HOUR + (turn % HOUR) });
      await store.settle(settlement(message.id, { waiting: [entry] }));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  await close();
}

async function start(scene: Owner, data: string): Promise<Gateway> {
  const begun = performance.now();
  const gateway = await startGateway(scene, { data, env: { MALLOC_ARENA_MAX: '2' } });
  print(`  ready after ${Math.round(performance.now() - begun)} ms`);
  return gateway;
}

/** Carries some mail beside what waits. */
async function carry(name: string, gateway: Gateway, sink: Sink): Promise<void> {
  const messages = Number(values.messages);
  const pid = gateway.process.pid ?? 0;
  const before = (await sink.count()).messages;
  const cpu = cpuMilliseconds(pid);
  const begun = performance.now();
  await runLoad({ port: gateway.smtp.port, messages, sessions: 20, size: 4096, reuse: true });
  await sink.until(before + messages);
  const rate = Math.round((messages * 1000) / (performance.now() - begun));
  print(
    `  ${name}: ${rate} messages/s, ${((cpuMilliseconds(pid) - cpu) / messages).toFixed(3)} ms of CPU each`,
  );
}

/** A data directory with a connector that takes all mail to the sink, so that no change releases what waits. */
async function prepare(scene: Owner, sink: Sink): Promise<string> {
  const data = await temporaryDirectory(scene);
  const gateway = await startGateway(scene, { data });
  await gateway.run('New-OutboundConnector', {
    Name: 'bench',
    RecipientDomains: ['*'],
    UseMXRecord: false,
    SmartHosts: [`127.0.0.1:${sink.port}`],
  });
  await gateway.stop();
  return data;
}

await withScene(async (scene) => {
  const sink = await startSink();
  scene.after(() => sink.close());
  const [nothing, much] = [await prepare(scene, sink), await prepare(scene, sink)];
  const begun = performance.now();
  await fill(much);
  const seconds = Math.round((performance.now() - begun) / 1000);
  print('empty queue:');
  const empty = await start(scene, nothing);
  print(`${values.waiting} messages in ${values.queues} queues (filled in ${seconds} s):`);
  const full = await start(scene, much);
  const pid = full.process.pid ?? 0;
  for (const turn of ['Get-Queue', 'again']) {
    const asked = performance.now();
    const { objects } = await full.run('Get-Queue', { ResultSize: 'Unlimited' });
    print(`  ${turn}: ${objects.length} queues in ${Math.round(performance.now() - asked)} ms`);
  }
  forgetPeak(pid);
  print('mail to a live host, by turns (the first two warm up):');
  for (let turn = 0; turn < 4; turn += 1) {
    await carry('empty queue', empty, sink);
    await carry('full queue', full, sink);
  }
  print(`  ${residentMebibytes(pid, 'VmHWM')} MiB at most with the full queue`);
});
