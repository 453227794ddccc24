// XCLIENT, Postfix's extension: a proxy or filter in front says who the client behind it is. Owns the attributes and what
// is made of each; pure. Who may say it is decided by the caller.
import { canonicalAddress } from '#mail/ip-address.ts';

/** In the answer to EHLO, for those who may use it. */
export const XCLIENT_KEYWORD = 'XCLIENT NAME ADDR PORT PROTO HELO LOGIN';

/** What was said; undefined: not mentioned. null: said to be unknown. */
export interface XclientFacts {
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly helo: string | null | undefined;
  readonly esmtp: boolean | undefined;
  readonly user: string | null | undefined;
}

const UNKNOWN = new Set(['[UNAVAILABLE]', '[TEMPUNAVAIL]']);
const MAX_ATTRIBUTES = 16;

/** null: not the form `ADDR=192.0.2.1 HELO=client.example …`, or a value that can't be. */
export function parseXclient(argument: string): XclientFacts | null {
  const values = new Map<string, string | null>();
  const attributes = argument.split(/ +/);
  if (argument === '' || attributes.length > MAX_ATTRIBUTES) return null;
  for (const attribute of attributes) {
    const [, name = '', value = ''] = /^([A-Za-z]+)=(.+)$/.exec(attribute) ?? [];
    const key = name.toUpperCase();
    const text = UNKNOWN.has(value.toUpperCase()) ? null : decodeValue(value);
    if (!KNOWN.has(key) || values.has(key) || (text === null && !UNKNOWN.has(value.toUpperCase())))
      return null;
    values.set(key, text);
  }
  return toFacts(values);
}

/** NAME and the ends of the proxy's own connection are taken and not used: Postern goes by addresses. */
const KNOWN = new Set([
  'NAME',
  'REVERSE_NAME',
  'ADDR',
  'PORT',
  'PROTO',
  'HELO',
  'LOGIN',
  'DESTADDR',
  'DESTPORT',
]);

function toFacts(values: ReadonlyMap<string, string | null>): XclientFacts | null {
  const given = values.get('ADDR');
  const address =
    given === undefined || given === null ? given : canonicalAddress(given.replace(/^IPV6:/i, ''));
  // Postern: a client whose address nobody knows would be taken for the proxy, and be as trusted.
  if (address === null) return null;
  const port = values.get('PORT');
  if (typeof port === 'string' && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) return null;
  const proto = values.get('PROTO')?.toUpperCase();
  if (proto !== undefined && proto !== 'SMTP' && proto !== 'ESMTP') return null;
  const helo = values.get('HELO');
  if (typeof helo === 'string' && !/^[!-~]{1,255}$/.test(helo)) return null;
  return {
    address,
    port: port === undefined ? undefined : Number(port ?? 0),
    helo,
    esmtp: proto === undefined ? undefined : proto === 'ESMTP',
    user: values.get('LOGIN'),
  };
}

/** xtext (RFC 3461 §4), as printable text; null where it isn't. */
function decodeValue(value: string): string | null {
  if (!/^(?:[!-*,-~]|\+[0-9A-Fa-f]{2})*$/.test(value)) return null;
  const octets = Buffer.from(
    value.replace(/\+([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  );
  const text = octets.toString('utf8');
  return /[\0-\x1f\x7f\ufffd]/.test(text) ? null : text;
}
