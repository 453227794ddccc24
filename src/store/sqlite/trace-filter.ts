// What a trace query asks for, once as SQL for rows of the trace and once as a predicate for mail that has no row yet.
// Addresses match without regard to case; `*` stands for any characters.
import type { TraceQuery, TraceRow } from '../store.ts';
import { TRACE_STATUSES } from '../wire.ts';

export interface TraceFilter {
  /** Conditions, each led by ` AND `, with a `?` for each of `values`. */
  readonly sql: string;
  readonly values: readonly (string | number)[];
  readonly matches: (row: TraceRow) => boolean;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
  readonly matches: (row: TraceRow) => boolean;
}

export function toTraceFilter(query: TraceQuery): TraceFilter {
  const conditions = [
    likeAny('sender', (row) => row.sender, query.senders),
    likeAny('address', (row) => row.recipientAddress, query.recipients),
    same('message_id_header', (row) => row.messageIdHeader, query.messageIdHeader),
    same('from_ip', (row) => row.fromIp, query.fromIp),
    same('to_ip', (row) => row.toIp, query.toIp),
    subject(query.subject),
    statuses(query.status),
  ].filter((condition) => condition !== null);
  return {
    sql: conditions.map((condition) => ` AND ${condition.sql}`).join(''),
    values: conditions.flatMap((condition) => condition.values),
    matches: (row) => conditions.every((condition) => condition.matches(row)),
  };
}

/** LIKE is SQLite's, without regard to the case of ASCII letters; the predicate does the same. */
function toLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether the text holds the parts in order, the first at its start and the last at its end. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

function likeAny(
  column: string,
  of: (row: TraceRow) => string,
  patterns: readonly string[] | undefined,
): Condition | null {
  if (patterns === undefined || patterns.length === 0) return null;
  const split = patterns.map((pattern) => lowerAscii(pattern).split('*'));
  return {
    sql: `(${patterns.map(() => `${column} LIKE ? ESCAPE '\\'`).join(' OR ')})`,
    values: patterns.map((pattern) => pattern.split('*').map(toLike).join('%')),
    matches: (row) => split.some((parts) => matchesParts(lowerAscii(of(row)), parts)),
  };
}

function same(column: string, of: (row: TraceRow) => string, value: string | undefined): Condition | null {
  if (value === undefined) return null;
  return { sql: `${column} = ?`, values: [value], matches: (row) => of(row) === value };
}

function subject(wanted: TraceQuery['subject']): Condition | null {
  if (wanted === undefined) return null;
  const { text, how } = wanted;
  const before = how === 'StartsWith' ? '' : '%';
  const behind = how === 'EndsWith' ? '' : '%';
  const lower = lowerAscii(text);
  return {
    sql: "subject LIKE ? ESCAPE '\\'",
    values: [`${before}${toLike(text)}${behind}`],
    matches: (row) => {
      const all = lowerAscii(row.subject);
      if (how === 'StartsWith') return all.startsWith(lower);
      return how === 'EndsWith' ? all.endsWith(lower) : all.includes(lower);
    },
  };
}

function statuses(wanted: TraceQuery['status']): Condition | null {
  if (wanted === undefined || wanted.length === 0) return null;
  return {
    sql: `status IN (${wanted.map(() => '?').join(', ')})`,
    values: wanted.map((status) => TRACE_STATUSES.indexOf(status)),
    matches: (row) => wanted.includes(row.status),
  };
}
