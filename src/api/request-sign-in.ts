// Who a request comes from, by its Authorization: an access token or a user's password. Failed sign-ins are counted by
// address, requests by user. Says never whether it was the name or the password that was wrong.
import type { SignIn } from '#cmdlets/permissions/sign-in.ts';
import type { Session } from '#cmdlets/session.ts';
import { refusal } from './odata-error.ts';
import type { WireAnswer } from './odata-error.ts';
import { createRateLimit } from './rate-limit.ts';
import type { RateState } from './rate-limit.ts';

export type SignedIn =
  | { readonly session: Session; readonly rate: RateState; readonly refused: WireAnswer | null }
  | { readonly session: null; readonly rate: null; readonly refused: WireAnswer };

export interface RequestSignInParts {
  readonly signIn: SignIn;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Default: 600 a minute for each user, 20 failed sign-ins a minute for each address. */
  readonly limits: { readonly requests?: number; readonly failedSignIns?: number };
}

const TOO_MANY_FAILURES = 'Too many failed sign-ins from your address.';
const CHALLENGE = 'Bearer realm="Postern", Basic realm="Postern", charset="UTF-8"';
const MAX_CREDENTIALS = 2000;

export function createRequestSignIn({
  signIn,
  clock,
  limits,
}: RequestSignInParts): (authorization: string, address: string) => Promise<SignedIn> {
  const requests = createRateLimit(limits.requests ?? 600, clock);
  const failures = createRateLimit(limits.failedSignIns ?? 20, clock);
  return async (authorization, address) => {
    const [scheme = '', given = ''] = authorization.split(' ', 2);
    if (given === '') return unauthorized('Sign in with an access token or as a user: send Authorization.');
    // Passwords cost a guesser's victim more than the guesser: none is looked at beyond the limit. Tokens cost nothing.
    const guesses = failures.look(address);
    const isPassword = scheme.toLowerCase() === 'basic';
    if (isPassword && !guesses.allowed) return nobody(tooMany(guesses, TOO_MANY_FAILURES));
    const session = await sessionFor(signIn, scheme.toLowerCase(), given);
    if (!session) {
      const failed = failures.take(address);
      if (!failed.allowed) return nobody(tooMany(failed, TOO_MANY_FAILURES));
      return unauthorized('The token or the password is not valid here, or has expired.');
    }
    const rate = requests.take(session.user);
    return { session, rate, refused: rate.allowed ? null : tooMany(rate, 'Too many requests.') };
  };
}

function sessionFor(signIn: SignIn, scheme: string, given: string): Promise<Session | null> | Session | null {
  if (scheme === 'bearer') return signIn.byToken(given);
  if (scheme !== 'basic' || given.length > MAX_CREDENTIALS) return null;
  const text = Buffer.from(given, 'base64').toString('utf8');
  const cut = text.indexOf(':');
  return cut < 1 ? null : signIn.byPassword(text.slice(0, cut), text.slice(cut + 1));
}

function nobody(refused: WireAnswer): SignedIn {
  return { session: null, rate: null, refused };
}

function unauthorized(message: string): SignedIn {
  return nobody(refusal(401, message, { 'www-authenticate': CHALLENGE }));
}

function tooMany({ seconds }: RateState, message: string): WireAnswer {
  return refusal(429, `${message} Try again in ${seconds} seconds.`, { 'retry-after': String(seconds) });
}
