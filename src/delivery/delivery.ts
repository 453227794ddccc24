// One delivery in progress: which recipients are still undecided, what became of the others, and what was tried.
// Owns turning replies and troubles into results and events; opens no connection and waits for nothing.
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import { describeSmtpReply, type SmtpReply } from '#mail/smtp-reply.ts';
import type { ClientAnswer } from '#smtp/client-answer.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { toTrouble } from './client-trouble.ts';
import type { Connection } from './connection.ts';
import type { DeliveryRequest, DeliveryResult, RecipientResult } from './deliverer.ts';
import type { PolicyEvidence } from './policy-evidence.ts';
import { tlsOutcomeOf } from './tls-outcome.ts';
import type { TlsSummary } from './tls-summary.ts';
import {
  judgeTrouble,
  NO_REMOTE,
  type RemoteEnd,
  toDeliveryStatus,
  type Trouble,
  type Verdict,
  worthierVerdict,
} from './trouble.ts';

/** What is known of the host that was tried, for the trace. */
export interface TriedHost extends RemoteEnd {
  readonly tls: TlsSummary | null;
  /** Why there is no TLS though the server offers it (opportunistic only); else null. */
  readonly clearTextBecause: string | null;
  /** Messages that the connection had carried before. */
  readonly earlierMessages: number;
  /** What DANE and MTA-STS said of it; null: nobody asked. */
  readonly policies: PolicyEvidence | null;
}

export class Delivery {
  readonly request: DeliveryRequest;
  /** Positions that have no result yet. */
  pending: readonly number[];
  /** A session was had with some host, or the next hop isn't to blame for there being none. */
  reached = false;
  readonly #results: RecipientResult[] = [];
  readonly #events: TraceEvent[] = [];
  readonly #now: () => number;
  #verdict: Verdict | null = null;
  #remote: RemoteEnd = NO_REMOTE;

  constructor(request: DeliveryRequest, now: () => number) {
    this.request = request;
    this.pending = request.recipients;
    this.#now = now;
  }

  get done(): boolean {
    return this.pending.length === 0;
  }

  /** A host, or all of them, can't be used. Returns the verdict: where it is final, every recipient has its result. */
  trouble(trouble: Trouble, host: TriedHost | null): Verdict {
    const verdict = judgeTrouble(trouble, this.request.message.envelope.requireTls);
    if (trouble.kind === 'content-unreadable' || trouble.kind === 'internal') this.reached = true;
    if (host !== null) this.#tried(host, toDeliveryStatus(verdict, host), this.pending, 0, trouble);
    this.#note(verdict, host ?? NO_REMOTE);
    if (verdict.end === 'final') this.giveUp();
    return verdict;
  }

  /** A transaction was had with these recipients, all of them pending: one answer for each. */
  transacted(
    recipients: readonly number[],
    answers: readonly ClientAnswer[],
    host: TriedHost,
    connection: Pick<Connection, 'name' | 'offersDsn'>,
  ): void {
    let undecided: number[] | null = null;
    // Recipients whose answer is the same reply have the same fate, and share what is made of it.
    let answer: ClientAnswer | undefined;
    let status: DeliveryStatus | null = null;
    let shown: DeliveryStatus | null = null;
    let accepted = 0;
    for (let index = 0; index < recipients.length; index += 1) {
      const recipient = recipients[index] ?? 0;
      const next = answers[index] ?? NO_ANSWER;
      if (next !== answer) {
        answer = next;
        status = this.#toStatus(next, host, connection);
        shown ??= status ?? this.#status();
      }
      if (isAccepted(next)) accepted += 1;
      if (status === null) (undecided ??= []).push(recipient);
      else this.#results.push({ recipient, status });
    }
    if (shown !== null) this.#tried(host, shown, recipients, accepted, null);
    this.pending = this.#without(recipients, undecided);
  }

  /** No host is left: the undecided recipients get the verdict that tells most. */
  giveUp(): void {
    const status = this.#status();
    for (const recipient of this.pending) this.#results.push({ recipient, status });
    this.pending = [];
  }

  result(): DeliveryResult {
    return {
      results: this.#results,
      events: this.#events,
      nextHop: this.#isUnreachable() ? 'unreachable' : 'reached',
    };
  }

