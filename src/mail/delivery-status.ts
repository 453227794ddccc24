// What became of one recipient in one attempt. Data only; field names follow RFC 3464 §2.3.
import type { EnhancedStatus } from './enhanced-status.ts';

export type DeliveryAction = 'delivered' | 'relayed' | 'deferred' | 'failed';

export interface DeliveryStatus {
  /** `relayed`: delivered to a next hop that can't report success itself (RFC 3461 §5.2.2 'relayed'). */
  readonly action: DeliveryAction;
  /** RFC 3463: `2.0.0`, `4.4.316`, `5.1.10` … */
  readonly status: EnhancedStatus;
  /** The remote server's words, or Postern's own where none was reached; one line, printable, bounded. */
  readonly diagnostic: string;
  /** `smtp` where the diagnostic is a remote SMTP reply, `x-postern` where it is ours (RFC 3464 §2.3.6). */
  readonly diagnosticType: 'smtp' | 'x-postern';
  /** Host name of the server that gave the diagnostic, and its address with port; null where none was reached. */
  readonly remoteMta: string | null;
  readonly remoteAddress: string | null;
}
