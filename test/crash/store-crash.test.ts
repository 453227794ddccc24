// Kills a process that keeps mail, at instants of no choice, and looks at what is there afterwards: everything that was
// acknowledged, whole; nothing that ended; no file without a message and no message without its file.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Store } from '#store/store.ts';
import {
  finished,
  newMessage,
  openTestStore,
  settlement,
  temporaryDirectory,
  testMessage,
} from '../support/stored-mail.ts';

const program = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

/** What the process said about each message, the last word: try, kept (or large), settling, then ended or waits. */
type Words = Map<number, string>;

/** `delay`: milliseconds that every commit takes. */
const ACKNOWLEDGED: ReadonlySet<string> = new Set(['kept', 'large', 'waits']);

/** Enough of each: how much a process does before it is killed is the machine's affair. */
function hasSeenAll(words: Words): boolean {
  const last = [...words.values()];
  return last.includes('large') && last.filter((word) => word === 'ended').length > 50;
}

async function runAndKill(directory: string, seed: number, words: Words, delay = 0): Promise<void> {
  const said = join(directory, `said-${seed}`);
  const log = openSync(said, 'w');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, directory, String(seed), String(delay)],
    { stdio: ['ignore', log, 'inherit', 'ipc'] },
  );
  closeSync(log);
  child.once('message', () => setTimeout(() => child.kill('SIGKILL'), randomInt(20, 400)));
  const [code] = await once(child, 'close');
  assert.equal(code, null, 'the process ended before it was killed');
  const text = readFileSync(said, 'latin1');
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  for (const [, word = '', id] of complete.matchAll(/^(\w+) (\d+)$/gm)) words.set(Number(id), word);
}

/** Claims everything that is due and reads it. */
async function takeAll(store: Store): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  const now = Date.now() + 60_000;
  for (;;) {
    const queues = (await store.dueQueues(now)).map(({ queue }) => ({ queue, limit: 500 }));
    const claims = await store.claim({ now, queues, incoming: 500 });
    if (claims.length === 0) return found;
    for (const { messageId } of claims) {
      const content = (await store.load(messageId))?.content;
      assert.ok(content !== undefined, `message ${messageId} was claimed but can't be read`);
      found.set(messageId, content.kind === 'file' ? readFileSync(content.path) : Buffer.from(content.bytes));
    }
  }
}

function spoolFiles(directory: string): string[] {
  return readdirSync(join(directory, 'spool'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('what was acknowledged survives kill -9 at any instant', async (context) => {
  const directory = temporaryDirectory(context);
  const words: Words = new Map();
  for (let round = 0; round < 6 || !hasSeenAll(words); round += 1) await runAndKill(directory, round, words);

  const { store } = await openTestStore(context, directory);
  const found = await takeAll(store);
  for (const [id, word] of words) {
    if (word === 'ended') assert.equal(found.has(id), false, `${id} had ended and is back`);
    if (ACKNOWLEDGED.has(word)) assert.ok(found.has(id), `${id} was acknowledged (${word}) and is lost`);
  }
  for (const [id, bytes] of found) {
    assert.ok(words.has(id), `${id} was never given to the store`);
    assert.ok(bytes.length >= 2000 && bytes.every((byte) => byte === id % 251), `${id} is damaged`);
  }
  assert.equal((await store.health()).queuedMessages, found.size);

  const large = [...found.values()].filter((bytes) => bytes.length === 150_000).length;
  assert.ok(large > 0);
  for (const deadline = Date.now() + 20_000; spoolFiles(directory).length > large; ) {
    assert.ok(Date.now() < deadline, 'files without a message were not removed');
    await new Promise(setImmediate);
  }
  for (const id of found.keys()) await store.settle(settlement(id, { finished: [finished(0)] }));
  assert.equal((await store.health()).queuedMessages, 0);
});

test('on a slow disk nothing is acknowledged before its commit has ended', async (context) => {
  const directory = temporaryDirectory(context);
  const words: Words = new Map();
  for (let round = 0; round < 4; round += 1) await runAndKill(directory, round, words, 60);
  const acknowledged = [...words].filter(([, word]) => ACKNOWLEDGED.has(word));
  assert.ok(acknowledged.length > 0);
  const { store } = await openTestStore(context, directory);
  const found = await takeAll(store);
  for (const [id, word] of acknowledged)
    assert.ok(found.has(id), `${id} was acknowledged (${word}) and is lost`);
  for (const [id, word] of words) if (word === 'ended') assert.equal(found.has(id), false);
});

test('a last write that is torn anywhere costs nothing that was acknowledged before it', async (context) => {
  const directory = temporaryDirectory(context);
  const { store } = await openTestStore(context, directory);
  const log = join(directory, 'postern.db-wal');
  const kept = testMessage();
  await store.enqueue(newMessage(kept));
  const before = statSync(log).size;
  const torn = testMessage();
  const bytes = Buffer.alloc(40_000, 'z');
  await store.enqueue(newMessage(torn, { content: { kind: 'memory', bytes } }));
  const [database, whole] = [readFileSync(join(directory, 'postern.db')), readFileSync(log)];
  assert.ok(whole.length > before + bytes.length);
  const ends = [before, before + 10, before + 24, Math.round((before + whole.length) / 2), whole.length - 1];
  for (const end of ends) {
    // What the disk didn't write is missing, or is what stood there.
    for (const rest of [0, whole.length - end]) {
      const copy = temporaryDirectory(context);
      writeFileSync(join(copy, 'postern.db'), database);
      writeFileSync(
        join(copy, 'postern.db-wal'),
        Buffer.concat([whole.subarray(0, end), Buffer.alloc(rest, 0xa5)]),
      );
      const { store: again } = await openTestStore(context, copy);
      assert.deepEqual([...(await takeAll(again)).keys()], [kept.id], `torn at ${end} of ${whole.length}`);
      await again.enqueue(newMessage(testMessage()));
    }
  }
});

test('a torn end of the write-ahead log costs nothing that was committed before it', async (context) => {
  const directory = temporaryDirectory(context);
  const words: Words = new Map();
  await runAndKill(directory, 1, words);
  const log = join(directory, 'postern.db-wal');
  assert.ok(existsSync(log));
  appendFileSync(log, Buffer.alloc(10_000, 0xa5));
  truncateSync(log, statSync(log).size - 3);
  const { store } = await openTestStore(context, directory);
  const found = await takeAll(store);
  for (const [id, word] of words) {
    if (ACKNOWLEDGED.has(word)) assert.ok(found.has(id), `${id} is lost`);
  }
});

test('a spool file that no message owns is removed at the next start, one that is being written is not', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await openTestStore(context, directory);
  const message = testMessage({ size: 200_000 });
  const bytes = Buffer.alloc(200_000);
  await first.store.enqueue(newMessage(message, { content: { kind: 'memory', bytes } }));
  const lost = await first.store.createSpoolFile(testMessage().id);
  const { path } = await lost.finish();
  await first.close();
  const foreign = join(directory, 'spool', 'readme');
  writeFileSync(foreign, '');

  const { store } = await openTestStore(context, directory);
  const written = await store.createSpoolFile(testMessage().id);
  await written.write(Buffer.alloc(300_000));
  for (const deadline = Date.now() + 20_000; existsSync(path); ) {
    assert.ok(Date.now() < deadline, 'the file was not removed');
    await new Promise(setImmediate);
  }
  const kept = (await store.load(message.id))?.content;
  assert.ok(kept?.kind === 'file' && existsSync(kept.path) && existsSync(foreign));
  assert.equal((await written.finish()).size, 300_000);
});
