// How strong a public key is, read from its SubjectPublicKeyInfo. RSA below 2048 bits and DSA don't count any more
// (CA/Browser Forum Baseline Requirements §6.1.5); nor do curves below 224 bits.
import { contentOf, DerReader, inside, oidOf, TAG, type DerElement } from './der.ts';

export interface KeyStrength {
  /** `RSA 2048 bits`, `EC P-256`, `Ed25519`. */
  readonly label: string;
  readonly weak: boolean;
}

const RSA: ReadonlySet<string> = new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10']);
const CURVES: ReadonlyMap<string, readonly [label: string, bits: number]> = new Map([
  ['1.2.840.10045.3.1.1', ['P-192', 192]],
  ['1.3.132.0.33', ['P-224', 224]],
  ['1.2.840.10045.3.1.7', ['P-256', 256]],
  ['1.3.132.0.34', ['P-384', 384]],
  ['1.3.132.0.35', ['P-521', 521]],
  ['1.3.132.0.10', ['secp256k1', 256]],
]);
const MIN_RSA_BITS = 2048;
const MIN_CURVE_BITS = 224;

export function readKeyStrength(spki: DerElement): KeyStrength {
  const parts = inside(spki);
  const algorithm = inside(parts.expect(TAG.sequence));
  const id = oidOf(algorithm.expect(TAG.oid));
  if (RSA.has(id)) {
    const bits = modulusBits(parts.expect(TAG.bitString));
    return { label: `RSA ${bits} bits`, weak: bits < MIN_RSA_BITS };
  }
  if (id === '1.2.840.10045.2.1') {
    const curve = algorithm.optional(TAG.oid);
    const [label, bits] = (curve === null ? null : CURVES.get(oidOf(curve))) ?? [
      'unnamed curve',
      MIN_CURVE_BITS,
    ];
    return { label: `EC ${label}`, weak: bits < MIN_CURVE_BITS };
  }
  if (id === '1.3.101.112') return { label: 'Ed25519', weak: false };
  if (id === '1.3.101.113') return { label: 'Ed448', weak: false };
  return { label: `key of type ${id}`, weak: id === '1.2.840.10040.4.1' };
}

function modulusBits(bits: DerElement): number {
  const content = contentOf(bits);
  const modulus = contentOf(inside(new DerReader(content, 1).expect(TAG.sequence)).expect(TAG.integer));
  let first = 0;
  while (first < modulus.length && modulus[first] === 0) first++;
  const leading = modulus[first];
  return leading === undefined ? 0 : (modulus.length - first) * 8 - (Math.clz32(leading) - 24);
}
