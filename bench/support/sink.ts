// The far end of a benchmark, as its caller sees it: a process that takes mail and says what came.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface SinkOptions {
  readonly tls?: boolean;
  readonly port?: number;
  readonly host?: string;
}

export interface Arrivals {
  /** When each message came (milliseconds since 1970, in order), by the number that the load gave it. */
  readonly times: ReadonlyMap<number, readonly number[]>;
  /** Octets of the shortest and the longest body, without the last line's end. */
  readonly shortest: number;
  readonly longest: number;
}

export interface Sink {
  readonly port: number;
  /** Messages so far, and how many of them over TLS. */
  count(): Promise<{ readonly messages: number; readonly overTls: number }>;
  /** All that came. */
  arrivals(): Promise<Arrivals>;
  /** Resolves when so many have come, or when none came for the given seconds. */
  until(messages: number, patience?: number): Promise<number>;
  close(): void;
}

export async function startSink({
  tls = false,
  port = 0,
  host = '127.0.0.1',
}: SinkOptions = {}): Promise<Sink> {
  const script = fileURLToPath(new URL('./sink-process.ts', import.meta.url));
  const flags = ['--port', String(port), '--host', host, ...(tls ? ['--tls'] : [])];
  const child = fork(script, flags, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const [hello] = await once(child, 'message');
  const count = (): Promise<{ messages: number; overTls: number }> => ask(child, 'count');
  return {
    port: hello.port,
    count,
    async arrivals() {
      const { arrivals, shortest, longest } = await ask<{
        arrivals: [number, number[]][];
        shortest: number;
        longest: number;
      }>(child, 'arrivals');
      return { times: new Map(arrivals), shortest, longest };
    },
    async until(messages, patience = 30) {
      let last = 0;
      for (let since = performance.now(); ; ) {
        const now = (await count()).messages;
        if (now >= messages || performance.now() - since > patience * 1000) return now;
        if (now !== last) since = performance.now();
        last = now;
        await sleep(20);
      }
    },
    close: () => void child.kill(),
  };
}

async function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  child.send(question);
  const [answer] = await once(child, 'message');
  return answer;
}
