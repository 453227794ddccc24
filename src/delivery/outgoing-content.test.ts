import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  hasEightBitOctets,
  type OutgoingContent,
  prepareLargeContent,
  prepareSmallContent,
  readChunks,
} from './outgoing-content.ts';

const BODY = `${'x'.repeat(998)}\r\n`.repeat(600);
const HEADER = 'Subject: a\r\nX-Drop: 1\r\n';

async function spool(t: TestContext, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-outgoing-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'content');
  await writeFile(path, text, 'latin1');
  return { kind: 'file' as const, path, size: text.length };
}

async function textOf(content: OutgoingContent): Promise<string> {
  if (content.kind === 'memory') return Buffer.concat(content.pieces).toString('latin1');
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(content)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('latin1');
}

const edit = (header: Uint8Array) => Buffer.from(Buffer.from(header).toString().replace('X-Drop: 1\r\n', ''));

test('content in memory that is not edited is not copied', () => {
  const bytes = Buffer.from(`${HEADER}\r\n${BODY}`);
  const content = prepareSmallContent({ kind: 'memory', bytes }, null);
  assert.equal(content.kind === 'memory' && content.pieces[0], bytes);
  const same = prepareSmallContent({ kind: 'memory', bytes }, (header) => header);
  assert.equal(same.kind === 'memory' && same.pieces[0], bytes);
});

test('an edited header leaves the body as it is, in memory and in a file', async (t) => {
  const expected = `Subject: a\r\n\r\n${BODY}`;
  const small = prepareSmallContent({ kind: 'memory', bytes: Buffer.from(`${HEADER}\r\n${BODY}`) }, edit);
  assert.equal(await textOf(small), expected);
  const large = await prepareLargeContent(await spool(t, `${HEADER}\r\n${BODY}`), edit);
  assert.equal(await textOf(large), expected);
  assert.equal(large.size, expected.length);
});

test('a file is read in chunks and as it is where nothing is edited', async (t) => {
  const text = `${HEADER}\r\n${BODY}`;
  const content = await prepareLargeContent(await spool(t, text), null);
  assert.equal(await textOf(content), text);
  assert.equal(content.size, text.length);
});

test('a header longer than the first read is found, and one without a body too', async (t) => {
  const long = `X-Drop: 1\r\n${`X-Line: ${'y'.repeat(900)}\r\n`.repeat(200)}`;
  const large = await prepareLargeContent(await spool(t, `${long}\r\nbody\r\n`), edit);
  assert.equal(await textOf(large), `${long.slice(11)}\r\nbody\r\n`);
  const only = await prepareLargeContent(await spool(t, HEADER), edit);
  assert.equal(await textOf(only), 'Subject: a\r\n');
});

test('a file that is shorter than it was is an error, not a shorter message', async (t) => {
  const file = await spool(t, HEADER);
  const content = await prepareLargeContent({ ...file, size: file.size + 10 }, null);
  await assert.rejects(textOf(content), /shorter than it was/);
});

test('finds octets beyond seven bits', async (t) => {
  const none = prepareSmallContent({ kind: 'memory', bytes: Buffer.from(HEADER) }, null);
  assert.equal(await hasEightBitOctets(none), false);
  const some = prepareSmallContent({ kind: 'memory', bytes: Buffer.from(`${HEADER}\r\nä\r\n`) }, null);
  assert.equal(await hasEightBitOctets(some), true);
  const file = await prepareLargeContent(await spool(t, `${HEADER}\r\n${BODY}\xe4\r\n`), null);
  assert.equal(await hasEightBitOctets(file), true);
});
