// DKIM for tests: signs and verifies (RFC 6376, rsa-sha256, simple and relaxed canonicalisation) with keys at hand. Reads
// octets as latin1 text and knows nothing of DNS; written to be compared with RFC 6376, not to be fast.
import { createHash, type KeyObject, sign, verify } from 'node:crypto';

export type Canonicalization = 'simple' | 'relaxed';

export interface DkimVerdict {
  readonly bodyHash: boolean;
  readonly signature: boolean;
}

/** The message with a signature on top that covers the fields of these names. */
export function signDkim(
  message: string,
  names: readonly string[],
  way: Canonicalization,
  privateKey: KeyObject,
): string {
  const { fields, body } = partsOf(message);
  const unsigned = `DKIM-Signature: v=1; a=rsa-sha256; c=${way}/${way}; d=signer.test; s=s;\r\n\th=${names.join(':')};\r\n\tbh=${hashOf(body, way)};\r\n\tb=`;
  const signature = sign('sha256', signedOctets(fields, names, unsigned, way), privateKey);
  return `${unsigned}${signature.toString('base64').replace(/.{70}/g, '$&\r\n\t')}\r\n${message}`;
}

/** Verifies the first DKIM-Signature of the message; throws where there is none. */
export function verifyDkim(message: string, publicKey: KeyObject): DkimVerdict {
  const { fields, body } = partsOf(message);
  const own = fields.find((field) => /^dkim-signature[ \t]*:/i.test(field));
  if (own === undefined) throw new Error('The message has no DKIM-Signature.');
  const tags = tagsOf(own);
  const [header = 'simple', ofBody = 'simple'] = (tags.get('c') ?? 'simple/simple').split('/');
  // §3.5: the signature was made over its own field with an empty b=.
  const unsigned = own.replace(/(;[ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1');
  const octets = signedOctets(fields, (tags.get('h') ?? '').split(':'), unsigned, header);
  return {
    bodyHash: hashOf(body, ofBody) === tags.get('bh'),
    signature: verify('sha256', octets, publicKey, Buffer.from(tags.get('b') ?? '', 'base64')),
  };
}

function partsOf(message: string): { readonly fields: readonly string[]; readonly body: string } {
  const end = message.indexOf('\r\n\r\n') + 2;
  const fields = message.slice(0, end).match(/[^\r\n].*\r\n(?:[ \t].*\r\n)*/g) ?? [];
  return { fields, body: message.slice(end + 2) };
}

function hashOf(body: string, way: string): string {
  return createHash('sha256').update(canonicalBody(body, way), 'latin1').digest('base64');
}

/** §3.7: the fields, then the signature's own one without its CRLF. */
function signedOctets(
  fields: readonly string[],
  names: readonly string[],
  unsigned: string,
  way: string,
): Buffer {
  const signed = signedFields(fields, names).map((field) => canonicalField(field, way));
  const last = canonicalField(unsigned, way).replace(/\r\n$/, '');
  return Buffer.from(signed.join('') + last, 'latin1');
}

function tagsOf(field: string): ReadonlyMap<string, string> {
  const tags = field
    .slice(field.indexOf(':') + 1)
    .split(';')
    .map(
      (tag) =>
        [tag.slice(0, tag.indexOf('=')).trim(), tag.slice(tag.indexOf('=') + 1).replace(/\s/g, '')] as const,
    );
  return new Map(tags);
}

/** §5.4.2: of several fields of a name the last that isn't taken yet; a name without field counts as nothing. */
function signedFields(fields: readonly string[], names: readonly string[]): readonly string[] {
  const left = [...fields];
  return names.flatMap((name) => {
    const wanted = name.trim().toLowerCase();
    const at = left.findLastIndex(
      (field) => field.slice(0, field.indexOf(':')).trim().toLowerCase() === wanted,
    );
    return at < 0 ? [] : left.splice(at, 1);
  });
}

/** §3.4.1 and §3.4.2. */
function canonicalField(field: string, way: string): string {
  if (way === 'simple') return field;
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replaceAll('\r\n', '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}\r\n`;
}

/** §3.4.3 and §3.4.4. */
function canonicalBody(body: string, way: string): string {
  const text = way === 'simple' ? body : body.replace(/[ \t]+/g, ' ').replaceAll(' \r\n', '\r\n');
  const trimmed = text.replace(/(?:\r\n)+$/, '');
  return trimmed === '' ? (way === 'simple' ? '\r\n' : '') : `${trimmed}\r\n`;
}
