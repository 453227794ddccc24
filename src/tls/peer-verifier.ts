// The whole question in one call: does this peer meet the requirement? Certificate first (nothing is fetched for a peer
// that fails anyway), revocation next, then the verdict. Answers at once unless a revocation list has to be fetched.
import { judgeRevocation, refuseCertificate } from './judge.ts';
import { needsRevocation } from './requirement-needs.ts';
import type {
  RevocationFailureAction,
  RevocationResult,
  TlsEvidence,
  TlsRequirement,
  TlsVerdict,
} from './requirement.ts';
import type { Revocation } from './revocation.ts';

export interface PeerVerifier {
  /** `failureAction`: RevocationFailureAction of the transport configuration that holds now. Never throws or rejects. */
  verify(
    requirement: TlsRequirement,
    evidence: TlsEvidence,
    failureAction: RevocationFailureAction,
  ): TlsVerdict | Promise<TlsVerdict>;
}

const NOT_CHECKED: RevocationResult = { status: 'NotChecked' };

/** One per thread. `now`: milliseconds since 1970. */
export function createPeerVerifier(revocation: Revocation, now: () => number): PeerVerifier {
  return {
    verify(requirement, evidence, failureAction) {
      const refusal = refuseCertificate(requirement, evidence, now());
      if (refusal !== null) return { ok: false, ...refusal };
      const conclude = (result: RevocationResult) =>
        judgeRevocation(requirement, evidence, result, failureAction);
      if (!needsRevocation(requirement)) return conclude(NOT_CHECKED);
      const result = revocation.check(evidence.verifiedChain, evidence.stapledOcsp);
      return result instanceof Promise ? result.then(conclude) : conclude(result);
    },
  };
}
