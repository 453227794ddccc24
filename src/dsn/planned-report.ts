// Which recipients a report is owed for, and which kind: RFC 3461 §4.1 and §5.2, as a pure decision. Promises that
// nothing is ever reported to a null sender (RFC 5321 §4.5.5) and that NOTIFY=NEVER is silent. Builds no text.
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Envelope, Notify } from '#mail/envelope.ts';

export type ReportKind = 'failure' | 'delay' | 'success';

export interface ReportedRecipient {
  /** Position in the envelope's recipients. */
  readonly recipient: number;
  readonly status: DeliveryStatus;
}

/** One report: one kind, one or more recipients of one message. */
export interface PlannedReport {
  readonly kind: ReportKind;
  readonly recipients: readonly ReportedRecipient[];
}

const NONE: readonly PlannedReport[] = [];

/**
 * @param settled recipients whose fate is settled (failed, relayed, delivered)
 * @param delayed recipients that still wait and whose delay is due to be told
 */
export function reportsFor(
  envelope: Envelope,
  settled: readonly ReportedRecipient[],
  delayed: readonly ReportedRecipient[],
): readonly PlannedReport[] {
  if (envelope.returnPath === null) return NONE;
  let failures: ReportedRecipient[] | null = null;
  let successes: ReportedRecipient[] | null = null;
  for (const entry of settled) {
    const notify = envelope.recipients[entry.recipient]?.notify ?? null;
    if (entry.status.action === 'failed') {
      if (wants(notify, 'FAILURE')) (failures ??= []).push(entry);
      // RFC 3461 §5.2.2: 'delivered' means that the next hop took over the duty to report; 'relayed' that it couldn't.
    } else if (entry.status.action === 'relayed' && notify !== null && wants(notify, 'SUCCESS')) {
      (successes ??= []).push(entry);
    }
  }
  const late = delayed.filter((entry) =>
    wants(envelope.recipients[entry.recipient]?.notify ?? null, 'DELAY'),
  );
  if (failures === null && successes === null && late.length === 0) return NONE;
  const reports: PlannedReport[] = [];
  if (failures !== null) reports.push({ kind: 'failure', recipients: failures });
  if (late.length > 0) reports.push({ kind: 'delay', recipients: late });
  if (successes !== null) reports.push({ kind: 'success', recipients: successes });
  return reports;
}

/** RFC 3461 §4.1: a sender that said nothing hears of failures and of delays. */
function wants(notify: readonly Notify[] | null, what: 'SUCCESS' | 'FAILURE' | 'DELAY'): boolean {
  return notify === null ? what !== 'SUCCESS' : notify.includes(what);
}
