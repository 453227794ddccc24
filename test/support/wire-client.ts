// A client of the wire API that knows what the specification says of it and nothing else: no file of src/ is read here.
// HTTP as it comes, one answer a request; values are taken out of Exchange's envelope with their typing sidecars.
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

// biome-ignore lint/suspicious/noExplicitAny: JSON as it comes, as clients take it
export type Json = any;

export interface WireResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** undefined: the body was not JSON. */
  readonly body: Json;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as it is when it is a text or octets, else as JSON. */
  readonly body?: unknown;
  /** Trusted roots for https, PEM. */
  readonly ca?: string;
}

/** Anything that can be said over HTTP; no header is added. Rejects when the connection breaks. */
export function sendRequest(url: string, options: RequestOptions = {}): Promise<WireResponse> {
  const { method = 'GET', headers = {}, body, ca } = options;
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(
      url,
      { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: parsed(text),
          });
        });
      },
    );
    request.on('error', reject);
    if (body === undefined) request.end();
    else request.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface WireClient {
  readonly url: string;
  readonly tenant: string;
  /** `/adminapi/…` of a GET. */
  get(path: string): Promise<WireResponse>;
  /** One InvokeCommand, whatever its answer. */
  post(cmdlet: string, parameters?: Json, headers?: OutgoingHttpHeaders): Promise<WireResponse>;
  /** One InvokeCommand that must succeed: its objects of all pages, without sidecars. Throws WireError. */
  run(cmdlet: string, parameters?: Json, pageSize?: number): Promise<readonly Json[]>;
  batch(requests: readonly Json[]): Promise<WireResponse>;
  /** Another client of the same gateway. */
  as(authorization: string): WireClient;
}

export class WireError extends Error {
  readonly status: number;
  readonly body: Json;
  constructor(cmdlet: string, response: WireResponse) {
    super(`${cmdlet}: ${response.status} ${response.text.slice(0, 2000)}`);
    this.status = response.status;
    this.body = response.body;
  }
}

export interface WireClientOptions {
  readonly url: string;
  readonly tenant: string;
  /** `Bearer …` or `Basic …`. */
  readonly authorization: string;
  readonly ca?: string;
}

export const command = (CmdletName: string, Parameters: Json = {}): Json => ({
  CmdletInput: { CmdletName, Parameters },
});

export function createWireClient(options: WireClientOptions): WireClient {
  const { url, tenant, authorization, ca } = options;
  const trusted = ca === undefined ? {} : { ca };
  const base = `${url}/adminapi/beta/${encodeURIComponent(tenant)}`;
  const sendJson = (to: string, body: Json, headers: OutgoingHttpHeaders = {}): Promise<WireResponse> =>
    sendRequest(to, {
      ...trusted,
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...headers },
      body,
    });
  return {
    url,
    tenant,
    get: (path) => sendRequest(`${url}${path}`, { ...trusted, headers: { authorization } }),
    post: (cmdlet, parameters, headers) =>
      sendJson(`${base}/InvokeCommand`, command(cmdlet, parameters), headers),
    async run(cmdlet, parameters, pageSize) {
      const found: Json[] = [];
      const prefer = pageSize === undefined ? {} : { prefer: `odata.maxpagesize=${pageSize}` };
      let next: string | undefined = `${base}/InvokeCommand`;
      while (next !== undefined) {
        const response: WireResponse = await sendJson(next, command(cmdlet, parameters), prefer);
        if (response.status !== 200) throw new WireError(cmdlet, response);
        found.push(...response.body.value.map(withoutSidecars));
        next = response.body['@odata.nextLink'];
      }
      return found;
    },
    batch: (requests) => sendJson(`${base}/$batch`, { requests }),
    as: (other) => createWireClient({ ...options, authorization: other }),
  };
}

/** An object without `X@data.type` and `X@odata.type`. */
export function withoutSidecars(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSidecars);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !/@(?:odata|data)\.type$/.test(name))
      .map(([name, item]) => [name, withoutSidecars(item)]),
  );
}

/** A change of a list, as Exchange's clients write it. */
export function listChange(change: {
  readonly Add?: readonly string[];
  readonly Remove?: readonly string[];
}): Json {
  return { '@odata.type': '#Exchange.GenericHashTable', ...change };
}

/** What is wrong with an object's typing sidecars by the specification; empty: nothing. */
export function sidecarProblems(object: Json): readonly string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries<Json>(object)) {
    if (name.includes('@')) continue;
    const dataType = object[`${name}@data.type`];
    const odataType = object[`${name}@odata.type`];
    if (Array.isArray(value)) {
      if (!String(odataType).startsWith('#Collection(')) problems.push(`${name}: a list without its type`);
    } else if (typeof value === 'number' || typeof value === 'boolean') {
      if (!String(dataType).startsWith('System.') || !String(odataType).startsWith('#'))
        problems.push(`${name}: a ${typeof value} without its types`);
    } else if (typeof value === 'string' && dataType === 'System.DateTime') {
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}(?:Z|[+-]\d\d:\d\d)?$/.test(value))
        problems.push(`${name}: ${value} is no date with seven decimals`);
    }
  }
  return problems;
}

export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Json;
}

export interface EventStream {
  readonly events: readonly ServerSentEvent[];
  /** Resolves with the first event, of those that came or come, that satisfies. */
  until(satisfied: (event: ServerSentEvent) => boolean): Promise<ServerSentEvent>;
  close(): void;
}

/** Resolves when the stream has begun; rejects with WireError when it is refused. */
export function openEvents(
  { url, authorization, ca }: WireClientOptions,
  lastEventId?: string,
): Promise<EventStream> {
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    authorization,
    accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false as const, ...(ca === undefined ? {} : { ca }) };
    const request = open(`${url}/adminapi/events`, options, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode !== 200) {
        request.destroy();
        return reject(
          new WireError('events', {
            status: statusCode,
            headers: response.headers,
            text: '',
            body: undefined,
          }),
        );
      }
      const events: ServerSentEvent[] = [];
      const listeners = new Set<() => void>();
      let rest = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = readEvent(block);
          if (event) events.push(event);
        }
        for (const listener of listeners) listener();
      });
      response.on('error', () => undefined);
      resolve({
        events,
        until: (satisfied) =>
          new Promise((found) => {
            const look = (): void => {
              const event = events.find(satisfied);
              if (!event) return;
              listeners.delete(look);
              found(event);
            };
            listeners.add(look);
            look();
          }),
        close: () => void request.destroy(),
      });
    });
    request.on('error', (error) => (request.destroyed ? undefined : reject(error)));
    request.end();
  });
}

function readEvent(block: string): ServerSentEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const cut = line.indexOf(':');
      return [line.slice(0, cut), line.slice(cut + 1).trimStart()] as const;
    }),
  );
  const data = fields.get('data');
  if (data === undefined) return null;
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data: JSON.parse(data) };
}
