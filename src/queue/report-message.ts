// A planned report made into a message that enters the queue: the original's content is read here (bounded), the text
// is dsn/'s. The report is committed with the settlement that gave rise to it, in hand, and delivered like any message.
import { buildReport, MAX_RETURNED_CONTENT } from '#dsn/report.ts';
import type { PlannedReport } from '#dsn/planned-report.ts';
import type { Address } from '#mail/address.ts';
import type { Content, Message, MessageId } from '#mail/message.ts';
import type { NewMessage } from '#store/store.ts';
import { contentBeginning } from './content-beginning.ts';

export interface ReportParts {
  readonly hostname: string;
  /** postmaster@<default accepted domain>, or of the gateway's own name. */
  readonly postmaster: () => Address;
  readonly nextId: () => MessageId;
  readonly now: () => number;
  /** Letters and digits that nobody can guess. */
  readonly token: () => string;
  /** MessageExpirationTimeout in milliseconds. */
  readonly expirationTimeout: () => number;
}

const NOTHING = new Uint8Array(0);

/** `inHand`: the caller delivers it itself once it is committed. */
export async function reportMessage(
  parts: ReportParts,
  report: PlannedReport,
  message: Message,
  content: Content,
  inHand: boolean,
): Promise<NewMessage> {
  const built = buildReport({
    report,
    message,
    // A content that can't be read any more doesn't keep the report from its sender.
    original: await contentBeginning(content, MAX_RETURNED_CONTENT).catch(() => NOTHING),
    hostname: parts.hostname,
    from: parts.postmaster(),
    now: parts.now(),
    retryUntil: report.kind === 'delay' ? message.receivedAt + parts.expirationTimeout() : null,
    token: parts.token(),
  });
  const now = parts.now();
  return {
    message: {
      id: parts.nextId(),
      receivedAt: now,
      envelope: built.envelope,
      origin: {
        remoteAddress: '',
        helo: parts.hostname,
        tls: null,
        inboundConnector: null,
        fromOnPremises: false,
        authenticatedUser: null,
      },
      facts: built.facts,
      size: built.content.length,
    },
    content: { kind: 'memory', bytes: built.content },
    inHand,
    events: [
      {
        time: now,
        kind: 'Receive',
        recipients: null,
        detail: `A ${report.kind} report of Postern's own.`,
        data: { report: report.kind, about: message.id },
      },
    ],
  };
}
