// A message as rules look at it: envelope, header, body and attachments, each read once, and only when a rule asks.
// What later rules see includes what earlier ones did to the header. Owns reading and remembering; decides nothing.
import { printAddress } from '#mail/address.ts';
import type { Message } from '#mail/message.ts';
import type { MimeFacts } from '#mail/mime-reader.ts';
import type { TransportRule } from '#directory/configuration.ts';
import type { AcceptedDomains } from '../accepted-domains.ts';
import { type NumericAddress, numericAddress } from '../address-ranges.ts';
import type { HeaderEdit } from '../routed-group.ts';
import type { GroupMembers } from './group-members.ts';
import { createHeaderIndex, type HeaderIndex } from './header-index.ts';
import { SearchableText } from './searchable-text.ts';
import { addressesIn } from './sender-addresses.ts';

/** What of the configuration conditions refer to. */
export interface RuleContext {
  readonly accepted: AcceptedDomains;
  readonly members: GroupMembers;
}

/** An address as conditions compare it. */
export interface ComparedAddress {
  /** Lower case. */
  readonly address: string;
  readonly domain: string;
  readonly text: SearchableText;
}

export type Reading = 'header' | 'body';
type SenderLocation = TransportRule['SenderAddressLocation'];

/** Thrown by a look at something that could not be read; ends the rule, not the message. */
export class ReadingFailed extends Error {}

export class MessageView {
  readonly message: Message;
  readonly context: RuleContext;
  /** What a condition that answered null must have read first. */
  wanted: Reading = 'header';
  #header: HeaderIndex | Error | null = null;
  #mime: MimeFacts | Error | null = null;
  #edits: readonly HeaderEdit[] = [];
  #subject: SearchableText | null = null;
  #bodyText: SearchableText | null = null;
  #peer: NumericAddress | null | undefined;
  readonly #values = new Map<string, readonly SearchableText[]>();
  readonly #recipients = new Map<number, ComparedAddress>();
  readonly #senders = new Map<SenderLocation, readonly ComparedAddress[]>();

  constructor(message: Message, context: RuleContext) {
    this.message = message;
    this.context = context;
  }

  /** The header edits that the rules before this one asked for. */
  lookThrough(edits: readonly HeaderEdit[]): void {
    if (edits === this.#edits) return;
    this.#edits = edits;
    this.#subject = null;
    this.#values.clear();
    this.#senders.clear();
  }

  /** The header that was wanted, or why it can't be had. */
  provideHeader(header: Uint8Array | Error): void {
    this.#header = header instanceof Error ? header : createHeaderIndex(header);
  }

  /** What was wanted of the body, or why it can't be had. */
  provideBody(mime: MimeFacts | Error): void {
    this.#mime = mime;
  }

  get peer(): NumericAddress | null {
    if (this.#peer === undefined) this.#peer = numericAddress(this.message.origin.remoteAddress);
    return this.#peer;
  }

  recipient(position: number): ComparedAddress {
    const known = this.#recipients.get(position);
    if (known !== undefined) return known;
    const recipient = this.message.envelope.recipients[position];
    if (recipient === undefined) throw new RangeError(`The message has no recipient ${position}.`);
    const compared = toCompared(printAddress(recipient.address));
    this.#recipients.set(position, compared);
    return compared;
  }

  get subject(): SearchableText {
    this.#subject ??= new SearchableText(this.#editedSubject());
    return this.#subject;
  }

  /** Text of the body's text parts; null: it must be read first. */
  get bodyText(): SearchableText | null {
    const facts = this.mime;
    if (facts === null) return null;
    this.#bodyText ??= new SearchableText(facts.text);
    return this.#bodyText;
  }

  get mime(): MimeFacts | null {
    if (this.#mime instanceof Error) throw new ReadingFailed(this.#mime.message);
    if (this.#mime === null) this.wanted = 'body';
    return this.#mime;
  }

  /** Values of the header fields of this name (lower case), unfolded and decoded; null: the header must be read first. */
  values(name: string): readonly SearchableText[] | null {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    if (this.#header instanceof Error) throw new ReadingFailed(this.#header.message);
    if (this.#header === null) {
      this.wanted = 'header';
      return null;
    }
    const values = editedValues(name, this.#header.values(name), this.#edits).map(
      (value) => new SearchableText(value),
    );
    this.#values.set(name, values);
    return values;
  }

  /** The first value of the field, `''` where there is none. */
  value(name: string): string | null {
    const values = this.values(name);
    return values === null ? null : (values[0]?.raw ?? '');
  }

  /**
   * Who the message is from (Exchange: SenderAddressLocation). The header's From and Sender count; Reply-To says where
   * answers go, not who sent (Postern). A header without either leaves the envelope's sender.
   */
  senders(location: SenderLocation): readonly ComparedAddress[] | null {
    const known = this.#senders.get(location);
    if (known !== undefined) return known;
    const { returnPath } = this.message.envelope;
    const envelope = returnPath === null ? [] : [printAddress(returnPath).toLowerCase()];
    const addresses = location === 'Envelope' ? envelope : this.#headerSenders(location, envelope);
    if (addresses === null) return null;
    const senders = [...new Set(addresses)].map(toCompared);
    this.#senders.set(location, senders);
    return senders;
  }

  #headerSenders(location: SenderLocation, envelope: readonly string[]): readonly string[] | null {
    const [from, sender] = [this.value('from'), this.value('sender')];
    if (from === null || sender === null) return null;
    const header = [...addressesIn(from), ...addressesIn(sender)];
    if (location === 'HeaderOrEnvelope') return [...header, ...envelope];
    return header.length > 0 ? header : envelope;
  }

  #editedSubject(): string {
    let { subject } = this.message.facts;
    for (const edit of this.#edits) {
      if (edit.kind === 'prepend-subject') subject = prefixedSubject(edit.text, subject);
      else if (edit.name.toLowerCase() === 'subject') subject = edit.kind === 'set' ? edit.value : '';
    }
    return subject;
  }
}

/** A subject that begins with the prefix already gets no second one (Postern): mail may pass twice. */
export function prefixedSubject(prefix: string, subject: string): string {
  return subject.startsWith(prefix.trim()) ? subject : `${prefix}${subject}`;
}

function editedValues(
  name: string,
  values: readonly string[],
  edits: readonly HeaderEdit[],
): readonly string[] {
  let edited = values;
  for (const edit of edits) {
    if (edit.kind === 'prepend-subject') {
      if (name === 'subject') edited = [prefixedSubject(edit.text, edited[0] ?? '')];
    } else if (edit.name.toLowerCase() === name) edited = edit.kind === 'set' ? [edit.value] : [];
  }
  return edited;
}

function toCompared(text: string): ComparedAddress {
  const address = text.toLowerCase();
  return { address, domain: address.slice(address.lastIndexOf('@') + 1), text: new SearchableText(address) };
}
