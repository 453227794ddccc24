// The wire API (cmdlets.md): everything below /adminapi/. Guards first, then who it is, then how often, then the route.
// Every answer has a Request-Id, and so has the line in the log. Keeps nothing between requests but the counters of
// its rate limits.
//   POST /adminapi/beta/{tenant}/InvokeCommand, /$batch     GET /adminapi/openapi.json, /cmdlets, /completions, /events
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignIn } from '#cmdlets/permissions/sign-in.ts';
import type { Invoke } from '#cmdlets/invoke.ts';
import type { Registry } from '#cmdlets/registry.ts';
import type { Session } from '#cmdlets/session.ts';
import { runBatch } from './batch.ts';
import type { Completer } from './control-socket.ts';
import type { EventHub } from './event-stream.ts';
import { invokeCommand } from './invoke-command.ts';
import { answerForError, refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';
import { openApiDocument } from './openapi.ts';
import type { RateState } from './rate-limit.ts';
import { readJsonBody } from './request-body.ts';
import { guardRequest } from './request-guard.ts';
import { createRequestSignIn } from './request-sign-in.ts';

export interface AdminApiParts<Services> {
  readonly registry: Registry<Services>;
  readonly invoke: Invoke;
  readonly signIn: SignIn;
  readonly complete: Completer;
  readonly events: EventHub;
  readonly version: string;
  readonly organization: () => string;
  /** Whether a path's tenant is this organization: its name, a domain of it, its GUID; in lower case. */
  readonly isTenant: (tenant: string) => boolean;
  /** Whether a Host header's name in lower case is one of the gateway's. */
  readonly isOwnName: (name: string) => boolean;
  readonly logRequest: (line: RequestLine) => void;
  readonly log: (message: string, error: unknown) => void;
  /** Default: 600 a minute for each user, 20 failed sign-ins a minute for each address. */
  readonly limits?: { readonly requests?: number; readonly failedSignIns?: number };
}

export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly user: string | null;
  readonly status: number;
  readonly milliseconds: number;
}

const PREFIX = '/adminapi/';
const MAX_MILLISECONDS = 300_000;

/** true: the request was ours. */
export function createAdminApi<S>(
  parts: AdminApiParts<S>,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const identify = createRequestSignIn({
    signIn: parts.signIn,
    clock: () => performance.now(),
    limits: parts.limits ?? {},
  });
  return (request, response) => {
    const url = request.url ?? '/';
    if (url.slice(0, PREFIX.length).toLowerCase() !== PREFIX) return false;
    const exchange = new Exchange(parts, request, response, identify);
    exchange.serve().catch((error: unknown) => exchange.fail(error));
    return true;
  };
}

/** One request and its answer. */
class Exchange<S> {
  readonly #parts: AdminApiParts<S>;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #identify: ReturnType<typeof createRequestSignIn>;
  readonly #id = randomUUID();
  readonly #began = performance.now();
  readonly #abort = new AbortController();
  readonly #path: string;
  readonly #query: URLSearchParams;
  #session: Session | null = null;
  #rate: RateState | null = null;

