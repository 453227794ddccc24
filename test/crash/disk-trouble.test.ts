// Disks that fail under a running gateway: senders are told to try again, nothing that was answered 250 is lost, nothing
// that was refused goes out, and all goes on when the disk does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { fakeMx, newConnector, queueIsEmpty, subjectsOf, submit } from '../support/mail-flow.ts';

interface Ledger {
  readonly accepted: string[];
  readonly refusals: string[];
}

/** Hands mail in until so many in a row were refused, or so many were accepted. */
async function handIn(gateway: Gateway, ledger: Ledger, name: string, size: number, limit: number) {
  let refused = 0;
  for (let count = 0; count < limit && refused < 3; count += 1) {
    const subject = `${name} ${count}`;
    const content = `From: <anna@contoso.test>\r\nSubject: ${subject}\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(size / 80)}`;
    try {
      await submit(gateway, { to: ['<ben@fabrikam.test>'], content });
      ledger.accepted.push(subject);
    } catch (error) {
      ledger.refusals.push(error instanceof Error ? error.message : String(error));
      refused += 1;
    }
  }
}

/** Until the gauge of pressure, which looks every second, has seen that the disk works. */
async function isWelcome(gateway: Gateway): Promise<void> {
  while (!(await fetch(`${gateway.http}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Until new mail is refused before its content comes. */
async function isPutOff(gateway: Gateway): Promise<void> {
  while ((await fetch(`${gateway.http}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
  await assert.rejects(submit(gateway, { to: ['<ben@fabrikam.test>'] }), /MAIL FROM.*: 452 4\.3\.1 /);
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** A disk of so many mebibytes; null where this user may not mount one. */
async function smallDisk(t: TestContext, mebibytes: number): Promise<string | null> {
  const place = await mkdtemp(join(tmpdir(), 'postern-disk-'));
  const mounted = run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'postern-test', place);
  t.after(() => {
    if (mounted) run('umount', '-l', place);
    rmdirSync(place);
  });
  return mounted ? place : null;
}

interface FailingDisk {
  readonly place: string;
  /** The kernel finds an error in the file system and lets nobody write any more, as with a disk that fails. */
  fail(): void;
  /** As after a restart of the machine. */
  mountAgain(): void;
}

/** A file system that can be made read-only under the feet of those who have files open; null where that can't be had. */
async function failingDisk(t: TestContext): Promise<FailingDisk | null> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-disk-'));
  const [image, place] = [join(folder, 'image'), join(folder, 'disk')];
  mkdirSync(place);
  const mount = () => run('mount', '-o', 'loop,errors=remount-ro', image, place);
  t.after(() => {
    run('umount', '-l', place);
    rmSync(folder, { recursive: true });
  });
  if (!run('truncate', '-s', '64M', image) || !run('mkfs.ext4', '-q', image) || !mount()) return null;
  const device = () => {
    const line = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((each) => each.split(' ')[1] === place);
    return line?.split(' ')[0] ?? '';
  };
  const trigger = () => `/sys/fs/ext4/${basename(device())}/trigger_fs_error`;
  if (!existsSync(trigger())) return null;
  return {
    place,
    fail: () => writeFileSync(trigger(), '1'),
    mountAgain: () => assert.ok(run('umount', place) && mount()),
  };
}

test('a disk that becomes read-only: 4xx, and nothing is lost', async (t) => {
  const disk = await failingDisk(t);
  if (disk === null) return t.skip('only root may mount a disk that fails');
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const [data, flags] = [join(disk.place, 'data'), ['--min-free-disk', '1']];
  const gateway = await startGateway(t, { data, flags });
  await newConnector(gateway, 'All', ['*'], [host]);
  const ledger: Ledger = { accepted: [], refusals: [] };
  await handIn(gateway, ledger, 'before', 4000, 10);
  await handIn(gateway, ledger, 'large before', 400_000, 2);
  disk.fail();
  await handIn(gateway, ledger, 'small while read-only', 4000, 10);
  await handIn(gateway, ledger, 'large while read-only', 400_000, 10);
  assert.equal(ledger.accepted.length, 12);
  assert.equal(ledger.refusals.length, 6);
  for (const refusal of ledger.refusals) assert.match(refusal, /: 45[12] 4\.3\.[01] /);
  await isPutOff(gateway);
  await gateway.kill();
  disk.mountAgain();
  delete host.behaviour.greeting;
  const again = await startGateway(t, { data, flags });
  await again.run('Retry-Queue', { Identity: 'All' });
  await handIn(again, ledger, 'after', 4000, 10);
  await queueIsEmpty(again);
  assert.deepEqual([...subjectsOf(host)].sort(), ledger.accepted.toSorted());
  // Before the disk goes.
  await again.stop();
});

test('a disk that refuses every write: 4xx, and nothing is lost', async (t) => {
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const gateway = await startGateway(t);
  await newConnector(gateway, 'All', ['*'], [host]);
  const ledger: Ledger = { accepted: [], refusals: [] };
  await handIn(gateway, ledger, 'before', 4000, 10);
  const limit = (octets: string) =>
    run('prlimit', '--pid', String(gateway.process.pid), `--fsize=${octets}:unlimited`);
  if (!limit('1')) return t.skip('there is no prlimit here');
  await handIn(gateway, ledger, 'small while it fails', 4000, 10);
  await handIn(gateway, ledger, 'large while it fails', 400_000, 10);
  assert.equal(ledger.accepted.length, 10);
  for (const refusal of ledger.refusals) assert.match(refusal, /: 45[12] 4\.3\.[01] /);
  limit('unlimited');
  await isWelcome(gateway);
  await handIn(gateway, ledger, 'after', 4000, 10);
  assert.equal(ledger.accepted.length, 20);
  delete host.behaviour.greeting;
  await gateway.run('Retry-Queue', { Identity: 'All' });
  await queueIsEmpty(gateway);
  assert.deepEqual([...subjectsOf(host)].sort(), ledger.accepted.toSorted());
});

test('a disk that is full: 4xx, and nothing is lost', async (t) => {
  const data = await smallDisk(t, 24);
  if (data === null) return t.skip('only root may mount a small disk');
  const host = await fakeMx(t, { behaviour: { greeting: '421 4.3.2 not now' } });
  const gateway = await startGateway(t, { data: join(data, 'data'), flags: ['--min-free-disk', '1'] });
  await newConnector(gateway, 'All', ['*'], [host]);
  const ledger: Ledger = { accepted: [], refusals: [] };
  await handIn(gateway, ledger, 'until full', 40_000, 2000);
  assert.ok(ledger.accepted.length > 0);
  assert.equal(ledger.refusals.length, 3);
  for (const refusal of ledger.refusals) assert.match(refusal, /: 45[12] 4\.3\.[01] /);
  assert.ok(run('mount', '-o', 'remount,size=64m', data));
  await isWelcome(gateway);
  await handIn(gateway, ledger, 'with room again', 4000, 10);
  delete host.behaviour.greeting;
  await gateway.run('Retry-Queue', { Identity: 'All' });
  await queueIsEmpty(gateway);
  assert.deepEqual([...subjectsOf(host)].sort(), ledger.accepted.toSorted());
});
