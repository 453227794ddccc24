// What a DNS question is and what its answer can be, as values: found, none, or a failure that may pass.
// Owns no I/O. An answer that says `authenticated` was validated by a resolver that Postern trusts (RFC 4035 §3.2.3).

/** RFC 1035 §3.3.9. `exchange` is in lower case without the final dot; `.` is kept (RFC 7505). */
export interface MailExchanger {
  readonly preference: number;
  readonly exchange: string;
}

/** RFC 6698 §2.1, under the names that the TLS layer uses. */
export interface TlsaData {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

/** What a record of each type that Postern asks for holds. TXT strings are joined (RFC 7208 §3.3). */
export interface RecordData {
  readonly A: string;
  readonly AAAA: string;
  readonly MX: MailExchanger;
  readonly TXT: string;
  readonly TLSA: TlsaData;
}

export type QuestionType = keyof RecordData;

export interface Found<T> {
  readonly kind: 'found';
  /** At least one; in the order of the answer. */
  readonly records: readonly T[];
  /** Where the CNAME chain ended: the name that the records belong to. */
  readonly canonicalName: string;
  readonly authenticated: boolean;
}

export interface None {
  readonly kind: 'none';
  /** NXDOMAIN: there is no such name; NODATA: the name is there, but has no record of this type (RFC 2308 §2). */
  readonly reason: 'NXDOMAIN' | 'NODATA';
  readonly authenticated: boolean;
}

/** SERVFAIL, REFUSED, silence, or an answer that can't be believed: ask again later. */
export interface Failed {
  readonly kind: 'failed';
  /** One sentence for people: which name, which server, what happened. */
  readonly detail: string;
}

export type Lookup<T> = Found<T> | None | Failed;

/** Never rejects. Names are A-labels, without regard to case, with or without the final dot. */
export interface Resolver {
  resolve<Q extends QuestionType>(name: string, type: Q): Promise<Lookup<RecordData[Q]>>;
}

export interface NameServer {
  readonly address: string;
  readonly port: number;
  /** Its AD bit is believed: it is on loopback, or the operator marked it as trusted (delivery.md). */
  readonly trusted: boolean;
}

/** Lower case, no final dot; null for what can't be a name in the DNS (RFC 1035 §2.3.4). */
export function toDnsName(name: string): string | null {
  const text = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
  if (text.length === 0 || text.length > 253 || !/^[!-~]+$/.test(text)) return null;
  return text.split('.').every((label) => label.length > 0 && label.length <= 63) ? text : null;
}
