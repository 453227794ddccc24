// Relays under the load generator of our own, which speaks TLS and times every final dot: throughput, processor time a
// message, latency. Prints figures, judges nothing.
//   node bench/load.ts [RELAY[:VARIANT] …] [--tls] [--messages 10000] [--sessions 20] [--size 4096] [--one-each]
//                      [--rate N | --half-load]
// --one-each: a new connection for each message. --half-load: every relay gets half the rate that the first one reached.
import { parseArgs } from 'node:util';
import { startRelay } from './support/relay.ts';
import { startSink } from './support/sink.ts';
import { type LoadResult, percentile, runLoad } from './support/smtp-load.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tls: { type: 'boolean', default: false },
    messages: { type: 'string', default: '10000' },
    sessions: { type: 'string', default: '20' },
    size: { type: 'string', default: '4096' },
    'one-each': { type: 'boolean', default: false },
    rate: { type: 'string', default: '0' },
    'half-load': { type: 'boolean', default: false },
  },
});
const relays = positionals.length > 0 ? positionals : ['postfix:tuned', 'postern'];
const messages = Number(values.messages);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs one relay; resolves with the messages a second that it accepted. */
async function measure(name: string, rate: number): Promise<number> {
  const sink = await startSink({ tls: values.tls });
  const relay = await startRelay(values.tls ? withTls(name) : name, sink.port);
  try {
    const before = relay.group.cpu().all;
    const begun = performance.now();
    const load = await runLoad({
      port: relay.port,
      messages,
      sessions: Number(values.sessions),
      size: Number(values.size),
      reuse: !values['one-each'],
      tls: values.tls,
      rate,
    });
    const delivered = await sink.until(load.accepted);
    const seconds = (performance.now() - begun) / 1000;
    const cpu = ((relay.group.cpu().all - before) * 1000) / load.accepted;
    const { overTls } = await sink.count();
    print(describe(name, rate, load, { delivered, seconds, cpu, overTls }));
    return load.accepted / load.seconds;
  } finally {
    await relay.stop();
    sink.close();
  }
}

/** Variants that offer and demand TLS are the relays' own: `postfix:tuned` becomes `postfix:tuned-tls`. */
function withTls(name: string): string {
  return name.includes(':') ? `${name}-tls` : `${name}:tls`;
}

interface Measured {
  readonly delivered: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly overTls: number;
}

function describe(name: string, rate: number, load: LoadResult, measured: Measured): string {
  const { latencies } = load;
  const at = (part: number): string => percentile(latencies, part).toFixed(2);
  return [
    `${name}${rate > 0 ? ` at ${Math.round(rate)}/s` : ''}:`,
    `accepted ${Math.round(load.accepted / load.seconds)}/s,`,
    `delivered ${Math.round(measured.delivered / measured.seconds)}/s (${measured.delivered} of ${load.accepted}, ${measured.overTls} over TLS, ${load.refused} refused),`,
    `CPU ${measured.cpu.toFixed(3)} ms/message,`,
    `dot to 250: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`,
  ].join(' ');
}

let rate = Number(values.rate);
if (values['half-load']) rate = (await measure(relays[0] ?? 'postfix', 0)) / 2;
for (const name of relays) await measure(name, rate);
