// The header of one MIME part as far as rules need it: media type, boundary, charset, encoding, file name. Defaults as
// RFC 2045 §5.2; what is malformed reads as the default. Pure and bounded by its input.
import { decodeEncodedWords, rawHeaderText } from './encoded-word.ts';
import { visitFields } from './header-block.ts';
import { readStructuredField, type StructuredField } from './mime-parameters.ts';

export interface PartHeader {
  readonly kind: 'multipart' | 'message' | 'leaf';
  /** Lower case: `text/plain`. */
  readonly contentType: string;
  readonly boundary: string | null;
  readonly charset: string;
  readonly encoding: 'base64' | 'quoted-printable' | 'identity';
  /** Without a path; empty where it has none. */
  readonly fileName: string;
  readonly isAttachment: boolean;
}

const MAX_VALUE = 8192;
/** RFC 2046 §5.1.1 allows 70; mailers went beyond. */
const MAX_BOUNDARY = 200;

export function readPartHeader(header: Uint8Array, defaultType: string): PartHeader {
  const raw = readFields(header);
  const type = readStructuredField(raw.type);
  const contentType = /^[^\s/]+\/[^\s/]+$/.test(type.value) ? type.value : defaultType;
  const disposition = readStructuredField(raw.disposition);
  const fileName = baseName(disposition.parameters.get('filename') ?? type.parameters.get('name') ?? '');
  const kind = kindOf(contentType, raw.encoding);
  return {
    kind,
    contentType,
    boundary: boundaryOf(type),
    charset: type.parameters.get('charset') ?? 'us-ascii',
    encoding: encodingOf(raw.encoding),
    fileName: fileName === '' && kind === 'message' ? 'message.eml' : fileName,
    isAttachment: isAttachment(contentType, disposition.value, fileName),
  };
}

interface RawFields {
  type: string;
  disposition: string;
  encoding: string;
}

// Of a field that is there twice the first counts.
function readFields(header: Uint8Array): Readonly<RawFields> {
  const found: Partial<RawFields> = {};
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  visitFields(bytes, (start, nameEnd, valueStart, end) => {
    if (bytes[start] !== 0x43 && bytes[start] !== 0x63) return;
    const name = bytes.toString('latin1', start, nameEnd).toLowerCase();
    const text = (): string => rawHeaderText(bytes.subarray(valueStart, end), MAX_VALUE);
    if (name === 'content-type') found.type ??= text();
    else if (name === 'content-disposition') found.disposition ??= text();
    else if (name === 'content-transfer-encoding') found.encoding ??= text();
  });
  return { type: found.type ?? '', disposition: found.disposition ?? '', encoding: found.encoding ?? '' };
}

function kindOf(contentType: string, encoding: string): PartHeader['kind'] {
  if (contentType.startsWith('multipart/')) return 'multipart';
  // RFC 2046 §5.2.1: an attached message is never encoded; one that is can't be looked into as it streams by.
  const plain = encodingOf(encoding) === 'identity';
  return plain && (contentType === 'message/rfc822' || contentType === 'message/global') ? 'message' : 'leaf';
}

function boundaryOf(type: StructuredField): string | null {
  const boundary = type.parameters.get('boundary')?.trimEnd() ?? '';
  return boundary === '' || boundary.length > MAX_BOUNDARY ? null : boundary;
}

function encodingOf(text: string): PartHeader['encoding'] {
  const name = readStructuredField(text).value;
  return name === 'base64' || name === 'quoted-printable' ? name : 'identity';
}

/** What people see as an attachment: asked to be one, named, or nothing that is shown as text (Postern). */
function isAttachment(contentType: string, disposition: string, fileName: string): boolean {
  if (disposition === 'attachment' || fileName !== '') return true;
  return !/^(?:text|multipart|message)\//.test(contentType);
}

function baseName(name: string): string {
  const decoded = decodeEncodedWords(name, 1024);
  return decoded
    .slice(Math.max(decoded.lastIndexOf('/'), decoded.lastIndexOf('\\')) + 1)
    .replace(/[\0-\x1f\x7f]/g, '')
    .trim();
}
