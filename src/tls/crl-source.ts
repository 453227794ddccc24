// The contract between who needs a revocation list (revocation.ts, in every thread) and who has it (crl-cache.ts, in one).
// Values only, all of them fit for a message between threads; the index is shared memory.
import type { ListScope } from './revocation-list.ts';
import type { SerialIndex } from './serial-index.ts';

export interface CrlRequest {
  readonly url: string;
  /** The certificate's issuer, which must have signed the list: its name (canonical) and SubjectPublicKeyInfo (DER). */
  readonly issuerName: string;
  readonly issuerKey: Uint8Array;
}

export type CrlAnswer =
  | {
      readonly ok: true;
      /** Milliseconds since 1970. */
      readonly thisUpdate: number;
      readonly nextUpdate: number;
      /** From here on it is worth asking again, though the list still holds. */
      readonly refreshAt: number;
      readonly scope: ListScope;
      readonly index: SerialIndex;
    }
  | {
      readonly ok: false;
      /** Why there is no usable list, without a final full stop. */
      readonly detail: string;
      /** Asking again before this gives the same answer. */
      readonly retryAt: number;
    };

export interface CrlSource {
  /** Never rejects. Answers from verified, valid lists only. */
  list(request: CrlRequest): Promise<CrlAnswer>;
}

/** The answer where the thread that owns the lists is gone. */
export const NO_LISTS: CrlAnswer = { ok: false, detail: 'the gateway is stopping', retryAt: 0 };
