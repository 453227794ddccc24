// A web server on loopback for tests: serves revocation lists and MTA-STS policies, redirects, hangs, drips and lies as
// told. Counts what it is asked. Over TLS when it is given an identity.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Identity } from './certificates.ts';
import { portOf } from './loopback-port.ts';

export interface Page {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The request is taken and never answered. */
  readonly hang?: boolean;
  /** The headers come, then this many octets, then nothing more. */
  readonly stallAfter?: number;
  /** Octets without an end and without a length. */
  readonly endless?: boolean;
}

export interface WebServer {
  readonly port: number;
  /** `http://127.0.0.1:port`, or https. */
  readonly origin: string;
  /** By path; what isn't there is 404. Tests may change it as they go. */
  readonly pages: Map<string, Page>;
  /** Paths in the order in which they were asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

export async function startWebServer(
  pages: Readonly<Record<string, Page>> = {},
  identity: Identity | null = null,
): Promise<WebServer> {
  const map = new Map(Object.entries(pages));
  const requests: string[] = [];
  const listener: RequestListener = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    requests.push(path);
    answer(map.get(path), response);
  };
  const server = identity === null ? createServer(listener) : createSecureServer(identity.tls, listener);
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  return {
    port,
    origin: `${identity === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    pages: map,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(page: Page | undefined, response: ServerResponse): void {
  if (page?.hang === true) return;
  response.on('error', () => response.destroy());
  response.writeHead(page?.status ?? (page === undefined ? 404 : 200), page?.headers ?? {});
  if (page?.endless === true) {
    drip(response);
  } else if (page?.stallAfter !== undefined) {
    response.write(Buffer.from(page.body ?? '').subarray(0, page.stallAfter));
  } else {
    response.end(page?.body ?? '');
  }
}

function drip(response: ServerResponse): void {
  const chunk = Buffer.alloc(256 * 1024, 0x61);
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', write);
  };
  write();
}
