// A load generator: so many sessions hand in messages of one size, each waiting for every reply as smtp-source does, over
// TLS if asked, as fast as they are taken or at a steady rate. Owns the clock between the final dot and its 250.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOptions {
  readonly host?: string;
  readonly port: number;
  readonly messages: number;
  readonly sessions: number;
  /** Octets of content. */
  readonly size: number;
  /** Connections are kept; else there is a new one for each message. */
  readonly reuse: boolean;
  /** STARTTLS before the first MAIL. */
  readonly tls?: boolean;
  /** Messages a second, begun in even steps; 0: as many as are taken. */
  readonly rate?: number;
  readonly recipient?: (message: number) => string;
  /** The number in the first Subject; default 0. */
  readonly first?: number;
  /** The message was answered with 250, in these words. */
  readonly accepted?: (message: number, reply: string) => void;
  /** Ends the load early. */
  readonly signal?: AbortSignal;
}

export interface LoadResult {
  readonly accepted: number;
  /** 4xx and 5xx, and connections that broke. */
  readonly refused: number;
  readonly seconds: number;
  /** Milliseconds from the final dot to 250, in ascending order. */
  readonly latencies: readonly number[];
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { messages, sessions, rate = 0, first = 0 } = options;
  const body = bodyOf(options.size);
  const latencies: number[] = [];
  const begun = performance.now();
  const isOver = (): boolean => options.signal?.aborted === true;
  let next = 0;
  let refused = 0;

  async function session(): Promise<void> {
    let wire: Wire | null = null;
    while (next < messages && !isOver()) {
      const turn = next;
      next += 1;
      if (rate > 0) await until(begun + (turn * 1000) / rate);
      try {
        wire ??= await openWire(options);
        const { latency, reply } = await handIn(wire, first + turn, body, options);
        latencies.push(latency);
        options.accepted?.(first + turn, reply);
        if (options.reuse) continue;
      } catch {
        refused += 1;
        wire?.socket.destroy();
        wire = null;
        continue;
      }
      await quit(wire);
      wire = null;
    }
    if (wire !== null) await quit(wire);
  }

  await Promise.all(Array.from({ length: sessions }, session));
  const seconds = (performance.now() - begun) / 1000;
  return { accepted: latencies.length, refused, seconds, latencies: latencies.toSorted((a, b) => a - b) };
}

/** The value below which this part (0 to 1) of the sorted values lies. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 1) await sleep(left);
}

interface Wire {
  socket: Socket;
  /** Sends the text and resolves with the last line of the reply. Rejects when the connection ends. */
  say(text: string): Promise<string>;
  /** Goes on over another socket. */
  use(socket: Socket): void;
}

function createWire(first: Socket): Wire {
  let text = '';
  let answered: ((line: string) => void) | null = null;
  let broken: ((error: Error) => void) | null = null;
  const listen = (socket: Socket): void => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const reply = /^(\d{3} .*)\r\n$/m.exec(text);
      if (reply === null) return;
      text = '';
      answered?.(reply[1] ?? '');
    });
    socket.on('error', (error) => broken?.(error));
    socket.on('close', () => broken?.(new Error('The connection has ended.')));
  };
  listen(first);
  return {
    socket: first,
    say(line) {
      return new Promise((resolve, reject) => {
        answered = resolve;
        broken = reject;
        if (this.socket.destroyed) reject(new Error('The connection has ended.'));
        else if (line !== '') this.socket.write(line, 'latin1');
      });
    },
    use(socket) {
      this.socket.removeAllListeners('data');
      this.socket = socket;
      listen(socket);
    },
  };
}

async function expect(wire: Wire, text: string, code: string): Promise<string> {
  const reply = await wire.say(text);
  if (!reply.startsWith(code)) throw new Error(`expected ${code}, got: ${reply}`);
  return reply;
}

async function openWire({ host = '127.0.0.1', port, tls = false }: LoadOptions): Promise<Wire> {
  const wire = createWire(connect({ host, port, noDelay: true }));
  await expect(wire, '', '220');
  await expect(wire, 'EHLO client.test\r\n', '250');
  if (!tls) return wire;
  await expect(wire, 'STARTTLS\r\n', '220');
  const plain = wire.socket;
  plain.removeAllListeners('data');
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  await new Promise<void>((resolve, reject) => {
    secure.once('secureConnect', () => resolve());
    secure.once('error', reject);
  });
  wire.use(secure);
  await expect(wire, 'EHLO client.test\r\n', '250');
  return wire;
}

interface HandedIn {
  /** Milliseconds from the final dot to 250. */
  readonly latency: number;
  readonly reply: string;
}

async function handIn(wire: Wire, message: number, body: string, options: LoadOptions): Promise<HandedIn> {
  const recipient = options.recipient?.(message) ?? 'rcpt@example.test';
  await expect(wire, 'MAIL FROM:<bench@example.test>\r\n', '250');
  await expect(wire, `RCPT TO:<${recipient}>\r\n`, '250');
  await expect(wire, 'DATA\r\n', '354');
  const sent = performance.now();
  const content = `From: <bench@example.test>\r\nSubject: load ${message}\r\n\r\n${body}.\r\n`;
  const reply = await expect(wire, content, '250');
  return { latency: performance.now() - sent, reply };
}

async function quit(wire: Wire): Promise<void> {
  await wire.say('QUIT\r\n').catch(() => '');
  wire.socket.destroy();
}

function bodyOf(size: number): string {
  const line = `${'x'.repeat(78)}\r\n`;
  return line.repeat(Math.max(1, Math.round((size - 60) / line.length)));
}
