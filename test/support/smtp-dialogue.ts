// Speaks SMTP by hand over a real socket: says octets, hears whole replies. For tests of servers on the wire.
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export interface Dialogue {
  /** Sends octets as they are; text is sent as UTF-8. */
  say(text: string | Buffer): void;
  /** The next reply, its lines joined by `|`; `null` when the server has closed. */
  hear(): Promise<string | null>;
  /** So many replies. */
  hearAll(count: number): Promise<readonly (string | null)[]>;
  /** Says a line and hears the reply to it. */
  ask(line: string): Promise<string | null>;
  /** What the server says until it closes. */
  rest(): Promise<readonly string[]>;
  /** Goes on under TLS, after 220 to STARTTLS. */
  secure(options?: ConnectionOptions): Promise<void>;
  end(): void;
  readonly socket: Socket;
}

/** `localAddress`: whom the server sees; 127.0.0.1 unless given. */
export function openDialogue(port: number, localAddress = '127.0.0.1'): Dialogue {
  let socket: Socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  let text = '';
  let closed = false;
  let wake: (() => void) | null = null;

  function listen(): void {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      wake?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      closed = true;
      wake?.();
    });
  }
  listen();

  async function hear(): Promise<string | null> {
    for (;;) {
      const reply = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(text);
      if (reply !== null) {
        text = text.slice(reply[0].length);
        return reply[0].trimEnd().replaceAll('\r\n', '|');
      }
      if (closed) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function hearAll(count: number): Promise<readonly (string | null)[]> {
    const heard: (string | null)[] = [];
    while (heard.length < count) heard.push(await hear());
    return heard;
  }

  return {
    say: (words) => void socket.write(words),
    hear,
    hearAll,
    ask: (line) => {
      socket.write(`${line}\r\n`);
      return hear();
    },
    rest: async () => {
      const heard: string[] = [];
      for (let reply = await hear(); reply !== null; reply = await hear()) heard.push(reply);
      return heard;
    },
    secure: async (options = {}) => {
      socket.removeAllListeners('data');
      const secured = connectTls({ rejectUnauthorized: false, ...options, socket });
      socket = secured;
      listen();
      await new Promise<void>((resolve, reject) => {
        secured.once('secureConnect', resolve);
        secured.once('error', reject);
      });
    },
    end: () => void socket.destroy(),
    get socket() {
      return socket;
    },
  };
}
