// The HTTP listener, over TLS where a certificate is given: /healthz, /readyz and /metrics here, /adminapi/ in the handler
// that is given. Limits on time, size and count; answers nothing it wasn't asked.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

/** An import statement would load what only browsers' interfaces need with it (4 to 14 MB). */
const { createServer } = process.getBuiltinModule('node:http');

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface HttpParts {
  /** null: ready; else why not. */
  readonly ready: () => Promise<string | null>;
  readonly metrics: () => Promise<string>;
  /** Takes the request if it is its own. */
  readonly adminApi: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly log: (message: string, error: unknown) => void;
  /** null: without TLS. */
  readonly tls: SecureContextOptions | null;
}

export interface HttpServer {
  readonly address: ListenAddress;
  readonly encrypted: boolean;
  /** Another certificate for the connections that come; nothing for a listener without TLS. */
  setCertificate(tls: SecureContextOptions): void;
  stop(): Promise<void>;
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
};

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(text);
}

const LIMITS = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
};
const HANDSHAKE_MILLISECONDS = 10_000;

/** Listens; rejects as node:net does when the address can't be had. */
export async function startHttpServer(endpoint: ListenAddress, parts: HttpParts): Promise<HttpServer> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    respond(request, response, parts).catch((error: unknown) => {
      parts.log('a request failed', error);
      if (!response.headersSent) answer(response, 500, 'internal error\n');
      else response.destroy();
    });
  };
  const secure = parts.tls === null ? null : await createSecureServer(parts.tls, onRequest);
  const server = secure ?? createServer(LIMITS, onRequest);
  server.maxConnections = 500;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(endpoint.port, endpoint.host, () => resolve());
  });
  server.on('error', (error) => parts.log('the HTTP listener reports', error));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : endpoint.port;
  return {
    address: { host: endpoint.host, port },
    encrypted: secure !== null,
    setCertificate: (tls) => secure?.setSecureContext(tls),
    stop: () => stop(server),
  };
}

/** node:https is loaded only where it is used. */
async function createSecureServer(
  tls: SecureContextOptions,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpsServer> {
  const https = await import('node:https');
  const server = https.createServer(
    { ...LIMITS, ...tls, handshakeTimeout: HANDSHAKE_MILLISECONDS },
    onRequest,
  );
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

async function respond(request: IncomingMessage, response: ServerResponse, parts: HttpParts): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (parts.adminApi(request, response)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'only GET here\n');
  switch (path) {
    case '/healthz':
      return answer(response, 200, 'ok\n');
    case '/readyz': {
      const reason = await parts.ready();
      return answer(response, reason === null ? 200 : 503, `${reason ?? 'ready'}\n`);
    }
    case '/metrics':
      return answer(response, 200, await parts.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
    default:
      return answer(response, 404, 'nothing here\n');
  }
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 2_000).unref();
  await closed;
}
