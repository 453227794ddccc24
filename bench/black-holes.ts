// Mail to many destinations, a few of which take connections and never say a word: how much that costs the others.
//   node bench/black-holes.ts [--destinations 1000] [--holes 10] [--messages 10000]
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { type Owner, startGateway } from '../test/support/gateway.ts';
import { startTestDns, type TestName } from '../test/support/test-dns.ts';
import { print, withScene } from './support/scene.ts';
import { startSink } from './support/sink.ts';
import { runLoad } from './support/smtp-load.ts';

const { values } = parseArgs({
  options: {
    destinations: { type: 'string', default: '1000' },
    holes: { type: 'string', default: '10' },
    messages: { type: 'string', default: '10000' },
  },
});
const destinations = Number(values.destinations);
const messages = Number(values.messages);
const LIVE = '127.0.0.1';
const HOLE = '127.0.0.2';

/** Takes connections and is silent. */
function openBlackHole(scene: Owner, port: number): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => {}));
  scene.after(() => server.close());
  return new Promise((resolve) => server.listen(port, HOLE, resolve));
}

/** Messages a second to the destinations that are alive. */
async function run(holes: number): Promise<number> {
  let rate = 0;
  await withScene(async (scene) => {
    const sink = await startSink();
    scene.after(() => sink.close());
    await openBlackHole(scene, sink.port);
    const zones: Record<string, TestName> = { 'live.test': { A: [LIVE] }, 'hole.test': { A: [HOLE] } };
    for (let index = 0; index < destinations; index += 1)
      zones[`d${index}.test`] = { MX: [[10, index < holes ? 'hole.test' : 'live.test']] };
    const dns = await startTestDns(zones);
    scene.after(() => dns.close());
    const flags = ['--dns', `${dns.address}:${dns.port}`, '--mx-port', String(sink.port)];
    const gateway = await startGateway(scene, { flags });
    const alive = Array.from({ length: messages }, (_, message) => message % destinations >= holes);
    const wanted = alive.filter(Boolean).length;
    const begun = performance.now();
    const load = await runLoad({
      port: gateway.smtp.port,
      messages,
      sessions: 20,
      size: 4096,
      reuse: true,
      recipient: (message) => `rcpt@d${message % destinations}.test`,
    });
    const delivered = await sink.until(wanted);
    const seconds = (performance.now() - begun) / 1000;
    rate = delivered / seconds;
    print(
      `${destinations} destinations, ${holes} black holes: accepted ${Math.round(load.accepted / load.seconds)}/s, ` +
        `delivered to the living ${Math.round(rate)}/s (${delivered} of ${wanted})`,
    );
  });
  return rate;
}

const holes = Number(values.holes);
const living = (destinations - holes) / destinations;
const shares: number[] = [];
// By turns, as the machine has moods; the first pair warms it up.
for (let turn = 0; turn < 4; turn += 1) {
  const none = (await run(0)) * living;
  const some = await run(holes);
  if (turn > 0) shares.push((100 * some) / none);
}
const [, median = 0] = shares.toSorted((a, b) => a - b);
print(`to the living, with black holes: ${median.toFixed(1)} % of the rate without (median of 3)`);
