// Reads one DNS response into a Lookup: strict about what belongs to the question, lenient about nothing.
// Owns CNAME chains and the time that an answer may be kept. Pure; a packet that can't be read throws, and the
// caller counts that as a failed try.
import { type Answer, type DecodedPacket, decode } from 'dns-packet';
import { type Lookup, type QuestionType, type RecordData, toDnsName } from './lookup.ts';

/** An answer with the seconds that it may be kept. */
export interface TimedLookup<T> {
  readonly lookup: Lookup<T>;
  readonly ttl: number;
}

const MAX_CNAMES = 8;
const MAX_RECORDS = 256;
/** RFC 2308 §5: without a SOA a negative answer isn't to be kept; Postern keeps it a moment to spare the server. */
const NEGATIVE_TTL_WITHOUT_SOA = 5;

const NOERROR = 0;
const NXDOMAIN = 3;
const RCODE_NAMES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** The fixed part of a response, read before anything else is believed. null: too short to be one. */
export function readHeader(packet: Buffer): {
  readonly id: number;
  readonly response: boolean;
  readonly truncated: boolean;
  readonly rcode: number;
} | null {
  if (packet.length < 12) return null;
  return {
    id: packet.readUInt16BE(0),
    response: (packet.readUInt8(2) & 0x80) !== 0,
    truncated: (packet.readUInt8(2) & 0x02) !== 0,
    rcode: packet.readUInt8(3) & 0x0f,
  };
}

/** Does the response repeat exactly our question? RFC 5452 §9.1. */
export function answersQuestion(packet: DecodedPacket, name: string, type: QuestionType): boolean {
  const question = packet.questions?.[0];
  return packet.questions?.length === 1 && question?.type === type && toDnsName(question.name) === name;
}

/**
 * @param name as toDnsName() gives it
 * @param trusted whether the AD bit of this server is believed
 * @throws on packets that can't be decoded
 */
export function readAnswer<Q extends QuestionType>(
  bytes: Buffer,
  name: string,
  type: Q,
  trusted: boolean,
): TimedLookup<RecordData[Q]> {
  const rcode = readHeader(bytes)?.rcode ?? -1;
  if (rcode !== NOERROR && rcode !== NXDOMAIN) {
    const detail = `The name server answered ${RCODE_NAMES[rcode] ?? `code ${rcode}`} for ${type} of ${name}`;
    return { lookup: { kind: 'failed', detail }, ttl: 0 };
  }
  const packet = decode(bytes);
  if (!answersQuestion(packet, name, type)) throw new Error('the response is for another question');
  const authenticated = trusted && packet.flag_ad;
  const chain = followChain(packet.answers ?? [], name);
  if (chain === null) {
    return {
      lookup: { kind: 'failed', detail: `The CNAME chain of ${name} is too long or runs in a circle` },
      ttl: 0,
    };
  }
  const records: RecordData[Q][] = [];
  let ttl = chain.ttl;
  for (const answer of packet.answers ?? []) {
    if (answer.type !== type || toDnsName(answer.name) !== chain.name || records.length >= MAX_RECORDS)
      continue;
    const data = readRecord(answer);
    if (data === null) continue;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type that was asked for is that of the data
    records.push(data as RecordData[Q]);
    ttl = Math.min(ttl, timeToLive(answer));
  }
  if (rcode === NOERROR && records.length > 0) {
    return { lookup: { kind: 'found', records, canonicalName: chain.name, authenticated }, ttl };
  }
  const reason = rcode === NXDOMAIN ? 'NXDOMAIN' : 'NODATA';
  return { lookup: { kind: 'none', reason, authenticated }, ttl: Math.min(chain.ttl, negativeTtl(packet)) };
}

function followChain(
  answers: readonly Answer[],
  start: string,
): { readonly name: string; readonly ttl: number } | null {
  let name = start;
  let ttl = Number.MAX_SAFE_INTEGER;
  for (let step = 0; step <= MAX_CNAMES; step += 1) {
    const alias = answers.find((answer) => answer.type === 'CNAME' && toDnsName(answer.name) === name);
    if (alias?.type !== 'CNAME') return { name, ttl };
    const target = toDnsName(alias.data);
    if (target === null) return null;
    name = target;
    ttl = Math.min(ttl, timeToLive(alias));
  }
  return null;
}

function readRecord(answer: Answer): RecordData[QuestionType] | null {
  switch (answer.type) {
    case 'A':
    case 'AAAA':
      return answer.data;
    case 'MX': {
      // RFC 7505 §3: the null MX is the root itself.
      const exchange = answer.data.exchange === '.' ? '.' : toDnsName(answer.data.exchange);
      return exchange === null ? null : { preference: answer.data.preference ?? 0, exchange };
    }
    case 'TXT':
      return [answer.data].flat().map(String).join('');
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = answer.data;
      return { usage, selector, matchingType, data: Uint8Array.from(certificate) };
    }
    default:
      return null;
  }
}

function timeToLive(answer: Answer): number {
  // RFC 2181 §8: a time with the highest bit set counts as zero.
  const ttl = 'ttl' in answer ? (answer.ttl ?? 0) : 0;
  return ttl > 0x7fffffff ? 0 : ttl;
}

/** RFC 2308 §5: the lesser of the SOA's own time and its MINIMUM field. */
function negativeTtl(packet: DecodedPacket): number {
  for (const authority of packet.authorities ?? []) {
    if (authority.type === 'SOA') return Math.min(timeToLive(authority), authority.data.minimum ?? 0);
  }
  return NEGATIVE_TTL_WITHOUT_SOA;
}
