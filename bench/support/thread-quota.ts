// Slow processors for some threads of a process: each in a cgroup of its own with a quota, the others unrestricted. Needs
// root and the cpu controller of cgroup v1, in which threads of one process may part.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MOUNT = '/sys/fs/cgroup/cpu';
/** Microseconds: short, so that a thread that has used its quota waits some milliseconds and not some dozens. */
const PERIOD = 10_000;

export interface NamedThread {
  readonly id: number;
  readonly name: string;
}

export function threadsOf(pid: number): readonly NamedThread[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => ({
    id: Number(id),
    name: readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim(),
  }));
}

/** Milliseconds of processor time so far. */
export function threadMilliseconds(pid: number, { id }: NamedThread): number {
  return Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

export interface Quotas {
  /** Removes the cgroups, once the threads have ended. */
  remove(): Promise<void>;
}

/** `share`: of one processor, for each thread by itself. */
export function limitThreads(threads: readonly NamedThread[], share: number): Quotas {
  if (!existsSync(`${MOUNT}/tasks`)) throw new Error('There is no cpu controller of cgroup v1 here.');
  const groups = threads.map(({ id }) => {
    const group = `${MOUNT}/postern-bench-${process.pid}-${id}`;
    mkdirSync(group);
    writeFileSync(`${group}/cpu.cfs_period_us`, String(PERIOD));
    writeFileSync(`${group}/cpu.cfs_quota_us`, String(Math.round(PERIOD * share)));
    writeFileSync(`${group}/tasks`, String(id));
    return group;
  });
  return {
    async remove() {
      for (const group of groups) await removeGroup(group);
    },
  };
}

async function removeGroup(group: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return rmdirSync(group);
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(25);
    }
  }
}
