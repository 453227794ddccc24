// MTA-STS records and policies (RFC 8461 §3) as values: parsing and matching. Pure; nothing is fetched here.
import { matchesHost } from './certificate-name.ts';

export interface MtaStsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Lower case; a leading `*.` stands for one label. Empty only in mode none. */
  readonly mx: readonly string[];
  /** Seconds, at most a year (RFC 8461 §3.2). */
  readonly maxAge: number;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

const MAX_AGE = 31_557_600;
const MAX_MX = 100;

/**
 * RFC 8461 §3.1: the id of the one record that starts with `v=STSv1;`. Null when there is none, or more than one: then
 * the domain counts as having no policy.
 */
export function readMtaStsRecord(texts: readonly string[]): string | null {
  const records = texts.filter((text) => /^v=STSv1[ \t]*;/.test(text));
  const [record] = records;
  if (record === undefined || records.length > 1) return null;
  const fields = record
    .split(';')
    .slice(1)
    .map((field) => field.trim());
  const id = fields
    .map((field) => /^id=([A-Za-z0-9]{1,32})$/.exec(field)?.[1])
    .find((found) => found !== undefined);
  return id ?? null;
}

/** RFC 8461 §3.2: lines of `key: value`; unknown keys are passed over, of repeated ones but mx the first counts. */
export function parseMtaStsPolicy(text: string): Parsed<MtaStsPolicy> {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, key, value] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (key === undefined || value === undefined)
      return { ok: false, why: `the line "${shown(line)}" isn't "key: value"` };
    if (key === 'mx') mx.push(value.toLowerCase().replace(/\.$/, ''));
    else if (!fields.has(key)) fields.set(key, value);
  }
  if (fields.get('version') !== 'STSv1') return { ok: false, why: 'its version is not STSv1' };
  const mode = fields.get('mode');
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none')
    return { ok: false, why: 'it has no valid mode' };
  const age = fields.get('max_age') ?? '';
  if (!/^\d{1,10}$/.test(age)) return { ok: false, why: 'it has no valid max_age' };
  if (mx.some((pattern) => !isMxPattern(pattern)))
    return { ok: false, why: 'an mx entry is not a domain or *.domain' };
  if (mx.length > MAX_MX) return { ok: false, why: `it has more than ${MAX_MX} mx entries` };
  if (mode !== 'none' && mx.length === 0) return { ok: false, why: 'it has no mx entry' };
  return { ok: true, value: { mode, mx, maxAge: Math.min(Number(age), MAX_AGE) } };
}

/** RFC 8461 §4.1: a wildcard stands for exactly one label, the leftmost. */
export function allowsExchanger(policy: MtaStsPolicy, host: string): boolean {
  return policy.mx.some((pattern) => matchesHost(pattern, host));
}

function isMxPattern(pattern: string): boolean {
  return /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(
    pattern,
  );
}

function shown(line: string): string {
  return line.replace(/[^ -~]/g, '?').slice(0, 60);
}
