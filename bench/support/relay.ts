// One relay of relays/*.sh, started as the side-by-side benchmark starts it, in a cgroup of its own.
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { greets, ProcessGroup } from './process-group.ts';

export interface Relay {
  readonly port: number;
  readonly group: ProcessGroup;
  stop(): Promise<void>;
}

const PORT = Number(process.env['BENCH_PORT'] ?? 12_525);
/** Peers are looked for below it, and everybody's files are made there. */
const ROOT = process.env['BENCH_ROOT'] ?? join(tmpdir(), 'postern-bench');

/** `name` is relay:variant, as in `postfix:tuned`. Everything it takes goes to the sink. */
export async function startRelay(name: string, sinkPort: number): Promise<Relay> {
  const [relay = '', variant = ''] = name.split(':');
  const directory = join(ROOT, 'run', name.replace(':', '-'));
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const log = openSync(join(directory, 'stdio.log'), 'w');
  const group = new ProcessGroup(relay);
  group.spawn('/bin/bash', [fileURLToPath(new URL(`../relays/${relay}.sh`, import.meta.url))], {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      BENCH_ROOT: ROOT,
      BENCH_PORT: String(PORT),
      BENCH_SINK_PORT: String(sinkPort),
      BENCH_DIR: directory,
      BENCH_VARIANT: variant,
    },
  });
  await greets(PORT);
  // What it still does after its start shall not count.
  await sleep(1500);
  return {
    port: PORT,
    group,
    async stop() {
      await group.kill();
      closeSync(log);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
