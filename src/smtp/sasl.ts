// What a client answers in AUTH PLAIN and AUTH LOGIN: RFC 4616 and the LOGIN draft, base64 as RFC 4954 §4 says. Pure; keeps
// and prints no password.

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** RFC 4954 §4: the longest line of the exchange. */
export const MAX_AUTH_LINE = 12_288;
const MAX_CREDENTIAL = 1024;

/** Base64 to text, strictly; null where it isn't, or isn't UTF-8, or is absurdly long. */
export function decodeBase64Text(line: string): string | null {
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(line)) return null;
  const bytes = Buffer.from(line, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.byteLength(text) === bytes.length && !text.includes('\ufffd') ? text : null;
}

/** RFC 4616 §2: `[authzid] NUL authcid NUL passwd`; an authzid must be the same user, as nobody may act for another. */
export function parsePlain(line: string): Credentials | null {
  const parts = decodeBase64Text(line)?.split('\0');
  if (parts?.length !== 3) return null;
  const [authorization, user = '', password = ''] = parts;
  if (authorization !== '' && authorization !== user) return null;
  return checked(user, password);
}

/** The two answers of LOGIN. */
export function parseLogin(userLine: string, passwordLine: string): Credentials | null {
  const user = decodeBase64Text(userLine);
  const password = decodeBase64Text(passwordLine);
  return user === null || password === null ? null : checked(user, password);
}

function checked(user: string, password: string): Credentials | null {
  if (user === '' || user.length > MAX_CREDENTIAL || password.length > MAX_CREDENTIAL) return null;
  return user.includes('\0') || password.includes('\0') ? null : { user, password };
}

/** What a client sends with AUTH PLAIN. */
export function printPlain(credentials: Credentials): string {
  return Buffer.from(`\0${credentials.user}\0${credentials.password}`).toString('base64');
}
