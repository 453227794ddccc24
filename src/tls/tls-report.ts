// TLS reports (RFC 8460): what happened to TLS on the way to each domain, counted per UTC day, and the report made of
// it. Collects and builds only; sending is others' matter. Bounded: a day with very many domains or kinds of failure
// keeps its counts and drops details.
import { gzipSync } from 'node:zlib';

/** RFC 8460 §4.3. */
export type TlsResultType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid';

/** RFC 8460 §4.1. */
export interface ReportedPolicy {
  readonly type: 'tlsa' | 'sts' | 'no-policy-found';
  /** The policy as text: TLSA records in presentation form, or the lines of the MTA-STS policy. */
  readonly text: readonly string[];
  readonly mxHosts: readonly string[];
}

export interface TlsSession {
  /** The next-hop domain, A-labels. */
  readonly domain: string;
  readonly policy: ReportedPolicy;
  /** Null: the session met the policy. */
  readonly failure: {
    readonly type: TlsResultType;
    readonly receivingMx: string;
    readonly receivingAddress: string | null;
    readonly sendingAddress: string | null;
    readonly detail: string;
  } | null;
}

interface FailureCount {
  readonly failure: NonNullable<TlsSession['failure']>;
  count: number;
}

interface PolicyCount {
  readonly policy: ReportedPolicy;
  successful: number;
  failed: number;
  readonly failures: Map<string, FailureCount>;
}

export interface DomainReport {
  readonly domain: string;
  /** `2026-11-23`, UTC. */
  readonly day: string;
  readonly policies: readonly Readonly<PolicyCount>[];
}

export interface TlsReportCollector {
  record(session: TlsSession): void;
  /** Takes out what was collected on days before `day` (`2026-11-24`): each domain and day once. */
  takeBefore(day: string): readonly DomainReport[];
}

const MAX_DOMAINS = 20_000;
const MAX_POLICIES = 10;
const MAX_FAILURES = 100;

/** `now`: milliseconds since 1970. */
export function createTlsReportCollector(now: () => number): TlsReportCollector {
  const reports = new Map<string, { domain: string; day: string; policies: Map<string, PolicyCount> }>();

  function policyCount(session: TlsSession): PolicyCount | null {
    const day = new Date(now()).toISOString().slice(0, 10);
    const key = `${day} ${session.domain}`;
    let report = reports.get(key);
    if (report === undefined) {
      if (reports.size >= MAX_DOMAINS) return null;
      reports.set(key, (report = { domain: session.domain, day, policies: new Map() }));
    }
    const { type, text } = session.policy;
    const policyKey = `${type}\n${text.join('\n')}`;
    let count = report.policies.get(policyKey);
    if (count === undefined) {
      if (report.policies.size >= MAX_POLICIES) return null;
      count = { policy: session.policy, successful: 0, failed: 0, failures: new Map() };
      report.policies.set(policyKey, count);
    }
    return count;
  }

  return {
    record(session) {
      const count = policyCount(session);
      if (count === null) return;
      const { failure } = session;
      if (failure === null) {
        count.successful += 1;
        return;
      }
      count.failed += 1;
      const key = [failure.type, failure.receivingMx, failure.receivingAddress, failure.sendingAddress].join(
        ' ',
      );
      const same = count.failures.get(key);
      if (same !== undefined) same.count += 1;
      else if (count.failures.size < MAX_FAILURES) count.failures.set(key, { failure, count: 1 });
    },
    takeBefore(day) {
      const taken = [...reports].filter(([, report]) => report.day < day);
      for (const [key] of taken) reports.delete(key);
      return taken.map(([, { domain, day: of, policies }]) => ({
        domain,
        day: of,
        policies: [...policies.values()],
      }));
    },
  };
}

export interface Reporter {
  readonly organization: string;
  readonly contact: string;
  /** Unique for ever: `2026-11-23T00:00:00Z_contoso.com@gateway.example`. */
  readonly reportId: string;
}