  constructor(
    parts: AdminApiParts<S>,
    request: IncomingMessage,
    response: ServerResponse,
    identify: ReturnType<typeof createRequestSignIn>,
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#response = response;
    this.#identify = identify;
    const [path = '', query = ''] = (request.url ?? '/').split('?', 2);
    this.#path = path;
    this.#query = new URLSearchParams(query);
    response.on('close', () => this.#abort.abort());
  }

  async serve(): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), MAX_MILLISECONDS);
    timer.unref();
    try {
      const refused = this.#guard() ?? (await this.#signIn());
      const answer = refused ?? (await this.#route());
      if (answer) this.#send(answer);
    } finally {
      clearTimeout(timer);
    }
  }

  fail(error: unknown): void {
    this.#send(answerForError(error, [], (cause) => this.#parts.log(`request ${this.#id} failed`, cause)));
  }

  get #address(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  #guard(): WireAnswer | null {
    const { method = 'GET', headers, socket } = this.#request;
    const facts = {
      method,
      encrypted: 'encrypted' in socket && socket.encrypted === true,
      remoteAddress: this.#address,
      host: headers.host,
      origin: headers.origin,
      fetchSite: oneHeader(headers['sec-fetch-site']),
      contentType: headers['content-type'],
    };
    return guardRequest(facts, this.#parts.isOwnName);
  }

  async #signIn(): Promise<WireAnswer | null> {
    const signedIn = await this.#identify(this.#request.headers.authorization ?? '', this.#address);
    this.#session = signedIn.session;
    this.#rate = signedIn.rate;
    return signedIn.refused;
  }

  /** null: the route answers by itself. */
  async #route(): Promise<WireAnswer | null> {
    const session = this.#session;
    if (!session) throw new Error('routes are for those who are signed in');
    const { method } = this.#request;
    const path = this.#path.slice(PREFIX.length);
    const command = /^(?:beta|v1\.0|v2\.0)\/([^/]{1,255})\/(InvokeCommand|\$batch|%24batch)$/i.exec(path);
    if (command) {
      if (method !== 'POST') return refusal(405, 'Only POST is served here.', { allow: 'POST' });
      return this.#commands(command[1] ?? '', command[2] ?? '', session);
    }
    const page = this.#pages(path.toLowerCase(), session);
    if (page === undefined) return refusal(404, `There is nothing at ${this.#path.slice(0, 200)}.`);
    return method === 'GET' ? page() : refusal(405, 'Only GET is served here.', { allow: 'GET' });
  }

  #pages(path: string, session: Session): (() => Promise<WireAnswer | null>) | undefined {
    const { registry, complete, events, version, organization } = this.#parts;
    switch (path) {
      case 'openapi.json':
        return async () => {
          const about = { version, organization: organization() };
          return { status: 200, body: openApiDocument(registry.cmdlets, session, about) };
        };
      case 'cmdlets':
        return async () => {
          const { views } = registry;
          return {
            status: 200,
            body: { version, organization: organization(), views, value: registry.list(session) },
          };
        };
      case 'completions':
        return async () => {
          const kind = this.#query.get('kind') ?? '';
          const allowed = session.allows(`Get-${kind}`);
          const value = allowed ? await complete(kind, this.#query.get('prefix') ?? '', session) : [];
          return { status: 200, body: { value } };
        };
      case 'events':
        return async () => {
          this.#response.setHeader('request-id', this.#id);
          if (!events.serve(this.#request, this.#response, session))
            return refusal(503, 'Too many listeners.');
          this.#logged(200);
          return null;
        };
      default:
        return undefined;
    }
  }

  async #commands(tenant: string, action: string, session: Session): Promise<WireAnswer> {
    const name = decoded(tenant);
    if (name === null || !this.#parts.isTenant(name.toLowerCase())) {
      return refusal(
        404,
        `'${tenant.slice(0, 100)}' is not this organization. Use ${this.#parts.organization()}.`,
      );
    }
    const body = await readJsonBody(this.#request);
    if (!body.ok) return body.answer;
    const run = (json: unknown, query: URLSearchParams, prefer: string | null): Promise<WireAnswer> =>
      invokeCommand(
        {
          body: json,
          session,
          base: `${this.#origin}${PREFIX}beta/${tenant}`,
          pageSize: pageSize(prefer),
          skip: skipToken(query.get('$skiptoken')),
          signal: this.#abort.signal,
          logged: (error) => this.#parts.log(`request ${this.#id} failed`, error),
        },
        { invoke: this.#parts.invoke, catalogue: this.#parts.registry },
      );
    if (action.toLowerCase() === 'invokecommand') {
      return run(body.json, this.#query, oneHeader(this.#request.headers['prefer']) ?? null);
    }
    return runBatch(body.json, (request) => {
      return run(request.body, new URLSearchParams(request.url.split('?', 2)[1] ?? ''), request.prefer);
    });
  }

  /** As the client knows it; the guard has looked at the Host. */
  get #origin(): string {
    const { socket, headers } = this.#request;
    const isSecure = 'encrypted' in socket && socket.encrypted === true;
    return `${isSecure ? 'https' : 'http'}://${headers.host ?? ''}`;
  }

  #send(answer: WireAnswer): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return void response.destroy();
    const text = JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'request-id': this.#id,
      ...rateHeaders(this.#rate),
      ...answer.headers,
    });
    response.end(text);
    // What is left of a refused body is not waited for.
    if (!this.#request.complete) this.#request.resume();
    this.#logged(answer.status);
  }

  #logged(status: number): void {
    this.#parts.logRequest({
      requestId: this.#id,
      method: this.#request.method ?? '',
      path: this.#path.slice(0, 300),
      user: this.#session?.user ?? null,
      status,
      milliseconds: Math.round(performance.now() - this.#began),
    });
  }
}

function rateHeaders(rate: RateState | null): Readonly<Record<string, string>> {
  if (!rate) return {};
  return {
    'rate-limit-limit': String(rate.limit),
    'rate-limit-remaining': String(rate.remaining),
    'rate-limit-reset': String(rate.seconds),
  };
}

function oneHeader(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function pageSize(prefer: string | null): number | null {
  const size = Number(/odata\.maxpagesize\s*=\s*(\d{1,6})/i.exec(prefer ?? '')?.[1] ?? 0);
  return size > 0 ? size : null;
}

function skipToken(token: string | null): number {
  return /^\d{1,9}$/.test(token ?? '') ? Number(token) : 0;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
