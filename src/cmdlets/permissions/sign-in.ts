// Who somebody is that comes over the network: by access token, or by a submission user's name and password. Slow where
// passwords are guessed and quick where the same one comes again; says never which of the two was wrong.
import { createHmac, randomBytes } from 'node:crypto';
import { accessTokenObject } from '#directory/access-token.ts';
import type { AccessTokenObject } from '#directory/access-token.ts';
import type { Directory } from '#directory/directory.ts';
import { NOBODY, verifyPassword } from '#directory/password-hash.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import { hashAccessToken } from '../access-token/access-token-secret.ts';
import type { Session } from '../session.ts';
import { roleGroupsOf } from './permission-reader.ts';
import type { PermissionReader } from './permission-reader.ts';

export interface SignIn {
  /** null: no such token, expired or revoked. */
  byToken(token: string): Session | null;
  /** null: wrong, disabled, or in no role group. Takes as long whichever it is. */
  byPassword(user: string, password: string): Promise<Session | null>;
}

interface SignInParts {
  readonly directory: Directory;
  readonly reader: PermissionReader;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long a password that was right needs no second hashing. */
const REMEMBERED = 60_000;
const MAX_REMEMBERED = 1000;
/** Each takes 19 MiB and tens of milliseconds of a core. */
const MAX_HASHING = 4;
const MAX_WAITING = 100;

export function createSignIn({ directory, reader, now }: SignInParts): SignIn {
  const tokens = createTokenIndex(directory);
  const hashing = createGate(MAX_HASHING, MAX_WAITING);
  const key = randomBytes(32);
  const remembered = new Map<string, number>();
  return {
    byToken(text) {
      const hash = hashAccessToken(text);
      const token = hash === null ? undefined : tokens().get(hash);
      if (!token || token.values.ExpiresAt <= now()) return null;
      return reader.sessionOf(token);
    },
    async byPassword(name, password) {
      const user = directory.named(submissionUserObject, name);
      const hash = user?.values.PasswordHash || NOBODY;
      const fingerprint = createHmac('sha256', key).update(`${hash}\0${password}`).digest('hex');
      const isKnown = (remembered.get(fingerprint) ?? 0) > now();
      if (!isKnown && !(await hashing(() => verifyPassword(hash, password)))) return null;
      if (!user?.values.Enabled || roleGroupsOf(directory, user.guid).length === 0) return null;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      if (!isKnown) remembered.set(fingerprint, now() + REMEMBERED);
      return reader.sessionOf(user);
    },
  };
}

/** By hash; made anew after a change. Looking a SHA-256 up in a map tells a guesser nothing of use. */
function createTokenIndex(directory: Directory): () => ReadonlyMap<string, AccessTokenObject> {
  let index: ReadonlyMap<string, AccessTokenObject> | null = null;
  directory.onChange(({ objects }) => {
    if (objects.some(({ kind }) => kind === accessTokenObject.kind)) index = null;
  });
  return () =>
    (index ??= new Map(directory.list(accessTokenObject).map((token) => [token.values.TokenHash, token])));
}

/** At most so many at once; of those that wait, too many are told "no" (a guesser's flood costs no memory). */
function createGate(atOnce: number, waiting: number): (task: () => Promise<boolean>) => Promise<boolean> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (task) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) return false;
      await new Promise<void>((resolve) => queue.push(resolve));
    }
    running += 1;
    try {
      return await task();
    } finally {
      running -= 1;
      queue.shift()?.();
    }
  };
}
