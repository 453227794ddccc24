// One message over a client's connection: MAIL, RCPT, DATA, content, in one write where PIPELINING is offered (RFC 2920).
// Owns the order and who gets which answer; promises one answer for every recipient, in their order, whatever happens.
import type { Envelope, Recipient } from '#mail/envelope.ts';
import type { SmtpReply } from '#mail/smtp-reply.ts';
import type { SmtpClient } from './client.ts';
import type { ClientAnswer, ClientPhase, ClientTrouble } from './client-answer.ts';
import { mailLine, rcptLine, wantsSmtpUtf8 } from './client-commands.ts';
import { writeContent, type OutgoingContent } from './client-content.ts';

export interface Transaction {
  readonly envelope: Envelope;
  /** Those of the envelope that this server shall get; at least one. */
  readonly recipients: readonly Recipient[];
  readonly content: OutgoingContent;
}

export interface TransactionResult {
  /** One for each recipient: the reply that decided about it, or why there is none. */
  readonly answers: readonly ClientAnswer[];
  /** What ended the connection; null where it can be used again. */
  readonly trouble: ClientTrouble | null;
  /** The server knows that the transaction is over; else the next one must begin with RSET. */
  readonly complete: boolean;
}

/** Runs it on a connection where EHLO or HELO was answered and nothing is under way. */
export function runTransaction(
  client: SmtpClient,
  transaction: Transaction,
  reset: boolean,
): Promise<TransactionResult> {
  return new Promise((resolve, reject) => {
    try {
      const run = new Run(client, transaction, reset, resolve);
      run.begin();
    } catch (error) {
      reject(error);
    }
  });
}

class Run {
  readonly #client: SmtpClient;
  readonly #transaction: Transaction;
  readonly #resolve: (result: TransactionResult) => void;
  readonly #lines: string[];
  /** Position of MAIL among the lines: 1 behind RSET. */
  readonly #mailAt: number;
  #replies: SmtpReply[] = [];

  constructor(
    client: SmtpClient,
    transaction: Transaction,
    reset: boolean,
    resolve: (result: TransactionResult) => void,
  ) {
    this.#client = client;
    this.#transaction = transaction;
    this.#resolve = resolve;
    const { envelope, recipients, content } = transaction;
    const { capabilities } = client;
    const utf8 = wantsSmtpUtf8(envelope, recipients);
    this.#lines = reset ? ['RSET\r\n'] : [];
    this.#mailAt = this.#lines.length;
    this.#lines.push(mailLine(envelope, content.size, utf8, capabilities));
    for (const recipient of recipients) this.#lines.push(rcptLine(recipient, utf8, capabilities));
    this.#lines.push('DATA\r\n');
  }

  begin(): void {
    if (!this.#client.capabilities.pipelining) return this.#next();
    this.#client.exchange(
      this.#lines.join(''),
      this.#lines.length,
      this.#phaseOf(0),
      (replies, trouble) => {
        this.#replies = [...replies];
        this.#begun(trouble);
      },
      (index) => this.#phaseOf(index),
    );
  }

