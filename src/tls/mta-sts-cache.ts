// Which MTA-STS policy holds for a domain now: RFC 8461 §3.3 and §5.1. One thread owns it. A policy once fetched holds
// for its max_age whatever the DNS or the web server say later; only a newer policy replaces it. Kept on disk, renewed
// once a day in the background, fetched once for all who wait. Never rejects.
import { hash } from 'node:crypto';
import { readMtaStsRecord, parseMtaStsPolicy, type MtaStsPolicy } from './mta-sts-policy.ts';
import type { MtaStsFault, PolicyFetch } from './mta-sts-fetch.ts';
import type { ExpiringFiles } from './expiring-files.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import type { Resolver } from '#dns/lookup.ts';

export interface MtaStsAnswer {
  /** Null: the domain has none, or none that could be had. */
  readonly policy: MtaStsPolicy | null;
  /** For TLS reports: what went wrong, though a cached policy may still hold. */
  readonly fault: { readonly type: MtaStsFault; readonly detail: string } | null;
}

export interface MtaStsPolicies {
  /** `domain`: A-labels, lower case. */
  policyFor(domain: string): Promise<MtaStsAnswer>;
}

export interface MtaStsCacheOptions {
  readonly resolver: Resolver;
  readonly fetch: PolicyFetch;
  /** Null: memory only. */
  readonly files: ExpiringFiles | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onDiskError?: (error: Error) => void;
}

interface Held {
  readonly id: string;
  readonly policy: MtaStsPolicy;
  readonly text: string;
  readonly validUntil: number;
  /** RFC 8461 §3.3: policies are to be fetched again before they end, about once a day. */
  readonly refreshAt: number;
}

const NONE: MtaStsAnswer = { policy: null, fault: null };
const DAY = 24 * 3_600_000;
/** RFC 8461 §3.3: a failed fetch may be remembered for about five minutes. */
const RETRY_AFTER = 5 * 60_000;
const MAX_DOMAINS = 20_000;
const PRUNE_EVERY = 3_600_000;

export function createMtaStsCache(options: MtaStsCacheOptions): MtaStsPolicies {
  const { resolver, fetch, files, now } = options;
  const held = new LeastRecentlyUsed<string, Held>(MAX_DOMAINS);
  const failed = new LeastRecentlyUsed<string, { id: string; until: number; fault: MtaStsAnswer['fault'] }>(
    MAX_DOMAINS,
  );
  const onTheWay = new Map<string, Promise<MtaStsAnswer>>();
  let pruneAt = 0;

  async function find(domain: string): Promise<MtaStsAnswer> {
    const known = await recall(domain);
    const record = await resolver.resolve(`_mta-sts.${domain}`, 'TXT');
    const id = record.kind === 'found' ? readMtaStsRecord(record.records) : null;
    // RFC 8461 §5.1: a record that is gone doesn't end a policy that still holds.
    if (id === null) return { policy: known?.policy ?? null, fault: null };
    if (known?.id === id) {
      if (now() >= known.refreshAt) void renew(domain, id, known);
      return { policy: known.policy, fault: null };
    }
    return renew(domain, id, known);
  }

  async function renew(domain: string, id: string, known: Held | null): Promise<MtaStsAnswer> {
    const before = failed.get(domain);
    if (before !== undefined && before.id === id && now() < before.until) {
      return { policy: known?.policy ?? null, fault: before.fault };
    }
    const fetched = await fetch(domain);
    if (!fetched.ok) {
      const fault = { type: fetched.fault, detail: fetched.detail };
      failed.set(domain, { id, until: now() + RETRY_AFTER, fault });
      return { policy: known?.policy ?? null, fault };
    }
    failed.delete(domain);
    const age = fetched.policy.maxAge * 1_000;
    const fresh: Held = {
      id,
      policy: fetched.policy,
      text: fetched.text,
      validUntil: now() + age,
      refreshAt: now() + Math.min(age / 2, DAY),
    };
    held.set(domain, fresh);
    void keep(domain, fresh);
    return { policy: fresh.policy, fault: null };
  }

  async function recall(domain: string): Promise<Held | null> {
    const known = held.get(domain) ?? (await fromDisk(domain));
    if (known === null) return null;
    if (now() < known.validUntil) return known;
    held.delete(domain);
    return null;
  }

  async function fromDisk(domain: string): Promise<Held | null> {
    const octets = (await files?.read(nameOf(domain))) ?? null;
    const stored = octets === null ? null : readStored(octets, domain);
    if (stored !== null) held.set(domain, stored);
    return stored;
  }

  async function keep(domain: string, fresh: Held): Promise<void> {
    const { id, text, validUntil, refreshAt } = fresh;
    const octets = Buffer.from(JSON.stringify({ domain, id, text, validUntil, refreshAt }));
    try {
      await files?.write(nameOf(domain), octets, validUntil);
      if (now() < pruneAt) return;
      pruneAt = now() + PRUNE_EVERY;
      await files?.prune(now());
    } catch (error) {
      options.onDiskError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return {
    policyFor(domain) {
      let finding = onTheWay.get(domain);
      if (finding === undefined) {
        finding = find(domain)
          .catch(() => NONE)
          .finally(() => onTheWay.delete(domain));
        onTheWay.set(domain, finding);
      }
      return finding;
    },
  };
}

/** Null for anything but what keep() wrote for this domain. */
function readStored(octets: Buffer, domain: string): Held | null {
  try {
    const stored: unknown = JSON.parse(octets.toString('utf8'));
    if (typeof stored !== 'object' || stored === null) return null;
    const { domain: of, id, text, validUntil, refreshAt } = { ...stored } as Partial<Record<string, unknown>>;
    if (of !== domain || typeof id !== 'string' || typeof text !== 'string') return null;
    if (typeof validUntil !== 'number' || typeof refreshAt !== 'number') return null;
    const parsed = parseMtaStsPolicy(text);
    return parsed.ok ? { id, text, validUntil, refreshAt, policy: parsed.value } : null;
  } catch {
    return null;
  }
}

function nameOf(domain: string): string {
  return hash('sha256', domain, 'hex');
}
