// Whether a certificate of a verified chain is revoked: a stapled OCSP answer for the leaf, else the revocation list
// that each certificate but the root names. Answers at once where the lists are at hand, and that is nearly always;
// otherwise asks the source for them. Judges nothing: what an unknown status means is judge()'s matter.
import { KEY_USAGE } from './certificate-extensions.ts';
import { certificateFacts, type CertificateFacts } from './certificate-facts.ts';
import type { CrlAnswer, CrlSource } from './crl-source.ts';
import { bitOf } from './der.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { judgeStapled } from './ocsp.ts';
import { readRevokedEntry } from './revocation-list.ts';
import type { RevocationResult } from './requirement.ts';
import { findSerial } from './serial-index.ts';

export interface Revocation {
  /**
   * `verifiedChain`: DER, leaf to root, as in TlsEvidence. Never throws or rejects. A promise only when a list has to be
   * asked for.
   */
  check(
    verifiedChain: readonly Uint8Array[],
    stapledOcsp: Uint8Array | null,
  ): RevocationResult | Promise<RevocationResult>;
}

type Finding = Exclude<RevocationResult, { status: 'NotChecked' }>;
type Ask = { readonly ask: string };

const GOOD: Finding = { status: 'Good' };
const NOT_CHECKED: RevocationResult = { status: 'NotChecked' };

/** One per thread. */
export function createRevocation(source: CrlSource, now: () => number): Revocation {
  const lists = new LeastRecentlyUsed<string, CrlAnswer>(500);
  const asking = new Map<string, Promise<void>>();

  /** From memory; undefined when there is nothing valid. A list that is due is asked for again on the side. */
  function held(url: string, issuer: CertificateFacts): CrlAnswer | undefined {
    const answer = lists.get(keyOf(url, issuer));
    if (answer === undefined) return undefined;
    const time = now();
    if (!answer.ok) return time < answer.retryAt ? answer : undefined;
    if (time >= answer.nextUpdate) return undefined;
    if (time >= answer.refreshAt) void ask(url, issuer);
    return answer;
  }

  function ask(url: string, issuer: CertificateFacts): Promise<void> {
    const key = keyOf(url, issuer);
    let question = asking.get(key);
    if (question === undefined) {
      question = source
        .list({ url, issuerName: issuer.subject, issuerKey: issuer.publicKey })
        .then((answer) => lists.set(key, answer))
        .finally(() => asking.delete(key));
      asking.set(key, question);
    }
    return question;
  }

  function consult(certificate: CertificateFacts, issuer: CertificateFacts): Finding | Ask {
    const reasons: string[] = [];
    for (const url of certificate.crlUrls) {
      const answer = held(url, issuer);
      if (answer === undefined) return { ask: url };
      const finding = answer.ok ? lookUp(certificate, issuer, answer, url) : answer.detail;
      if (typeof finding !== 'string') return finding;
      reasons.push(finding);
    }
    const why = reasons.length === 0 ? 'it names no list that can be had over HTTP' : reasons.join('; ');
    return {
      status: 'Unknown',
      detail: `Whether the certificate "${certificate.label}" is revoked isn't known: ${why}.`,
    };
  }

  async function settle(certificate: CertificateFacts, issuer: CertificateFacts): Promise<Finding> {
    // Each turn answers one URL; an answer that doesn't stay in memory must not make this go on for ever.
    for (let turn = 0; turn <= certificate.crlUrls.length + 1; turn++) {
      const finding = consult(certificate, issuer);
      if (!('ask' in finding)) return finding;
      await ask(finding.ask, issuer);
    }
    return {
      status: 'Unknown',
      detail: `The revocation list of "${certificate.label}" can't be kept at hand.`,
    };
  }

  return {
    check(verifiedChain, stapledOcsp) {
      const chain = verifiedChain.map(certificateFacts);
      const ready: Finding[] = [];
      const pending: Promise<Finding>[] = [];
      for (const [depth, certificate] of chain.slice(0, -1).entries()) {
        const issuer = chain[depth + 1] ?? certificate;
        const stapled =
          depth === 0 && stapledOcsp !== null ? fromStaple(stapledOcsp, certificate, issuer, now()) : null;
        if (stapled !== null && (stapled.status !== 'Unknown' || !certificate.namesCrl)) {
          ready.push(stapled);
        } else if (certificate.namesCrl) {
          const finding = consult(certificate, issuer);
          if ('ask' in finding) pending.push(settle(certificate, issuer));
          else ready.push(finding);
        }
      }
      if (pending.length === 0) return worst(ready);
      return Promise.all(pending).then((findings) => worst([...ready, ...findings]));
    },
  };
}

function keyOf(url: string, issuer: CertificateFacts): string {
  return `${issuer.fingerprint} ${url}`;
}

function worst(findings: readonly Finding[]): RevocationResult {
  return (
    findings.find((finding) => finding.status === 'Revoked') ??
    findings.find((finding) => finding.status === 'Unknown') ??
    findings[0] ??
    NOT_CHECKED
  );
}

/** A finding, or why this list says nothing about the certificate. */
function lookUp(
  certificate: CertificateFacts,
  issuer: CertificateFacts,
  list: Extract<CrlAnswer, { ok: true }>,
  url: string,
): Finding | string {
  if (issuer.keyUsage !== null && !bitOf(issuer.keyUsage, KEY_USAGE.cRLSign)) {
    return `"${issuer.label}" isn't entitled to sign revocation lists (key usage)`;
  }
  const { scope } = list;
  // RFC 5280 §6.3.3 (b)(2): else another part of the authority's lists could be passed off as this one.
  if (scope.urls !== null && !scope.urls.some((each) => certificate.crlUrls.includes(each))) {
    return `the list at ${url} is for other certificates (issuing distribution point)`;
  }
  if (certificate.isAuthority ? scope.onlyUserCertificates : scope.onlyAuthorityCertificates) {
    return `the list at ${url} doesn't cover certificates of this kind`;
  }
  const entry = findSerial(list.index, certificate.serial);
  if (entry === null) return GOOD;
  const { since, reason } = readRevokedEntry(entry);
  return revoked(certificate, issuer, since, reason);
}

function fromStaple(
  response: Uint8Array,
  leaf: CertificateFacts,
  issuer: CertificateFacts,
  now: number,
): Finding | null {
  const answer = judgeStapled(response, leaf, issuer, now);
  switch (answer.status) {
    case 'Good':
      return GOOD;
    case 'Revoked':
      return revoked(leaf, issuer, answer.since, null);
    case 'Unknown':
      return {
        status: 'Unknown',
        detail: `The OCSP responder of "${issuer.label}" doesn't know the certificate "${leaf.label}".`,
      };
    default:
      return null;
  }
}

function revoked(
  certificate: CertificateFacts,
  issuer: CertificateFacts,
  since: number,
  reason: string | null,
): Finding {
  const day = new Date(since).toISOString().slice(0, 10);
  const why = reason === null ? '' : ` (${reason})`;
  return {
    status: 'Revoked',
    detail: `"${issuer.label}" revoked the certificate "${certificate.label}" on ${day}${why}; its operator must install another one.`,
  };
}
