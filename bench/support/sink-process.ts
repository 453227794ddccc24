// A mail server that takes everything and keeps nothing but the numbers in the subjects: the far end of a benchmark, in a
// process of its own so that its work isn't counted as the relay's. Started by sink.ts.
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
/** How often each message came, by the number in its subject. */
const seen = new Map<number, number>();
let messages = 0;
let overTls = 0;

function tlsContext(): SecureContext | null {
  if (!values.tls) return null;
  const leaf = createAuthority().issue({ dnsNames: ['sink.test'] });
  return createSecureContext({ cert: leaf.pem, key: leaf.keyPem });
}
const context = tlsContext();

function took(content: string, secure: boolean): void {
  messages += 1;
  if (secure) overTls += 1;
  const number = Number(/^Subject: load (\d+)\r$/m.exec(content)?.[1] ?? -1);
  seen.set(number, (seen.get(number) ?? 0) + 1);
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
  socket.on('error', () => {});

  function takeContent(): boolean {
    const end = text.indexOf(END);
    if (end < 0) {
      head = `${head ?? ''}${text}`.slice(0, 4096);
      text = text.slice(-(END.length - 1));
      return false;
    }
    took(`${head ?? ''}${text.slice(0, end)}`, secure);
    text = text.slice(end + END.length);
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
  process.send?.(ask === 'count' ? { messages, overTls } : { seen: [...seen] });
});
process.on('disconnect', () => process.exit(0));
