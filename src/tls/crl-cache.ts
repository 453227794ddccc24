// The one place that fetches revocation lists, for every thread: each list once however many deliveries wait for it,
// verified against its issuer before anyone sees it, kept on disk and in memory until its nextUpdate, and renewed in the
// background before that. A list that can't be had is remembered for a minute, so that a dead server is asked once.
import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CrlAnswer, CrlRequest, CrlSource } from './crl-source.ts';
import type { ExpiringFiles } from './expiring-files.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { createGate } from './gate.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { readRevocationList, UnusableList, type RevocationList } from './revocation-list.ts';
import { buildSerialIndex } from './serial-index.ts';
import { signatureHoldsLater } from './signature-algorithm.ts';

export interface CrlCacheOptions {
  readonly fetch: GuardedFetch;
  /** Null: memory only. */
  readonly files: ExpiringFiles | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told when a list can't be written to disk; deliveries don't suffer from it. */
  readonly onDiskError?: (error: Error) => void;
}

/** delivery.md: a list is bounded. */
const MAX_BYTES = 64 * 1024 * 1024;
const FETCH_TIMEOUT = 10_000;
const MAX_REDIRECTS = 3;
const MAX_FETCHES = 8;
const MEMORY = 256 * 1024 * 1024;
/** Postern: clocks differ; a list from the near future is taken. */
const CLOCK_SKEW = 5 * 60_000;
const RETRY_AFTER = 60_000;
const MAX_UNREFRESHED = 24 * 3_600_000;
const PRUNE_EVERY = 3_600_000;

type Good = Extract<CrlAnswer, { ok: true }>;

export function createCrlCache(options: CrlCacheOptions): CrlSource {
  const { fetch, files, now } = options;
  const memory = new LeastRecentlyUsed<string, CrlAnswer>(MEMORY, weightOf);
  const onTheWay = new Map<string, Promise<CrlAnswer>>();
  const gate = createGate(MAX_FETCHES);
  let pruneAt = 0;

  function load(name: string, request: CrlRequest, held: Good | null): Promise<CrlAnswer> {
    const started = onTheWay.get(name);
    if (started !== undefined) return started;
    const loading = gate(() => obtain(name, request, held)).finally(() => onTheWay.delete(name));
    onTheWay.set(name, loading);
    return loading;
  }

  async function obtain(name: string, request: CrlRequest, held: Good | null): Promise<CrlAnswer> {
    const stored = held === null ? await fromDisk(name, request) : null;
    const answer = stored ?? renewed(await fromNetwork(name, request), held);
    memory.set(name, answer);
    return answer;
  }

  /** An answer that is no better than what is held doesn't replace it. */
  function renewed(answer: CrlAnswer, held: Good | null): CrlAnswer {
    if (held === null || now() >= held.nextUpdate) return answer;
    if (answer.ok && answer.thisUpdate >= held.thisUpdate) return answer;
    return { ...held, refreshAt: now() + 10 * RETRY_AFTER };
  }

  async function fromDisk(name: string, request: CrlRequest): Promise<CrlAnswer | null> {
    const octets = (await files?.read(name)) ?? null;
    if (octets === null) return null;
    const answer = await use(octets, request);
    return answer.ok ? answer : null;
  }

  async function fromNetwork(name: string, request: CrlRequest): Promise<CrlAnswer> {
    const limits = { maxBytes: MAX_BYTES, timeout: FETCH_TIMEOUT, maxRedirects: MAX_REDIRECTS };
    const fetched = await fetch(request.url, limits);
    if (!fetched.ok) return failed(fetched.detail);
    if (fetched.status !== 200) return failed(`${request.url} answered with HTTP status ${fetched.status}`);
    const answer = await use(fetched.body, request);
    if (answer.ok) void keep(name, fetched.body, answer.nextUpdate);
    return answer;
  }

  async function use(octets: Uint8Array, request: CrlRequest): Promise<CrlAnswer> {
    try {
      const list = readRevocationList(octets);
      const fault = await faultOf(list, request, now());
      if (fault !== null) return failed(`the list at ${request.url} can't be used: ${fault}`);
      const { thisUpdate, nextUpdate, scope } = list;
      const index = await buildSerialIndex(list.entries, nextTurn);
      const refreshAt = now() + Math.min((nextUpdate - now()) * 0.75, MAX_UNREFRESHED);
      return { ok: true, thisUpdate, nextUpdate, refreshAt, scope, index };
    } catch (error) {
      const why = error instanceof UnusableList ? error.message : "it isn't a well-formed list";
      return failed(`the list at ${request.url} can't be used: ${why}`);
    }
  }

  function failed(detail: string): CrlAnswer {
    return { ok: false, detail, retryAt: now() + RETRY_AFTER };
  }

  async function keep(name: string, octets: Uint8Array, validUntil: number): Promise<void> {
    try {
      await files?.write(name, octets, validUntil);
      if (now() < pruneAt) return;
      pruneAt = now() + PRUNE_EVERY;
      await files?.prune(now());
    } catch (error) {
      options.onDiskError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    async list(request) {
      const name = nameOf(request);
      const held = memory.get(name);
      if (held === undefined) return load(name, request, null);
      const time = now();
      if (!held.ok) return time < held.retryAt ? held : load(name, request, null);
      if (time >= held.nextUpdate) return load(name, request, held);
      if (time >= held.refreshAt) void load(name, request, held);
      return held;
    },
  };
}

async function faultOf(list: RevocationList, request: CrlRequest, now: number): Promise<string | null> {
  const day = (at: number) => new Date(at).toISOString().slice(0, 16);
  if (list.issuer !== request.issuerName) return 'another authority has issued it';
  if (list.nextUpdate <= now) return `it is stale: it was valid until ${day(list.nextUpdate)} UTC`;
  if (list.thisUpdate > now + CLOCK_SKEW) return `it is valid only from ${day(list.thisUpdate)} UTC`;
  if (list.algorithm.weak) return `it is signed with ${list.algorithm.name}, which can be forged`;
  const holds = await signatureHoldsLater(list.algorithm, list.signed, request.issuerKey, list.signature);
  return holds ? null : "its signature isn't the authority's";
}

/** The same list for the same issuer, whichever certificate of that issuer's key is at hand. */
function nameOf(request: CrlRequest): string {
  const parts = [Buffer.from(`${request.url}\0${request.issuerName}\0`), request.issuerKey];
  return hash('sha256', Buffer.concat(parts), 'hex');
}

function weightOf(answer: CrlAnswer): number {
  return answer.ok ? 1_000 + answer.index.entries.byteLength + answer.index.table.byteLength : 1_000;
}
