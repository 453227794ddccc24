// One GET (or POST) over HTTP or HTTPS to a place that a stranger named, safely: bounded in size, time and redirects, and only to
// addresses that the rules allow. The name is resolved here, each address is checked, and the connection goes to the
// very addresses that were checked: a second answer from the DNS can't slip in another (DNS rebinding).
// Never rejects; nothing is kept between calls.
import type { IncomingMessage, RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import type { Resolver } from '#dns/lookup.ts';
import type { NetworkRules } from './network-rules.ts';

export interface GuardedFetchOptions {
  readonly maxBytes: number;
  /** Milliseconds for everything together: names, redirects, body. */
  readonly timeout: number;
  readonly maxRedirects: number;
  /** For https; http URLs need none and https URLs are refused without. */
  readonly tls?: {
    readonly ca: readonly string[];
  };
  /** Sent with POST; absent: GET. */
  readonly post?: { readonly contentType: string; readonly body: Uint8Array };
}

export type Fetched =
  | { readonly ok: true; readonly status: number; readonly contentType: string; readonly body: Buffer }
  | {
      readonly ok: false;
      readonly reason: 'url' | 'address' | 'redirect' | 'size' | 'certificate' | 'network';
      /** One sentence without a final full stop. */
      readonly detail: string;
    };

export type GuardedFetch = (url: string, options: GuardedFetchOptions) => Promise<Fetched>;

export function createGuardedFetch(resolver: Resolver, rules: NetworkRules): GuardedFetch {
  const lookup = guardedLookup(resolver, rules);
  return async (url, options) => {
    const deadline = AbortSignal.timeout(options.timeout);
    let place = url;
    for (let redirects = 0; redirects <= options.maxRedirects; redirects++) {
      const answer = await get(place, options, rules, lookup, deadline);
      if (!('location' in answer)) return answer;
      place = answer.location;
    }
    return failure('redirect', `${url} redirects more than ${options.maxRedirects} times`);
  };
}

type Answer = Fetched | { readonly location: string };

async function get(
  place: string,
  options: GuardedFetchOptions,
  rules: NetworkRules,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<Answer> {
  const url = URL.canParse(place) ? new URL(place) : null;
  const secure = options.tls !== undefined;
  if (
    url === null ||
    url.protocol !== (secure ? 'https:' : 'http:') ||
    url.username !== '' ||
    url.password !== ''
  ) {
    return failure('url', `${shown(place)} isn't a plain ${secure ? 'https' : 'http'} URL`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address in the URL is connected to without a look-up, so it is checked here.
  if (isIP(host) !== 0 && !rules.allows(host)) return refusedAddress(host, [host]);
  const request = secure
    ? (await import('node:https')).request
    : process.getBuiltinModule('node:http').request;
  return new Promise((resolve) => {
    const outgoing = request(url, requestOptions(options, lookup, signal));
    outgoing.once('response', (response) => resolve(receive(response, url, options)));
    outgoing.once('error', (error: NodeJS.ErrnoException) => resolve(explain(error, url, options, signal)));
    outgoing.end(options.post?.body);
  });
}

function requestOptions(
  options: GuardedFetchOptions,
  lookup: LookupFunction,
  signal: AbortSignal,
): RequestOptions {
  const headers = { 'user-agent': 'Postern', accept: '*/*', connection: 'close' };
  const tls = options.tls === undefined ? {} : { ca: [...options.tls.ca], minVersion: 'TLSv1.2' };
  const { post } = options;
  if (post === undefined) return { agent: false, headers, lookup, signal, ...tls };
  const entity = { 'content-type': post.contentType, 'content-length': post.body.length };
  return { agent: false, method: 'POST', headers: { ...headers, ...entity }, lookup, signal, ...tls };
}

/** Redirects are followed by get()'s caller; everything else is read to its end or its limit. */
async function receive(response: IncomingMessage, url: URL, options: GuardedFetchOptions): Promise<Answer> {
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status >= 300 && status < 400 && location !== undefined && options.maxRedirects > 0) {
    response.destroy();
    return URL.canParse(location, url.href)
      ? { location: new URL(location, url.href).href }
      : failure('redirect', `${url.href} redirects to something that isn't a URL`);
  }
  const tooLarge = () => failure('size', `${url.href} gives more than ${options.maxBytes} octets`);
  if (Number(response.headers['content-length'] ?? 0) > options.maxBytes) {
    response.destroy();
    return tooLarge();
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop destroys the response and its connection.
      if (size > options.maxBytes) return tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    return failure(
      'network',
      `${url.href} broke off: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return {
    ok: true,
    status,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks, size),
  };
}

/** All addresses of a name; it counts as refused if none of them is allowed. */
function guardedLookup(resolver: Resolver, rules: NetworkRules): LookupFunction {
  return (host, options, callback) => {
    void addressesOf(resolver, host).then(
      (addresses) => {
        const allowed = addresses.filter((address) => rules.allows(address));
        const [first] = allowed;
        if (first === undefined) {
          callback(new RefusedAddress(host, addresses), '', 0);
        } else if (options.all === true) {
          callback(
            null,
            allowed.map((address) => ({ address, family: isIP(address) })),
          );
        } else {
          callback(null, first, isIP(first));
        }
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), '', 0),
    );
  };
}

async function addressesOf(resolver: Resolver, host: string): Promise<readonly string[]> {
  const [four, six] = await Promise.all([resolver.resolve(host, 'A'), resolver.resolve(host, 'AAAA')]);
  const addresses = [four, six].flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
  if (addresses.length > 0) return addresses;
  const failed = [four, six].find((answer) => answer.kind === 'failed');
  throw new Error(failed?.kind === 'failed' ? failed.detail : `${host} has no address`);
}

class RefusedAddress extends Error {
  readonly host: string;
  readonly addresses: readonly string[];

  constructor(host: string, addresses: readonly string[]) {
    super(`${host} has no address that may be fetched from`);
    this.host = host;
    this.addresses = addresses;
  }
}

function explain(
  error: NodeJS.ErrnoException,
  url: URL,
  options: GuardedFetchOptions,
  signal: AbortSignal,
): Fetched {
  if (error instanceof RefusedAddress) return refusedAddress(error.host, error.addresses);
  if (signal.aborted)
    return failure('network', `${url.href} didn't answer within ${options.timeout / 1000} seconds`);
  const code = error.code ?? '';
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO|INVALID_PURPOSE|ALTNAME/.test(code);
  return failure(certificate ? 'certificate' : 'network', `${url.href} can't be had: ${error.message}`);
}

function refusedAddress(host: string, addresses: readonly string[]): Fetched {
  return failure(
    'address',
    `${shown(host)} is at ${addresses.slice(0, 3).join(', ')}, a network that lists and policies aren't fetched from unless it is allowed in the settings`,
  );
}

type FailureReason = Extract<Fetched, { ok: false }>['reason'];

function failure(reason: FailureReason, detail: string): Fetched {
  return { ok: false, reason, detail };
}

function shown(text: string): string {
  return text.replace(/[^!-~]/g, '?').slice(0, 300);
}
