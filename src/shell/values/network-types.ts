// [mailaddress], [ipaddress], [uri] and [version]: texts with parts. Made from text, shown as text, parts as properties.
import { isIP } from 'node:net';
import { PsObject, type Value } from '#parameters/value.ts';
import { cannotConvert } from './script-error.ts';
import { toText } from './text.ts';

/** Names by which a script may call the type, and its full name. */
export const NETWORK_TYPES: readonly (readonly [string, string])[] = [
  ['mailaddress', 'System.Net.Mail.MailAddress'],
  ['ipaddress', 'System.Net.IPAddress'],
  ['uri', 'System.Uri'],
  ['version', 'System.Version'],
];

export function convertToNetworkType(name: string, value: Value): Value {
  if (value === null || (value instanceof PsObject && value.typeName === name)) return value;
  const text = toText(value).trim();
  const made = MAKERS.get(name)?.(text) ?? null;
  if (!made)
    throw cannotConvert(
      text,
      name,
      `Error: "${PROBLEMS.get(name) ?? ''}"`,
      'InvalidCastParseTargetInvocation',
    );
  return made;
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['System.Net.Mail.MailAddress', 'The specified string is not in the form required for an e-mail address.'],
  ['System.Net.IPAddress', 'An invalid IP address was specified.'],
  ['System.Uri', 'Invalid URI: The format of the URI could not be determined.'],
  ['System.Version', 'Version string portion was too short or too long.'],
]);

const MAKERS: ReadonlyMap<string, (text: string) => PsObject | null> = new Map([
  ['System.Net.Mail.MailAddress', mailAddress],
  ['System.Net.IPAddress', ipAddress],
  ['System.Uri', uri],
  ['System.Version', version],
]);

function mailAddress(text: string): PsObject | null {
  const found = /^(?:"?([^"<]*?)"?\s*<)?([^\s<>@]+)@([^\s<>@]+)>?$/.exec(text);
  if (!found) return null;
  const [, display = '', user = '', host = ''] = found;
  return new PsObject('System.Net.Mail.MailAddress', [
    ['DisplayName', display],
    ['User', user],
    ['Host', host],
    ['Address', `${user}@${host}`],
  ]);
}

function ipAddress(text: string): PsObject | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  if (family === 0) return null;
  return new PsObject('System.Net.IPAddress', [
    ['AddressFamily', family === 4 ? 'InterNetwork' : 'InterNetworkV6'],
    ['IPAddressToString', bare],
  ]);
}

function uri(text: string): PsObject | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return new PsObject('System.Uri', [
    ['OriginalString', text],
    ['AbsoluteUri', url.href],
    ['AbsolutePath', url.pathname],
    ['Scheme', url.protocol.slice(0, -1)],
    ['Host', url.hostname],
    ['Port', url.port === '' ? ({ 'https:': 443, 'http:': 80 }[url.protocol] ?? -1) : Number(url.port)],
    ['Query', url.search],
    ['Fragment', url.hash],
  ]);
}

function version(text: string): PsObject | null {
  const found = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(text);
  if (!found) return null;
  const part = (index: number): number => Number(found[index] ?? -1);
  return new PsObject('System.Version', [
    ['Major', part(1)],
    ['Minor', part(2)],
    ['Build', part(3)],
    ['Revision', part(4)],
  ]);
}
