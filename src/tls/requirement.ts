// How well a connection must be protected before the first MAIL command, as a value, and what was seen on the wire.
// The connection gathers evidence; only judge() (judge.ts) decides. Policies raise a requirement, never lower it.
import type { DomainPattern } from '#mail/domain-pattern.ts';

/** delivery.md, in rising order; `Opportunistic` is TlsSettings $null. seed: TlsSettings. */
export type TlsLevel = 'Opportunistic' | 'EncryptionOnly' | 'CertificateValidation' | 'DomainValidation';

/** Who asked for the level that holds; shown wherever an attempt is shown. */
export type TlsAuthority = 'Default' | 'Connector' | 'TransportRule' | 'RequireTls' | 'MtaSts' | 'Dane';

/** One TLSA record, RFC 6698 §2.1. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

/** What one host must show. Made by delivery/tls-requirement from the route and the policies found for the host. */
export interface TlsRequirement {
  readonly level: TlsLevel;
  readonly authority: TlsAuthority;
  /** DomainValidation: the leaf must match one of these. seed: TlsDomain; Postern: the recipient's domain in MX mode. */
  readonly names: readonly DomainPattern[];
  /** RFC 7672: usable TLSA records for this host; when not null they alone authenticate it, in place of the chain. */
  readonly tlsa: readonly TlsaRecord[] | null;
  /** The names a DANE-TA(2) chain's leaf must match (RFC 7672 §3.2.2): the MX host and the next-hop domain. */
  readonly daneNames: readonly string[];
  /** RFC 8461 §4.1: the MX host's name, which the certificate must match in enforce mode; null where no policy. */
  readonly mtaStsName: string | null;
  /** RFC 8461 §5: mode testing: the name that would have to match. Looked at and told, never held against the host. */
  readonly mtaStsTesting: string | null;
  /** RFC 8689: the server must offer REQUIRETLS after STARTTLS. */
  readonly requireTls: boolean;
}

/** What the handshake showed. */
export interface TlsEvidence {
  /** `TLSv1.2` or `TLSv1.3`, and the cipher suite's standard name. */
  readonly protocol: string;
  readonly cipher: string;
  /** DER, leaf first, as the server sent them. */
  readonly certificates: readonly Uint8Array[];
  /** OpenSSL's code for what is wrong with chain or dates (`CERT_HAS_EXPIRED`); null when the chain verified. */
  readonly chainError: string | null;
  /** DER of the chain that verified, leaf to root; empty when chainError is set, or nobody asked for a chain. */
  readonly verifiedChain: readonly Uint8Array[];
  /** A stapled OCSP response, DER. */
  readonly stapledOcsp: Uint8Array | null;
  readonly serverName: string;
}

/** What revocation lists and stapled OCSP say about the chain that verified. */
export type RevocationResult =
  /** Nobody asked, or no certificate of the chain names a list. */
  | { readonly status: 'NotChecked' }
  | { readonly status: 'Good' }
  /** `detail`: which certificate, since when and why; one sentence. */
  | { readonly status: 'Revoked'; readonly detail: string }
  /** A list can't be had, is stale or can't be used. `detail`: which and why; one sentence. */
  | { readonly status: 'Unknown'; readonly detail: string };

/** delivery.md: what happens when revocation stays unknown. */
export type RevocationFailureAction = 'Defer' | 'Allow';

export type TlsVerdict =
  | {
      readonly ok: true;
      readonly revocation: 'Good' | 'NotChecked' | 'Unknown';
      /** Revocation is unknown, but RevocationFailureAction is Allow: one sentence for a warning event. */
      readonly warning: string | null;
    }
  | {
      readonly ok: false;
      /** Exchange's word where it has one: SubjectMismatch, CertificateExpired, UntrustedRoot, Revoked … */
      readonly reason: string;
      /** One sentence that an administrator can act on. */
      readonly detail: string;
    };
