// The benchmarks run, and say what they are asked for. How fast is no test's business.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

async function bench(name: string, ...flags: readonly string[]): Promise<string> {
  const script = fileURLToPath(new URL(`../bench/${name}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    script,
    ...flags,
  ]);
  return stdout;
}

test('kills under load lose nothing', async () => {
  assert.match(await bench('kill-loop.ts', '--kills', '3', '--longest', '400'), /^kills=3 .* lost=0 /m);
});

test('memory is told for each phase', async () => {
  const told = await bench('memory.ts', '--messages', '40', '--large', '1');
  assert.match(told, /^idle: \d+ MiB$/m);
  assert.match(told, /^40 messages of 4 KiB, 20 sessions: \d+ MiB at most \(40 accepted, 0 refused\)$/m);
  assert.match(told, /^one message of 1 MB: \d+ MiB at most \(1 accepted, 0 refused\)$/m);
});

test('a long queue is started on, listed, and passed by live mail', async () => {
  const told = await bench('million-queue.ts', '--waiting', '200', '--queues', '10', '--messages', '40');
  assert.match(told, /^ {2}Get-Queue: 10 queues in /m);
  assert.match(told, /^ {2}full queue: \d+ messages\/s, /m);
});
