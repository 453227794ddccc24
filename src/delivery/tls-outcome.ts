// How a session stood with TLS, in a few words, for counting: which protection it had, or why it had none. Pure.
import type { TlsSummary } from './tls-summary.ts';
import type { Trouble } from './trouble.ts';

/** null: it never got as far as TLS. `trouble`: what ended the session; null: it went on. */
export function tlsOutcomeOf(
  tls: TlsSummary | null,
  clearTextBecause: string | null,
  trouble: Trouble | null,
): string | null {
  if (tls !== null)
    return tls.verdict === 'Refused' ? `${tls.protocol} refused ${reasonOf(tls)}` : acceptedAs(tls);
  if (trouble === null) return clearTextBecause === null ? 'clear text' : 'clear text after failure';
  switch (trouble.kind) {
    case 'tls-not-offered':
      return 'not offered';
    case 'handshake':
      return 'handshake failed';
    case 'policy':
      return 'refused by policy';
    default:
      return 'phase' in trouble && trouble.phase === 'starttls' ? 'STARTTLS refused' : null;
  }
}

function acceptedAs({ protocol, level, authority, revocation }: TlsSummary): string {
  const validated = level === 'DomainValidation' || level === 'CertificateValidation';
  const by = validated ? level : authority === 'Dane' || authority === 'MtaSts' ? authority : 'Encryption';
  return `${protocol} ${by} accepted${revocation === 'Unknown' ? ', revocation unknown' : ''}`;
}

/** judge()'s word. */
function reasonOf({ remark }: TlsSummary): string {
  return /^[A-Za-z]+/.exec(remark ?? '')?.[0] ?? '';
}
