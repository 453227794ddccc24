// The envelope of a message: who sent it, who shall get it, and what the sender asked of the transport.
// Data only; RFC 5321 §2.3.1, RFC 3461 (DSN), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 8689 (REQUIRETLS).
import type { Address } from './address.ts';

export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

export interface Recipient {
  readonly address: Address;
  /** RFC 3461 §4.1; null where the sender didn't say. */
  readonly notify: readonly Notify[] | null;
  /** RFC 3461 §4.2: `rfc822;user@example.org`, xtext decoded; null where the sender didn't say. */
  readonly orcpt: string | null;
}

export interface Envelope {
  /** null is the null reverse-path `<>`: nothing is ever reported to it (RFC 5321 §4.5.5). */
  readonly returnPath: Address | null;
  readonly recipients: readonly Recipient[];
  readonly body: '7BIT' | '8BITMIME';
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
  readonly ret: 'FULL' | 'HDRS' | null;
  readonly envid: string | null;
}
