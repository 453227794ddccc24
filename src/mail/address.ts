// A mailbox address of the envelope: RFC 5321 §4.1.2, with RFC 6531's international characters.
// Owns parsing and printing; promises that what it prints, it parses back. Never looks anything up.

/** `domain` is in A-labels and lower case, or an address literal with its brackets (`[192.0.2.1]`). */
export interface Address {
  /** As the sender wrote it, quotes included; may hold non-ASCII characters (then SMTPUTF8 is needed). */
  readonly localPart: string;
  readonly domain: string;
}
