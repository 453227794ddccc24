// Processes in a cgroup of their own: exact processor time, short-lived children included, memory of all of them, and an
// exact list of what to end. Needs root and cgroup v2's mount at /sys/fs/cgroup/unified or /sys/fs/cgroup.
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const MOUNT = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) =>
  existsSync(`${path}/cgroup.controllers`),
);

export interface CpuSeconds {
  readonly user: number;
  readonly sys: number;
  readonly all: number;
}

const live = new Set<ProcessGroup>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    for (const group of live) group.killNow();
    process.exit(1);
  });
}

export class ProcessGroup {
  readonly #directory: string;

  constructor(name: string) {
    if (MOUNT === undefined) throw new Error('There is no cgroup v2 here.');
    this.#directory = `${MOUNT}/postern-bench-${process.pid}-${name}`;
    mkdirSync(this.#directory);
    live.add(this);
  }

  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const join = 'echo $$ > "$0/cgroup.procs"; exec "$@"';
    return spawn('/bin/sh', ['-c', join, this.#directory, command, ...args], options);
  }

  pids(): readonly string[] {
    return readFileSync(`${this.#directory}/cgroup.procs`, 'utf8').split('\n').filter(Boolean);
  }

  cpu(): CpuSeconds {
    const text = readFileSync(`${this.#directory}/cpu.stat`, 'utf8');
    const seconds = (name: string): number =>
      Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1e6;
    return { user: seconds('user_usec'), sys: seconds('system_usec'), all: seconds('usage_usec') };
  }

  /** MiB of all processes: `VmRSS` of `status`, `Pss` of `smaps_rollup`. Pages that are shared count in each VmRSS. */
  memory(field: 'VmRSS' | 'Pss', file: 'status' | 'smaps_rollup'): number {
    let kibibytes = 0;
    for (const pid of this.pids()) {
      try {
        const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
        kibibytes += Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
      } catch {
        // It has ended meanwhile.
      }
    }
    return kibibytes / 1024;
  }

  killNow(): void {
    try {
      writeFileSync(`${this.#directory}/cgroup.kill`, '1');
    } catch {
      // It is gone already.
    }
  }

  async kill(): Promise<void> {
    live.delete(this);
    this.killNow();
    for (let tries = 0; ; tries += 1) {
      try {
        // Refused as long as one of them is still on its way out.
        return rmdirSync(this.#directory);
      } catch (error) {
        if (tries === 200) throw error;
        await sleep(25);
      }
    }
  }
}

/** Resolves when a mail server greets on the port. */
export async function greets(port: number, milliseconds = 20_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await greetedOnce(port)) return;
    await sleep(100);
  }
  throw new Error(`Nothing greets on port ${port}.`);
}

function greetedOnce(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.end('QUIT\r\n');
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(1000, () => {
      socket.destroy();
      resolve(false);
    });
  });
}