/** RFC 8460 §4: the JSON text, and the same compressed as it is sent (`application/tlsrpt+gzip`). */
export function buildTlsReport(
  report: DomainReport,
  reporter: Reporter,
): { readonly json: string; readonly gzip: Buffer } {
  const json = JSON.stringify({
    'organization-name': reporter.organization,
    'date-range': {
      'start-datetime': `${report.day}T00:00:00Z`,
      'end-datetime': `${report.day}T23:59:59Z`,
    },
    'contact-info': reporter.contact,
    'report-id': reporter.reportId,
    policies: report.policies.map((count) => policyPart(count, report.domain)),
  });
  return { json, gzip: gzipSync(json) };
}

function policyPart(count: Readonly<PolicyCount>, domain: string): object {
  const { type, text, mxHosts } = count.policy;
  return {
    policy: {
      'policy-type': type,
      ...(type === 'no-policy-found' ? {} : { 'policy-string': text }),
      'policy-domain': domain,
      ...(type === 'sts' ? { 'mx-host': mxHosts } : {}),
    },
    summary: {
      'total-successful-session-count': count.successful,
      'total-failure-session-count': count.failed,
    },
    ...(count.failures.size === 0
      ? {}
      : { 'failure-details': [...count.failures.values()].map(failurePart) }),
  };
}

function failurePart({ failure, count }: FailureCount): object {
  return {
    'result-type': failure.type,
    ...(failure.sendingAddress === null ? {} : { 'sending-mta-ip': failure.sendingAddress }),
    'receiving-mx-hostname': failure.receivingMx,
    ...(failure.receivingAddress === null ? {} : { 'receiving-ip': failure.receivingAddress }),
    'failed-session-count': count,
    'failure-reason-code': failure.detail.slice(0, 500),
  };
}

/** judge()'s reasons in RFC 8460's words. */
export function resultTypeOf(reason: string): TlsResultType {
  switch (reason) {
    case 'SubjectMismatch':
      return 'certificate-host-mismatch';
    case 'CertificateExpired':
      return 'certificate-expired';
    case 'UntrustedRoot':
    case 'PartialChain':
    case 'InvalidChain':
    case 'Revoked':
      return 'certificate-not-trusted';
    case 'TlsaInvalid':
      return 'tlsa-invalid';
    default:
      return 'validation-failure';
  }
}

export type ReportPlace =
  | { readonly kind: 'mailto'; readonly address: string }
  | { readonly kind: 'https'; readonly url: string };

const MAX_PLACES = 5;

/**
 * RFC 8460 §3: where reports go, from the TXT records of `_smtp._tls.<domain>`. Empty where there is no record, or more
 * than one, or none that names a place.
 */
export function readTlsReportRecord(texts: readonly string[]): readonly ReportPlace[] {
  const records = texts.filter((text) => /^v=TLSRPTv1[ \t]*;/.test(text));
  const [record] = records;
  if (record === undefined || records.length > 1) return [];
  const rua = record
    .split(';')
    .map((field) => /^[ \t]*rua=(.+?)[ \t]*$/.exec(field)?.[1])
    .find((value) => value !== undefined);
  const places = (rua ?? '').split(',').map((place) => toPlace(place.trim()));
  return places.filter((place) => place !== null).slice(0, MAX_PLACES);
}

function toPlace(uri: string): ReportPlace | null {
  if (/^https:\/\//i.test(uri) && URL.canParse(uri)) return { kind: 'https', url: uri };
  const [, encoded] = /^mailto:([^?]+)/i.exec(uri) ?? [];
  if (encoded === undefined) return null;
  try {
    const address = decodeURIComponent(encoded);
    return /^[^\s@<>]+@[^\s@<>]+$/.test(address) ? { kind: 'mailto', address } : null;
  } catch {
    return null;
  }
}
