// What happened to TLS on the way to each domain (RFC 8460), counted per UTC day and policy. Threads that carry mail count,
// the main thread adds up and keeps it across restarts. Bounded: a day with very many domains or kinds of failure keeps
// its counts and drops details.

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

export interface FailureCount {
  readonly failure: NonNullable<TlsSession['failure']>;
  count: number;
}

export interface PolicyCount {
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
  /** What others have counted. */
  add(reports: readonly DomainReport[]): void;
  /** All of it, left in place. */
  list(): readonly DomainReport[];
  /** Takes out what was collected on days before `day` (`2026-11-24`): each domain and day once. */
  takeBefore(day: string): readonly DomainReport[];
}

const MAX_DOMAINS = 20_000;
const MAX_POLICIES = 10;
const MAX_FAILURES = 100;

/** `now`: milliseconds since 1970. */
export function createTlsReportCollector(now: () => number): TlsReportCollector {
  const reports = new Map<string, Collected>();

  function policyCount(day: string, domain: string, policy: ReportedPolicy): PolicyCount | null {
    const key = `${day} ${domain}`;
    let report = reports.get(key);
    if (report === undefined) {
      if (reports.size >= MAX_DOMAINS) return null;
      reports.set(key, (report = { domain, day, policies: new Map() }));
    }
    const policyKey = `${policy.type}\n${policy.text.join('\n')}`;
    let count = report.policies.get(policyKey);
    if (count === undefined) {
      if (report.policies.size >= MAX_POLICIES) return null;
      count = { policy, successful: 0, failed: 0, failures: new Map() };
      report.policies.set(policyKey, count);
    }
    return count;
  }

  return {
    record({ domain, policy, failure }) {
      const count = policyCount(new Date(now()).toISOString().slice(0, 10), domain, policy);
      if (count === null) return;
      if (failure === null) {
        count.successful += 1;
        return;
      }
      count.failed += 1;
      addFailure(count, failure, 1);
    },
    add(counted) {
      for (const { day, domain, policies } of counted) {
        for (const more of policies) {
          const count = policyCount(day, domain, more.policy);
          if (count === null) continue;
          count.successful += more.successful;
          count.failed += more.failed;
          for (const { failure, count: times } of more.failures.values()) addFailure(count, failure, times);
        }
      }
    },
    list: () => [...reports.values()].map(toReport),
    takeBefore(day) {
      const taken = [...reports].filter(([, report]) => report.day < day);
      for (const [key] of taken) reports.delete(key);
      return taken.map(([, report]) => toReport(report));
    },
  };
}

interface Collected {
  readonly domain: string;
  readonly day: string;
  readonly policies: Map<string, PolicyCount>;
}

function toReport({ domain, day, policies }: Collected): DomainReport {
  return { domain, day, policies: [...policies.values()] };
}

function addFailure(count: PolicyCount, failure: FailureCount['failure'], times: number): void {
  const { type, receivingMx, receivingAddress, sendingAddress } = failure;
  const key = [type, receivingMx, receivingAddress, sendingAddress].join(' ');
  const same = count.failures.get(key);
  if (same !== undefined) same.count += times;
  else if (count.failures.size < MAX_FAILURES) count.failures.set(key, { failure, count: times });
}

/** As plain JSON values that restoreTally() reads back: what a restart must not lose. */
export function plainTally(reports: readonly DomainReport[]): readonly unknown[] {
  return reports.map(({ domain, day, policies }) => ({
    domain,
    day,
    policies: policies.map((one) => ({ ...one, failures: [...one.failures.values()] })),
  }));
}

/** null for anything but what plainTally() made. */
export function restoreTally(value: unknown): readonly DomainReport[] | null {
  return Array.isArray(value) && value.every(isStored) ? value.map(restore) : null;
}

interface Stored {
  readonly domain: string;
  readonly day: string;
  readonly policies: readonly (Omit<PolicyCount, 'failures'> & {
    readonly failures: readonly FailureCount[];
  })[];
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== 'object' || value === null || !('policies' in value)) return false;
  const { domain, day, policies } = { domain: null, day: null, ...value };
  return (
    typeof domain === 'string' &&
    /^\d{4}-\d\d-\d\d$/.test(String(day)) &&
    Array.isArray(policies) &&
    policies.every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        'policy' in one &&
        'failures' in one &&
        Array.isArray(one.failures),
    )
  );
}

function restore({ domain, day, policies }: Stored): DomainReport {
  return {
    domain,
    day,
    policies: policies.map((one) => ({
      ...one,
      failures: new Map(one.failures.map((failure, index) => [String(index), failure])),
    })),
  };
}
