// Which mail is in somebody's hands right now. Kept in the writer's memory only: a claim needs no write, and when the
// process dies nothing is marked any more, so that what was in hand is due at once. Changes are journalled, so that a
// group of requests that failed to commit leaves no mark behind. Grows with mail in flight, never with the queue.
import type { MessageId } from '#mail/message.ts';

/** A message as accepted, kept while it is in hand so that settling it reads nothing. */
export interface FreshMessage {
  readonly meta: string;
  readonly events: string;
  readonly recipients: number;
  readonly spool: string | null;
}

export interface Mark {
  readonly fresh: FreshMessage | null;
  /** Positions of the recipients in hand; null: all of them. */
  readonly recipients: ReadonlySet<number> | null;
}

/** Beyond this many, fresh messages are read back from the database instead of being kept. */
const FRESH_KEPT = 20_000;

export class InHand {
  readonly #marks = new Map<MessageId, Mark>();
  readonly #journal: (readonly [MessageId, Mark | undefined])[] = [];

  #claimedRecipients = 0;

  /** How many waiting recipients are in hand; untried messages aren't counted. */
  get claimedRecipients(): number {
    return this.#claimedRecipients;
  }

  get(id: MessageId): Mark | undefined {
    return this.#marks.get(id);
  }

  holds(id: MessageId, recipient: number): boolean {
    const mark = this.#marks.get(id);
    return mark !== undefined && (mark.recipients === null || mark.recipients.has(recipient));
  }

  takeFresh(id: MessageId, fresh: FreshMessage | null): void {
    this.#put(id, { fresh: this.#marks.size < FRESH_KEPT ? fresh : null, recipients: null });
  }

  take(id: MessageId, recipients: readonly number[]): void {
    const held = this.#marks.get(id)?.recipients ?? [];
    this.#put(id, { fresh: null, recipients: new Set([...held, ...recipients]) });
  }

  /** Lets go of these; nobody holds the message any more when none is left. */
  release(id: MessageId, recipients: readonly number[]): void {
    const held = this.#marks.get(id)?.recipients;
    if (held === undefined || held === null) return;
    const left = new Set(held);
    for (const recipient of recipients) left.delete(recipient);
    this.#put(id, left.size === 0 ? undefined : { fresh: null, recipients: left });
  }

  forget(id: MessageId): void {
    if (this.#marks.has(id)) this.#put(id, undefined);
  }

  savepoint(): number {
    return this.#journal.length;
  }

  rollbackTo(savepoint: number): void {
    for (let entry = this.#journal.length; entry > savepoint; entry -= 1) {
      const undo = this.#journal.pop();
      if (undo !== undefined) this.#set(undo[0], undo[1]);
    }
  }

  committed(): void {
    this.#journal.length = 0;
  }

  #put(id: MessageId, mark: Mark | undefined): void {
    this.#journal.push([id, this.#marks.get(id)]);
    this.#set(id, mark);
  }

  #set(id: MessageId, mark: Mark | undefined): void {
    this.#claimedRecipients += (mark?.recipients?.size ?? 0) - (this.#marks.get(id)?.recipients?.size ?? 0);
    if (mark === undefined) this.#marks.delete(id);
    else this.#marks.set(id, mark);
  }
}
