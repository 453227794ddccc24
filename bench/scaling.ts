// From one thread that carries mail to two and more, on a machine with too few processors to show it: the processors of
// the carrying threads are made slow (a quota of a part of one processor each), so that they are the limit and not the
// generator, the sink, the main thread or the store's writer, which are as fast as ever. What is simulated is the number of
// processors; disk, writer and locks between threads are real. The share of its quota that each thread used tells whether
// it was the limit. --messages: for each carrying thread.
//   node bench/scaling.ts [--workers 1,2] [--share 0.1] [--messages 1000] [--sessions 80] [--turns 3]
import { parseArgs } from 'node:util';
import { parseMessageId } from '#mail/message-id.ts';
import { startGateway } from '../test/support/gateway.ts';
import { print, withScene } from './support/scene.ts';
import { startSink } from './support/sink.ts';
import { runLoad } from './support/smtp-load.ts';
import { limitThreads, threadMilliseconds, threadsOf } from './support/thread-quota.ts';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2' },
    share: { type: 'string', default: '0.1' },
    messages: { type: 'string', default: '1000' },
    sessions: { type: 'string', default: '80' },
    turns: { type: 'string', default: '3' },
  },
});
const share = Number(values.share);
const sessions = Number(values.sessions);
/** Messages for each thread, unrestricted, for the compilers. */
const WARM_UP = 6000;
const KINDS = [
  { name: 'W1 (a connection for each message)', reuse: false },
  { name: 'W2 (connections kept)', reuse: true },
] as const;

interface Measured {
  /** Delivered messages a second. */
  readonly rate: number;
  /** Part of its quota that each carrying thread used. */
  readonly used: readonly number[];
  /** Milliseconds of the carrying threads' processor time for each message. */
  readonly cpu: number;
  /** Messages that each of them took. */
  readonly taken: readonly number[];
}

/** Which thread made the identity (message-id.ts: four bits above the eight of the sequence). */
function threadOf(reply: string): number {
  const id = parseMessageId(reply.split(' ').at(-1) ?? '') ?? 0;
  return Math.floor(id / 256) % 16;
}

/** One gateway with so many carrying threads: each kind of load in turn. */
async function measure(workers: number): Promise<readonly Measured[]> {
  const results: Measured[] = [];
  await withScene(async (scene) => {
    const sink = await startSink();
    scene.after(() => sink.close());
    // The groups can go only when the gateway has ended: what is given first ends last.
    let remove = async (): Promise<void> => {};
    scene.after(() => remove());
    const gateway = await startGateway(scene, { workers, env: { MALLOC_ARENA_MAX: '2' } });
    await gateway.run('New-OutboundConnector', {
      Name: 'bench',
      RecipientDomains: ['*'],
      UseMXRecord: false,
      SmartHosts: [`127.0.0.1:${sink.port}`],
    });
    const pid = gateway.process.pid ?? 0;
    const carriers = threadsOf(pid).filter(({ name }) => name.startsWith('carrier'));
    const load = { port: gateway.smtp.port, sessions, size: 4096 };
    await runLoad({ ...load, messages: WARM_UP * workers, reuse: false });
    await sink.until(WARM_UP * workers);
    ({ remove } = limitThreads(carriers, share));
    for (const { reuse } of KINDS) {
      const messages = Number(values.messages) * workers;
      const before = (await sink.count()).messages;
      const cpu = carriers.map((thread) => threadMilliseconds(pid, thread));
      const taken = carriers.map(() => 0);
      const begun = performance.now();
      const accepted = (_: number, reply: string): void => {
        const thread = threadOf(reply);
        taken[thread] = (taken[thread] ?? 0) + 1;
      };
      await runLoad({ ...load, messages, reuse, accepted });
      const delivered = (await sink.until(before + messages)) - before;
      const milliseconds = performance.now() - begun;
      const spent = carriers.map((thread, index) => threadMilliseconds(pid, thread) - (cpu[index] ?? 0));
      results.push({
        rate: (delivered * 1000) / milliseconds,
        used: spent.map((each) => each / (milliseconds * share)),
        cpu: spent.reduce((sum, each) => sum + each, 0) / messages,
        taken,
      });
    }
  });
  return results;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
const counts = values.workers.split(',').map(Number);
const rates = new Map<string, number[]>();
print(`each carrying thread has ${percent(share)} of a processor; ${sessions} sessions, 4 KiB`);
for (let turn = 0; turn < Number(values.turns); turn += 1) {
  for (const workers of counts) {
    for (const [kind, { rate, used, cpu, taken }] of (await measure(workers)).entries()) {
      const key = `${kind} ${workers}`;
      rates.set(key, [...(rates.get(key) ?? []), rate]);
      print(
        `${KINDS[kind]?.name}, ${workers} carrying: ${Math.round(rate)}/s; used of its quota: ` +
          `${used.map(percent).join(', ')}; ${cpu.toFixed(3)} ms of theirs a message; messages taken: ${taken.join(', ')}`,
      );
    }
  }
}
for (const [kind, { name }] of KINDS.entries()) {
  const medians = counts.map((workers) => median(rates.get(`${kind} ${workers}`) ?? []));
  const words = medians.map((rate, index) => {
    const times = index === 0 ? '' : ` (${(rate / (medians[0] ?? rate)).toFixed(2)} times)`;
    return `${counts[index]}: ${Math.round(rate)}/s${times}`;
  });
  print(`${name}, medians: ${words.join(', ')}`);
}
