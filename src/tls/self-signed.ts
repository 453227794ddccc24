// A certificate that vouches for itself, for the listener of a gateway that was given none: STARTTLS then works out of
// the box, though nobody can authenticate it. Made once and kept (listener-certificate.ts). EC P-256, two years: a start
// or SIGHUP in its last month renews it.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  commonName,
  context,
  contextPrimitive,
  extension,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
} from './der-writer.ts';
import { EKU_SERVER_AUTH } from './certificate-extensions.ts';

export interface SelfSigned {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const YEAR = 365 * 24 * 3_600_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** `hostname`: A-labels. `now`: milliseconds since 1970. */
export function makeSelfSigned(hostname: string, now: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // RFC 5280, appendix A.1: a common name has at most 64 characters; the SAN is what counts.
  const name = commonName(hostname.slice(0, 64));
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const tbs = sequence(
    context(0, integer(2)),
    integer(serial),
    algorithm,
    name,
    sequence(time(now - 24 * 3_600_000), time(now + 2 * YEAR)),
    name,
    spki,
    context(
      3,
      sequence(
        extension('2.5.29.19', true, sequence()),
        extension('2.5.29.15', true, namedBits(0)),
        extension('2.5.29.37', false, sequence(oid(EKU_SERVER_AUTH))),
        extension('2.5.29.17', false, sequence(contextPrimitive(2, Buffer.from(hostname, 'latin1')))),
        extension('2.5.29.14', false, octetString(createHash('sha1').update(spki).digest())),
      ),
    ),
  );
  const der = sequence(tbs, algorithm, bitString(sign('sha256', tbs, privateKey)));
  return { cert: toPem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