  /** What a permanent answer of the DNS, or this message's own wish for protection, brings about says nothing of others. */
  #isUnreachable(): boolean {
    return !this.reached && this.#verdict?.action === 'deferred' && !this.request.message.envelope.requireTls;
  }

  /** What a recipient gets that no host decided about. */
  #status(): DeliveryStatus {
    const verdict = this.#verdict ?? judgeTrouble({ kind: 'internal', detail: 'No host was tried' });
    return toDeliveryStatus(verdict, this.#remote);
  }

  /** What the answer gives a recipient; null: another host is to be tried for it. */
  #toStatus(
    answer: ClientAnswer,
    host: RemoteEnd,
    connection: Pick<Connection, 'name' | 'offersDsn'>,
  ): DeliveryStatus | null {
    if (isAccepted(answer)) return acceptedStatus(answer.reply, host, connection.offersDsn);
    const verdict = judgeTrouble(toTrouble(answer, connection.name));
    if (verdict.end === 'final') return toDeliveryStatus(verdict, host);
    this.#note(verdict, host);
    return null;
  }

  #note(verdict: Verdict, remote: RemoteEnd): void {
    if (this.#verdict !== null && worthierVerdict(this.#verdict, verdict) === this.#verdict) return;
    this.#verdict = verdict;
    this.#remote = remote;
  }

  #without(recipients: readonly number[], undecided: readonly number[] | null): readonly number[] {
    if (recipients.length === this.pending.length) return undecided ?? [];
    const gone = new Set(recipients);
    for (const recipient of undecided ?? []) gone.delete(recipient);
    return this.pending.filter((recipient) => !gone.has(recipient));
  }

  /** One event for a host; settle tells what became of each recipient, so only their number is told here. */
  #tried(
    host: TriedHost,
    first: DeliveryStatus,
    recipients: readonly number[],
    accepted: number,
    trouble: Trouble | null,
  ): void {
    const { remoteMta, remoteAddress, tls, clearTextBecause, earlierMessages, policies } = host;
    const { status, diagnostic, action } = first;
    const where = remoteMta === null ? remoteAddress : `${remoteMta} (${remoteAddress})`;
    const why = clearTextBecause === null ? '' : ` (${clearTextBecause})`;
    const how =
      tls !== null
        ? ` over ${tls.protocol}`
        : trouble === null || hasBegun(trouble)
          ? ` in clear text${why}`
          : '';
    const mixed = accepted > 0 && accepted < recipients.length;
    const outcome = mixed ? 'mixed' : accepted > 0 ? 'delivered' : action;
    const words = mixed ? `${accepted} of ${recipients.length} recipients accepted` : diagnostic;
    this.#events.push({
      time: this.#now(),
      kind: 'Attempt',
      recipients,
      // Our own words begin with the host.
      detail: words.startsWith(`${where} `) ? words : `${where}${how}: ${words}`,
      data: {
        host: remoteMta,
        address: remoteAddress,
        outcome,
        status,
        diagnostic,
        tls,
        clearTextBecause,
        earlierMessages,
        policies,
        // Counted once for a session, whatever it carries.
        protection: earlierMessages === 0 ? tlsOutcomeOf(tls, clearTextBecause, trouble) : null,
      },
    });
    if (tls?.revocation === 'Unknown' && tls.remark !== null) this.#warn(tls.remark, recipients);
  }

  /** delivery.md: RevocationFailureAction Allow sends, and says that it did. */
  #warn(remark: string, recipients: readonly number[]): void {
    this.#events.push({
      time: this.#now(),
      kind: 'Warning',
      recipients,
      detail: `Sent though revocation is unknown (RevocationFailureAction is Allow): ${remark}`,
      data: { warning: 'RevocationStatusUnknown' },
    });
  }
}

type Accepted = ClientAnswer & { readonly kind: 'reply' };

function isAccepted(answer: ClientAnswer): answer is Accepted {
  return (
    answer.kind === 'reply' && answer.phase === 'final' && answer.reply.code >= 200 && answer.reply.code < 300
  );
}

const NO_ANSWER: ClientAnswer = {
  kind: 'protocol',
  phase: 'final',
  detail: 'there is no answer for this recipient',
};

/** RFC 3461 §5.2.2: a next hop that knows DSN reports itself; else Postern says `relayed`. */
function acceptedStatus(reply: SmtpReply, remote: RemoteEnd, offersDsn: boolean): DeliveryStatus {
  return {
    action: offersDsn ? 'delivered' : 'relayed',
    status: reply.enhanced?.startsWith('2') ? reply.enhanced : '2.0.0',
    diagnostic: describeSmtpReply(reply),
    diagnosticType: 'smtp',
    remoteMta: remote.remoteMta,
    remoteAddress: remote.remoteAddress,
  };
}

/** Something of the message may have been sent before. */
function hasBegun(trouble: Trouble): boolean {
  return 'phase' in trouble && OF_TRANSACTION.has(trouble.phase);
}
const OF_TRANSACTION: ReadonlySet<string> = new Set(['mail', 'rcpt', 'data', 'content', 'final']);
