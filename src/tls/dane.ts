// What DANE asks for one mail host: RFC 7672 §2.2. The rules (daneRequirementFor) are pure over what the DNS said; the
// looking up is apart. Only authenticated answers count (delivery.md: the AD bit of a trusted resolver). A TLSA question
// that fails never passes for "no records": an attacker who can suppress answers must not get clear text.
import type { Lookup, Resolver, TlsaData } from '#dns/lookup.ts';
import type { TlsaRecord } from './requirement.ts';
import { readable } from './chain.ts';
import { publicKeyOf } from './signature-algorithm.ts';

export type DaneMode = 'Opportunistic' | 'Mandatory' | 'None';

export type DaneOutcome =
  /** DANE says nothing about this host. */
  | { readonly kind: 'none'; readonly why: string }
  /** The host must match one of these records; `names` are for DANE-TA(2). */
  | {
      readonly kind: 'authenticate';
      readonly records: readonly TlsaRecord[];
      readonly names: readonly string[];
    }
  /** RFC 7672 §2.2: there are records, but none is usable: TLS is a must, without authentication. */
  | { readonly kind: 'encrypt'; readonly why: string }
  /** This host can't be used now: try the next, then defer. `resultType`: RFC 8460 §4.3. */
  | {
      readonly kind: 'refuse';
      readonly resultType: 'dnssec-invalid' | 'dane-required' | 'tlsa-invalid';
      readonly detail: string;
    };

/** What the DNS said; `tlsa` in the order of the base domains that were asked (§2.2.3: the expanded name first). */
export interface DaneAnswers {
  /** The MX records (or their proven absence) were authenticated. */
  readonly exchangersAuthenticated: boolean;
  /** The host's A and AAAA answers. */
  readonly addresses: readonly Lookup<string>[];
  readonly tlsa: readonly { readonly base: string; readonly answer: Lookup<TlsaData> }[];
}

/** Pure. `host`: the exchanger's name; `domain`: the next-hop domain. */
export function daneRequirementFor(
  mode: DaneMode,
  host: string,
  domain: string,
  answers: DaneAnswers,
): DaneOutcome {
  const outcome = mode === 'None' ? none('DANE is off') : evaluate(host, domain, answers);
  if (mode !== 'Mandatory' || outcome.kind === 'authenticate' || outcome.kind === 'refuse') return outcome;
  return {
    kind: 'refuse',
    resultType: 'dane-required',
    detail: `SmtpDaneMode is Mandatory, but ${host} can't be authenticated by DANE: ${outcome.why}. Set SmtpDaneMode to Opportunistic, or have ${domain} publish TLSA records signed with DNSSEC.`,
  };
}

function evaluate(host: string, domain: string, answers: DaneAnswers): DaneOutcome {
  // RFC 7672 §2.2.1: without a secure list of hosts there is nothing to protect.
  if (!answers.exchangersAuthenticated) return none(`the MX records of ${domain} aren't signed with DNSSEC`);
  const addressed = answers.addresses.filter((answer) => answer.kind === 'found');
  // §2.2.2: insecure address records mean an unsigned zone, where a TLSA question could be answered by anyone.
  if (!addressed.some((answer) => answer.authenticated))
    return none(`the addresses of ${host} aren't signed with DNSSEC`);
  for (const { base, answer } of answers.tlsa) {
    if (answer.kind === 'failed') {
      return {
        kind: 'refuse',
        resultType: 'dnssec-invalid',
        detail: `Whether ${base} has TLSA records can't be found out: ${answer.detail}. A signed domain's mail isn't sent without knowing.`,
      };
    }
    if (answer.kind === 'found' && answer.authenticated) {
      return fromRecords(answer.records, base, [...new Set([base, host, domain])]);
    }
  }
  return none(`${host} has no TLSA records`);
}

function fromRecords(records: readonly TlsaData[], base: string, names: readonly string[]): DaneOutcome {
  const usable = records.filter(isUsable);
  if (usable.length > 0) return { kind: 'authenticate', records: usable, names };
  return { kind: 'encrypt', why: `none of the ${records.length} TLSA records of ${base} can be used` };
}

const DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 32],
  [2, 64],
]);

/** RFC 7672 §3.1.3: usages 0 and 1 aren't for SMTP; what is unknown or malformed doesn't count (RFC 6698 §4.1). */
export function isUsable(record: TlsaRecord): boolean {
  if (record.usage !== 2 && record.usage !== 3) return false;
  if (record.selector !== 0 && record.selector !== 1) return false;
  if (record.matchingType !== 0) return DIGEST_OCTETS.get(record.matchingType) === record.data.length;
  return record.selector === 0 ? readable(record.data) !== null : isPublicKey(record.data);
}

function isPublicKey(spki: Uint8Array): boolean {
  try {
    publicKeyOf(spki);
    return true;
  } catch {
    return false;
  }
}

function none(why: string): DaneOutcome {
  return { kind: 'none', why };
}

/**
 * Asks what daneRequirementFor() needs to know, and no more. `exchangersAuthenticated` comes with the mail exchangers.
 * Never rejects.
 */
export async function findDane(
  resolver: Resolver,
  mode: DaneMode,
  host: string,
  domain: string,
  port: number,
  exchangersAuthenticated: boolean,
): Promise<DaneOutcome> {
  if (mode === 'None' || !exchangersAuthenticated) {
    return daneRequirementFor(mode, host, domain, { exchangersAuthenticated, addresses: [], tlsa: [] });
  }
  const addresses = await Promise.all([resolver.resolve(host, 'A'), resolver.resolve(host, 'AAAA')]);
  const tlsa: { base: string; answer: Lookup<TlsaData> }[] = [];
  for (const base of baseDomains(host, addresses)) {
    const answer = await resolver.resolve(`_${port}._tcp.${base}`, 'TLSA');
    tlsa.push({ base, answer });
    if (answer.kind === 'failed' || (answer.kind === 'found' && answer.authenticated)) break;
  }
  return daneRequirementFor(mode, host, domain, { exchangersAuthenticated, addresses, tlsa });
}

/**
 * RFC 7672 §2.2.2 and §2.2.3: the fully expanded name first, then the name in the MX record; none where the addresses
 * aren't secure. (An alias that is signed, to a target that isn't, could still be asked about its own name; the AD bit
 * of one answer can't tell that apart, so it counts as insecure.)
 */
function baseDomains(host: string, addresses: readonly Lookup<string>[]): readonly string[] {
  const secure = addresses.filter((answer) => answer.kind === 'found' && answer.authenticated);
  const expanded = secure.flatMap((answer) => (answer.kind === 'found' ? [answer.canonicalName] : []));
  return secure.length === 0 ? [] : [...new Set([...expanded, host])];
}
