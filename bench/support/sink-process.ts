// A mail server that takes everything and keeps nothing but the numbers in the subjects, when they came and how many octets:
// the far end of a benchmark, in a process of its own so that its work isn't counted as the relay's. Started by sink.ts.
//   node sink-process.ts [--tls] [--port N] [--host ADDRESS]
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { createAuthority } from '../../test/support/certificates.ts';

const { values } = parseArgs({
  options: {
    tls: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});

const END = '\r\n.\r\n';
const HEADER_END = '\r\n\r\n';
/** When each message came, by the number in its subject. */
const arrivals = new Map<number, number[]>();
/** Octets of the shortest and the longest body that came. */
const bodies = { shortest: Number.POSITIVE_INFINITY, longest: 0 };
let messages = 0;
let overTls = 0;

function tlsContext(): SecureContext | null {
  if (!values.tls) return null;
  const leaf = createAuthority().issue({ dnsNames: ['sink.test'] });
  return createSecureContext({ cert: leaf.pem, key: leaf.keyPem });
}
const context = tlsContext();

/** `head` holds the whole header, `octets` counts all of the content. */
function took(head: string, octets: number, secure: boolean): void {
  messages += 1;
  if (secure) overTls += 1;
  const body = octets - head.indexOf(HEADER_END) - HEADER_END.length;
  bodies.shortest = Math.min(bodies.shortest, body);
  bodies.longest = Math.max(bodies.longest, body);
  const number = Number(/^Subject: load (\d+)\r$/m.exec(head)?.[1] ?? -1);
  const times = arrivals.get(number);
  if (times === undefined) arrivals.set(number, [Date.now()]);
  else times.push(Date.now());
}

function answerTo(line: string, secure: boolean): string {
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      return `250-sink.test\r\n${context !== null && !secure ? '250-STARTTLS\r\n' : ''}250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 209715200\r\n`;
    case 'DATA':
      return '354 go on\r\n';
    case 'QUIT':
      return '221 bye\r\n';
    case 'STAR':
      return '220 ready\r\n';
    default:
      return '250 2.0.0 ok\r\n';
  }
}

function serve(socket: Socket, secure: boolean): void {
  let text = '';
  /** The beginning of the content that is being taken; null between transactions. */
  let head: string | null = null;
  let octets = 0;
  socket.on('error', () => {});

  function takeContent(): boolean {
    const end = text.indexOf(END);
    if (end < 0) {
      // What may be the beginning of the end stays.
      const kept = Math.max(0, text.length - (END.length - 1));
      head = `${head ?? ''}${text.slice(0, kept)}`.slice(0, 4096);
      octets += kept;
      text = text.slice(kept);
      return false;
    }
    took(`${head ?? ''}${text.slice(0, end)}`, octets + end, secure);
    text = text.slice(end + END.length);
    octets = 0;
    head = null;
    return true;
  }

  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    let out = '';
    for (;;) {
      if (head !== null) {
        if (!takeContent()) break;
        out += '250 2.0.0 taken\r\n';
        continue;
      }
      const feed = text.indexOf('\n');
      if (feed < 0) break;
      const line = text.slice(0, feed).trimEnd();
      text = text.slice(feed + 1);
      out += answerTo(line, secure);
      if (line === 'DATA') head = '';
      if (line === 'STARTTLS' && context !== null) {
        socket.off('data', onData);
        socket.write(out);
        return serve(new TLSSocket(socket, { isServer: true, secureContext: context }), true);
      }
      if (line === 'QUIT') return void socket.end(out);
    }
    if (out !== '') socket.write(out);
  };
  socket.on('data', onData);
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.write('220 sink.test ESMTP\r\n');
  serve(socket, false);
});
server.listen({ host: values.host, port: Number(values.port), backlog: 511 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});
process.on('message', (ask) => {
  process.send?.(ask === 'count' ? { messages, overTls } : { arrivals: [...arrivals], ...bodies });
});
process.on('disconnect', () => process.exit(0));
