// The secret of an access token: 256 random bits, marked as ours so that scanners find it where it shouldn't be. Kept
// as SHA-256, which is enough for a secret that nobody chose.
import { createHash } from 'node:crypto';

const PREFIX = 'postern_';
const SECRET = /^postern_[A-Za-z0-9_-]{43}$/;
export const TOKEN_OCTETS = 32;

/** `random` are TOKEN_OCTETS octets. */
export function accessTokenText(random: Uint8Array): string {
  return `${PREFIX}${Buffer.from(random).toString('base64url')}`;
}

/** null: no text of that form is a token. */
export function hashAccessToken(text: string): string | null {
  return SECRET.test(text) ? createHash('sha256').update(text).digest('hex') : null;
}
