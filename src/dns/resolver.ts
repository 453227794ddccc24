// The stub resolver: asks the given name servers in turn, a few times, keeps what it learned, and shares questions that
// are on their way. Promises a value for every question (found, none, failed) and never rejects. It validates nothing
// itself: `authenticated` is the word of a resolver that the operator trusts (delivery.md: loopback or marked).
import { createAnswerCache } from './answer-cache.ts';
import { readAnswer, type TimedLookup } from './answer.ts';
import { exchange } from './exchange.ts';
import {
  type Lookup,
  type NameServer,
  type QuestionType,
  type RecordData,
  type Resolver,
  toDnsName,
} from './lookup.ts';
import { createTurnstile } from './turnstile.ts';

export interface ResolverOptions {
  /** At least one; the first is asked first. */
  readonly servers: readonly NameServer[];
  readonly now: () => number;
  /** A whole number from 0 up to, not including, `below`, that nobody can guess (crypto.randomInt). */
  readonly random: (below: number) => number;
  /** Milliseconds that one server has for one try; default 3,000. */
  readonly timeout?: number;
  /** How many rounds over all servers; default 2. */
  readonly tries?: number;
  /** Answers kept at most; default 10,000. */
  readonly maxCached?: number;
  /** Questions on their way at most, others wait; default 200. */
  readonly maxQuestions?: number;
}

/** RFC 9520 §3.2: a failure is remembered for a moment, so that a burst of mail to a broken domain asks once. */
const FAILURE_TTL = 5;

type AnyLookup = Lookup<RecordData[QuestionType]>;

export function createResolver(options: ResolverOptions): Resolver {
  const { servers, now, random, timeout = 3_000, tries = 2, maxCached = 10_000 } = options;
  const turnstile = createTurnstile(options.maxQuestions ?? 200);
  const cache = createAnswerCache(maxCached, now);
  const onTheWay = new Map<string, Promise<AnyLookup>>();
  // The server that answered last is asked first, so that a dead one costs its time once.
  let preferred = 0;

  async function ask(name: string, type: QuestionType): Promise<TimedLookup<RecordData[QuestionType]>> {
    let failure: TimedLookup<RecordData[QuestionType]> = noServer(name, type);
    const first = preferred;
    for (let attempt = 0; attempt < tries * servers.length; attempt += 1) {
      const index = (first + attempt) % servers.length;
      const server = servers[index];
      if (server === undefined) break;
      try {
        const bytes = await exchange(server, name, type, random(65_536), timeout);
        const answer = readAnswer(bytes, name, type, server.trusted);
        if (answer.lookup.kind !== 'failed') {
          preferred = index;
          return answer;
        }
        failure = answer;
      } catch (error) {
        failure = unanswered(server, name, type, error);
      }
    }
    return failure;
  }

  async function askOnce(key: string, name: string, type: QuestionType): Promise<AnyLookup> {
    try {
      const { lookup, ttl } = await turnstile.pass(() => ask(name, type));
      cache.put(key, lookup, lookup.kind === 'failed' ? FAILURE_TTL : ttl);
      return lookup;
    } finally {
      onTheWay.delete(key);
    }
  }

  return {
    async resolve<Q extends QuestionType>(name: string, type: Q): Promise<Lookup<RecordData[Q]>> {
      const asked = toDnsName(name);
      if (asked === null) return { kind: 'none', reason: 'NXDOMAIN', authenticated: false };
      const key = `${type} ${asked}`;
      let lookup: AnyLookup | Promise<AnyLookup> | undefined = cache.get(key) ?? onTheWay.get(key);
      if (lookup === undefined) {
        lookup = askOnce(key, asked, type);
        onTheWay.set(key, lookup);
      }
      // The key holds the type, so what is kept under it is of that type.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type that was asked for is that of the data
      return (await lookup) as Lookup<RecordData[Q]>;
    },
  };
}

function noServer(name: string, type: QuestionType): TimedLookup<never> {
  return {
    lookup: { kind: 'failed', detail: `No name server is configured to look up ${type} of ${name}` },
    ttl: 0,
  };
}

function unanswered(
  server: NameServer,
  name: string,
  type: QuestionType,
  error: unknown,
): TimedLookup<never> {
  const reason = error instanceof Error ? error.message : String(error);
  const detail = `Looking up ${type} of ${name} at ${server.address} port ${server.port}: ${reason}`;
  return { lookup: { kind: 'failed', detail }, ttl: 0 };
}
