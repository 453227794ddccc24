// Opens TCP connections to mail servers. Owns the connect time-out and nothing above TCP.
import { connect, type Socket } from 'node:net';

/** Resolves with a connected socket; rejects with Node's error, whose code says why (`ETIMEDOUT` for our own limit). */
export type Dial = (address: string, port: number) => Promise<Socket>;

export interface DiallerOptions {
  /** Milliseconds; default 30,000. RFC 5321 names no limit for connecting; Postfix's is the same. */
  readonly timeout?: number;
}

export function createDialler({ timeout = 30_000 }: DiallerOptions = {}): Dial {
  return (address, port) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true, autoSelectFamily: false });
      const timer = setTimeout(() => {
        socket.destroy(Object.assign(new Error(`no answer within ${timeout} ms`), { code: 'ETIMEDOUT' }));
      }, timeout);
      socket.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(socket);
      });
    });
}
