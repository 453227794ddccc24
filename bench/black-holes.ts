// Mail to many destinations, a few of which take connections and never say a word: how much that costs the others. Two
// gateways carry the same mail by turns, one with black holes among its destinations and one without; first while the
// holes keep every connection waiting, then when they are known to be dead and each message to them is put by. The rate on
// the wall clock is told, and the processor time for each message that was taken in, which other work on the machine
// disturbs less.
//   node bench/black-holes.ts [--destinations 1000] [--holes 10] [--share PERCENT] [--messages 1500] [--turns 25]
// --share: how much of the mail is for the holes; default: as much as for any other destination.
import { createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { type Gateway, type Owner, startGateway } from '../test/support/gateway.ts';
import { startTestDns, type TestName } from '../test/support/test-dns.ts';
import { cpuMilliseconds, residentMebibytes } from './support/process-figures.ts';
import { print, withScene } from './support/scene.ts';
import { type Sink, startSink } from './support/sink.ts';
import { percentile, runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    destinations: { type: 'string', default: '1000' },
    holes: { type: 'string', default: '10' },
    share: { type: 'string' },
    messages: { type: 'string', default: '1500' },
    turns: { type: 'string', default: '25' },
  },
});
const destinations = Number(values.destinations);
const holes = Number(values.holes);
const messages = Number(values.messages);
const LIVE = '127.0.0.1';
const HOLE = '127.0.0.2';
/** The first of so many messages in a hundred thousand go to a hole. */
const toHoles = Math.round(1000 * Number(values.share ?? (100 * holes) / destinations));
/** Spreads the holes' mail evenly among the rest. */
const STEP = 61_803;
const isForHole = (message: number): boolean => (message * STEP) % 100_000 < toHoles;

interface BlackHole {
  /** How many connections it holds. */
  readonly held: () => number;
  /** Ends what it holds and takes no more. */
  die(): void;
}

/** Takes connections and is silent. */
async function openBlackHole(scene: Owner, port: number): Promise<BlackHole> {
  const held = new Set<Socket>();
  const server: Server = createServer((socket) => {
    held.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => held.delete(socket));
  });
  const die = (): void => {
    server.close();
    for (const socket of held) socket.destroy();
  };
  scene.after(die);
  await new Promise<void>((resolve) => server.listen(port, HOLE, resolve));
  return { held: () => held.size, die };
}

/** A gateway whose first destinations are holes, if there are to be any. */
async function start(scene: Owner, sink: Sink, dead: boolean): Promise<Gateway> {
  const zones: Record<string, TestName> = { 'live.test': { A: [LIVE] }, 'hole.test': { A: [HOLE] } };
  for (let index = 0; index < destinations; index += 1)
    zones[`d${index}.test`] = { MX: [[10, dead && index < holes ? 'hole.test' : 'live.test']] };
  const dns = await startTestDns(zones);
  scene.after(() => dns.close());
  const flags = ['--dns', `${dns.address}:${dns.port}`, '--mx-port', String(sink.port)];
  return startGateway(scene, { flags, env: { MALLOC_ARENA_MAX: '2' } });
}

interface Turn {
  /** Messages a second to the living. */
  readonly rate: number;
  /** Milliseconds of the gateway's processor time for each message that it took. */
  readonly cpu: number;
}

async function carry(gateway: Gateway, sink: Sink, dead: boolean): Promise<Turn> {
  const pid = gateway.process.pid ?? 0;
  const before = (await sink.count()).messages;
  const cpu = cpuMilliseconds(pid);
  const begun = performance.now();
  let living = 0;
  await runLoad({
    port: gateway.smtp.port,
    messages,
    sessions: 20,
    size: 4096,
    reuse: true,
    recipient(message) {
      const forHole = isForHole(message);
      if (!forHole || !dead) living += 1;
      const index = forHole ? message % holes : holes + (message % (destinations - holes));
      return `rcpt@d${index}.test`;
    },
  });
  const delivered = (await sink.until(before + living)) - before;
  const seconds = (performance.now() - begun) / 1000;
  if (delivered !== living) throw new Error(`${delivered} of ${living} messages arrived.`);
  return { rate: living / seconds, cpu: (cpuMilliseconds(pid) - cpu) / messages };
}

function quartiles(numbers: readonly number[]): readonly [number, number, number] {
  const sorted = numbers.toSorted((a, b) => a - b);
  return [percentile(sorted, 0.25), percentile(sorted, 0.5), percentile(sorted, 0.75)];
}

function medianRate(turns: readonly Turn[]): number {
  return quartiles(turns.map(({ rate }) => rate))[1];
}

function meanCpu(turns: readonly Turn[]): number {
  return turns.reduce((sum, { cpu }) => sum + cpu, 0) / turns.length;
}

/** Of what the same machine does for the living alone, without the holes' mail. */
const LIVING = 1 - toHoles / 100_000;

await withScene(async (scene) => {
  const sink = await startSink();
  scene.after(() => sink.close());
  const hole = await openBlackHole(scene, sink.port);
  const none = await start(scene, sink, false);
  const some = await start(scene, sink, true);
  print(
    `${destinations} destinations, ${holes} black holes with ${toHoles / 1000} % of the mail; ${messages} messages a turn`,
  );

  async function compare(name: string): Promise<void> {
    const turns: { readonly without: Turn; readonly beside: Turn }[] = [];
    for (let turn = 0; turn < Number(values.turns); turn += 1) {
      // Whoever comes first gets the better or the worse of the machine's moods.
      const early = turn % 2 === 0 ? await carry(none, sink, false) : null;
      const beside = await carry(some, sink, true);
      turns.push({ without: early ?? (await carry(none, sink, false)), beside });
    }
    const without = turns.map((turn) => turn.without);
    const beside = turns.map((turn) => turn.beside);
    const shares = turns.map((turn) => (100 * turn.beside.rate) / (turn.without.rate * LIVING));
    const [low, middle, high] = quartiles(shares);
    const cpu = [meanCpu(without), meanCpu(beside)] as const;
    print(
      `${name}: to the living ${Math.round(medianRate(beside))}/s, without holes ${Math.round(medianRate(without) * LIVING)}/s: ` +
        `${middle.toFixed(1)} % (median of ${turns.length} pairs; half of them between ${low.toFixed(0)} and ${high.toFixed(0)} %)`,
    );
    print(
      `  CPU a message ${cpu[1].toFixed(3)} ms, without holes ${cpu[0].toFixed(3)} ms (${((100 * cpu[1]) / cpu[0]).toFixed(1)} % of it); ` +
        `connections held ${hole.held()}; memory ${residentMebibytes(some.process.pid ?? 0, 'VmRSS')} MiB, ` +
        `without ${residentMebibytes(none.process.pid ?? 0, 'VmRSS')} MiB`,
    );
  }

  // Compilers and caches.
  for (const turn of [none, some, none, some]) await carry(turn, sink, turn === some);
  await compare('silent holes');
  hole.die();
  await compare('dead holes');
});
