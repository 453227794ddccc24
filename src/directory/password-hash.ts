// Passwords of submission users, kept as Argon2id hashes in the PHC string format; the password itself is never kept.
// Cost as OWASP's password storage advice has it (19 MiB, two passes): some tens of milliseconds on a thread of
// libuv's pool, never on the event loop.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_OCTETS = 16;
const HASH_OCTETS = 32;
/** What a hash from the store may ask for, so that a forged row can't take all memory. */
const MAX_MEMORY = 262_144;
const MAX_PASSES = 16;
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const hash = await derive(password, salt, COST);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** false for a wrong password and for a hash that isn't one. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, expected] = PHC.exec(hash) ?? [];
  if (salt === undefined || expected === undefined) return false;
  const cost: Cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  if (cost.memory > MAX_MEMORY || cost.passes > MAX_PASSES || cost.passes < 1) return false;
  if (cost.parallelism < 1 || cost.memory < 8 * cost.parallelism) return false;
  const actual = await derive(password, Buffer.from(salt, 'base64'), cost);
  return timingSafeEqual(actual, Buffer.from(expected, 'base64'));
}

/** A hash that no password has: verifying against it takes as long as for a user who exists. */
export const NOBODY: string = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function derive(password: string, salt: Uint8Array, cost: Cost): Promise<Uint8Array> {
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { ...cost, message, nonce: salt, tagLength: HASH_OCTETS }, (error, hash) => {
      if (error) reject(error);
      else resolve(hash);
    });
  });
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
