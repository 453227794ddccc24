// What one session with a mail exchanger tells in a TLS report (RFC 8460): under which policy it stood, and whether it met
// it. Pure. Only what the published policy asks counts: that a connector of ours asks for more is not the receiver's fault.
import type { Route } from '#routing/route.ts';
import { allowsExchanger, type MtaStsPolicy } from '#tls/mta-sts-policy.ts';
import type { TlsaRecord } from '#tls/requirement.ts';
import type { ReportedPolicy, TlsResultType, TlsSession } from '#tls/tls-tally.ts';
import { resultTypeOf } from '#tls/tls-report.ts';
import type { TargetHost } from './target-hosts.ts';
import type { HostPolicies } from './tls-requirement.ts';
import type { TlsSummary } from './tls-summary.ts';
import type { Trouble } from './trouble.ts';

export interface SessionEnd {
  readonly address: string;
  /** Ours; null where none was had. */
  readonly localAddress: string | null;
  readonly tls: TlsSummary | null;
  /** Why there is no TLS though the server offers it; else null. */
  readonly clearTextBecause: string | null;
  /** null: the session went on to MAIL. */
  readonly trouble: Trouble | null;
}

interface Fault {
  readonly type: TlsResultType;
  readonly detail: string;
}

/** null: the session says nothing of TLS (nobody answered, smart hosts). */
export function toTlsSession(
  route: Route,
  host: TargetHost,
  policies: HostPolicies | null,
  end: SessionEnd,
): TlsSession | null {
  if (route.nextHop.kind !== 'mx' || host.smartHost) return null;
  const fault = faultOf(host, policies, end);
  if (fault === undefined) return null;
  return {
    domain: route.nextHop.domain,
    policy: reportedPolicy(policies),
    failure:
      fault === null
        ? null
        : {
            ...fault,
            receivingMx: host.name,
            receivingAddress: end.address,
            sendingAddress: end.localAddress,
          },
  };
}

/** null: the policy was met; undefined: nothing can be said. */
function faultOf(host: TargetHost, policies: HostPolicies | null, end: SessionEnd): Fault | null | undefined {
  const byPolicy = policies === null ? null : policyFault(host, policies);
  if (byPolicy !== null) return byPolicy;
  const { tls, trouble } = end;
  if (tls !== null) return certificateFault(tls);
  if (trouble === null) return clearTextFault(end.clearTextBecause);
  switch (trouble.kind) {
    case 'tls-not-offered':
      return { type: 'starttls-not-supported', detail: 'STARTTLS is not offered' };
    case 'handshake':
      return { type: 'validation-failure', detail: trouble.detail };
    default:
      if (!('phase' in trouble) || trouble.phase !== 'starttls') return undefined;
      return trouble.kind === 'reply'
        ? { type: 'starttls-not-supported', detail: 'STARTTLS was refused' }
        : { type: 'validation-failure', detail: trouble.detail };
  }
}

function clearTextFault(because: string | null): Fault {
  if (because === null) return { type: 'starttls-not-supported', detail: 'STARTTLS is not offered' };
  const refused = because.startsWith('STARTTLS was refused');
  return { type: refused ? 'starttls-not-supported' : 'validation-failure', detail: because };
}

/** Wrong whatever the host shows. */
function policyFault(host: TargetHost, { dane, mtaSts, mtaStsFault }: HostPolicies): Fault | null {
  if (dane.kind === 'refuse') return { type: dane.resultType, detail: dane.detail };
  if (dane.kind === 'authenticate') return null;
  if (mtaSts === null) return mtaStsFault ?? null;
  if (mtaSts.mode === 'none' || allowsExchanger(mtaSts, host.name)) return null;
  return { type: 'validation-failure', detail: `${host.name} is not among the policy's mail hosts` };
}

const OUR_OWN: ReadonlySet<string> = new Set(['Revoked', 'RevocationStatusUnknown']);

function certificateFault(tls: TlsSummary): Fault | null {
  if (tls.testing !== null) return { type: resultTypeOf(tls.testing.reason), detail: tls.testing.detail };
  if (tls.verdict === 'Accepted' || tls.remark === null) return null;
  const reason = /^[A-Za-z]+/.exec(tls.remark)?.[0] ?? '';
  if (tls.authority !== 'Dane' && tls.authority !== 'MtaSts' && reason !== 'TlsaInvalid') return null;
  return OUR_OWN.has(reason) ? null : { type: resultTypeOf(reason), detail: tls.remark };
}

function reportedPolicy(policies: HostPolicies | null): ReportedPolicy {
  if (policies === null) return NO_POLICY;
  const { dane, mtaSts, mtaStsFault } = policies;
  switch (dane.kind) {
    case 'authenticate':
      return { type: 'tlsa', text: dane.records.map(printTlsa), mxHosts: [] };
    case 'encrypt':
    case 'refuse':
      return { type: 'tlsa', text: [], mxHosts: [] };
    default:
  }
  if (mtaSts !== null && mtaSts.mode !== 'none')
    return { type: 'sts', text: printPolicy(mtaSts), mxHosts: mtaSts.mx };
  return mtaSts === null && mtaStsFault ? { type: 'sts', text: [], mxHosts: [] } : NO_POLICY;
}

const NO_POLICY: ReportedPolicy = { type: 'no-policy-found', text: [], mxHosts: [] };

/** RFC 6698 §2.2. */
function printTlsa({ usage, selector, matchingType, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType} ${Buffer.from(data).toString('hex').toUpperCase()}`;
}

/** RFC 8460 §4.4: its lines. */
function printPolicy({ mode, mx, maxAge }: MtaStsPolicy): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, ...mx.map((host) => `mx: ${host}`), `max_age: ${maxAge}`];
}
