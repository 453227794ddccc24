// The whole question in one call: does this peer meet the requirement? Certificate first (nothing is fetched for a peer
// that fails anyway), revocation next, then the verdict. Answers at once unless a revocation list has to be fetched.
import type { Refusal } from './chain-error.ts';
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
  /** What MTA-STS in mode testing would object to, were it enforced; null: nothing, or there is no such policy. */
  wouldRefuse(requirement: TlsRequirement, evidence: TlsEvidence): Refusal | null;
}

const NOT_CHECKED: RevocationResult = { status: 'NotChecked' };
const ENCRYPTED: TlsRequirement = {
  level: 'EncryptionOnly',
  authority: 'MtaSts',
  names: [],
  tlsa: null,
  daneNames: [],
  mtaStsName: null,
  mtaStsTesting: null,
  requireTls: false,
};

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
    wouldRefuse(requirement, evidence) {
      const { mtaStsTesting } = requirement;
      if (mtaStsTesting === null) return null;
      const enforced = { ...ENCRYPTED, mtaStsName: mtaStsTesting };
      return refuseCertificate(enforced, evidence, now());
    },
  };
}