  /** Without PIPELINING: the next line, unless the answers so far have decided all. */
  #next(): void {
    const index = this.#replies.length;
    const line = this.#lines[index];
    const mail = this.#replies[this.#mailAt];
    const refused = mail !== undefined && !isConsent(mail);
    const nobody = index === this.#lines.length - 1 && this.#accepted().length === 0;
    if (line === undefined || refused || nobody) return this.#begun(null);
    this.#client.exchange(line, 1, this.#phaseOf(index), ([reply], trouble) => {
      if (reply === undefined) return this.#begun(trouble);
      this.#replies.push(reply);
      this.#next();
    });
  }

  #phaseOf(index: number): ClientPhase {
    if (index < this.#mailAt) return 'reset';
    if (index === this.#mailAt) return 'mail';
    return index < this.#lines.length - 1 ? 'rcpt' : 'data';
  }

  /** Positions of the recipients that were taken. */
  #accepted(): readonly number[] {
    const accepted: number[] = [];
    for (let index = 0; index < this.#transaction.recipients.length; index += 1) {
      const reply = this.#replies[this.#mailAt + 1 + index];
      if (reply !== undefined && isConsent(reply)) accepted.push(index);
    }
    return accepted;
  }

  /** Everything up to DATA was answered, or never will be. */
  #begun(trouble: ClientTrouble | null): void {
    if (trouble !== null) return this.#finish(trouble, trouble);
    const mail = this.#replies[this.#mailAt];
    const data = this.#replies[this.#lines.length - 1];
    const wanted = mail !== undefined && isConsent(mail) && this.#accepted().length > 0;
    if (data?.code !== 354) {
      if (data === undefined || data.code >= 400)
        return this.#finish({ kind: 'reply', phase: 'data', reply: data ?? NOT_ASKED }, null);
      const wrong: ClientTrouble = {
        kind: 'protocol',
        phase: 'data',
        detail: `the server answered DATA with ${data.code}`,
      };
      this.#client.destroy();
      return this.#finish(wrong, wrong);
    }
    if (wanted) this.#sendContent();
    // RFC 2920 §3.1: 354 without a recipient must be answered with a lone dot.
    else
      this.#client.exchange('.\r\n', 1, 'final', (_replies, late) =>
        this.#finish({ kind: 'reply', phase: 'data', reply: NOT_ASKED }, late, true),
      );
  }

  #sendContent(): void {
    let [answered, sent] = [false, false];
    this.#client.exchange('', 1, 'content', ([reply], trouble) => {
      answered = true;
      if (reply === undefined) return this.#finish(trouble ?? NO_REASON, trouble);
      // An answer in the middle of the content: the rest of it can't be sent any more, nor can anything else.
      if (!sent) this.#client.destroy();
      // Who accepts what it can't have read has lost count, or lies: nothing was delivered.
      if (!sent && isConsent(reply)) return this.#finish(TOO_EARLY, TOO_EARLY);
      this.#finish({ kind: 'reply', phase: 'final', reply }, null, true);
    });
    this.#client.afterChunk(() => {
      if (answered) return;
      writeContent(this.#client, this.#transaction.content, () => {
        sent = true;
      });
    });
  }

  /** `last` is the answer for every recipient that wasn't refused before. */
  #finish(last: ClientAnswer, trouble: ClientTrouble | null, complete = false): void {
    const mail = this.#replies[this.#mailAt];
    const farewell = this.#replies.at(-1);
    // A server that says 421 has answered everything that it leaves unanswered.
    const missing: ClientAnswer =
      last.kind !== 'reply' && farewell?.code === 421
        ? { kind: 'reply', phase: last.phase, reply: farewell }
        : last;
    const refusal: ClientAnswer | null =
      mail !== undefined && !isConsent(mail) ? { kind: 'reply', phase: 'mail', reply: mail } : null;
    const answers = this.#transaction.recipients.map((_, index): ClientAnswer => {
      if (refusal !== null) return refusal;
      const reply = this.#replies[this.#mailAt + 1 + index];
      return reply === undefined || isConsent(reply) ? missing : { kind: 'reply', phase: 'rcpt', reply };
    });
    // After a refused MAIL there is no transaction that would have to be given up.
    this.#resolve({ answers, trouble, complete: complete || refusal !== null });
  }
}

function isConsent(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** Stands where no recipient can come to see it: DATA wasn't sent, or nobody was left to send to. */
const NOT_ASKED: SmtpReply = Object.freeze({
  code: 554,
  enhanced: '5.5.1',
  lines: Object.freeze(['No valid recipients']),
});
const TOO_EARLY: ClientTrouble = Object.freeze({
  kind: 'protocol',
  phase: 'content',
  detail: 'the server accepted the content before it was sent',
});
const NO_REASON: ClientTrouble = Object.freeze({
  kind: 'dropped',
  phase: 'content',
  detail: 'the connection has ended',
});
