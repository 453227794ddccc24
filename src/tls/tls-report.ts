// TLS reports (RFC 8460 §4): what was tallied of a day (tls-tally.ts) as the report that a domain gets, and where it wants
// its reports. Builds and reads only; sending is others' matter. Pure.
import { gzipSync } from 'node:zlib';
import type { DomainReport, FailureCount, PolicyCount, TlsResultType } from './tls-tally.ts';

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
