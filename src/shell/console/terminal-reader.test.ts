import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { ReadStream, WriteStream } from 'node:tty';
import { Stopped } from '#shell/runtime/budget.ts';
import { INTERRUPTED, TerminalReader } from './terminal-reader.ts';

interface Scene {
  readonly reader: TerminalReader;
  type(keys: string): void;
  /** What stands on the screen, without the movements of the cursor. */
  shown(): string;
}

/** A pair of streams that pass for a terminal's. */
function terminal(t: TestContext): Scene {
  const input = Object.assign(new PassThrough(), { isTTY: true, isRaw: false, fd: 0 });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24, fd: 1 });
  Object.setPrototypeOf(input, Object.create(PassThrough.prototype, { setRawMode: { value: () => input } }));
  let screen = '';
  output.on('data', (chunk: Buffer) => void (screen += chunk.toString()));
  assert.ok(isReadStream(input) && isWriteStream(output));
  const reader = new TerminalReader(input, output);
  t.after(() => reader.close());
  return {
    reader,
    type: (keys) => void input.write(keys),
    // oxlint-disable-next-line no-control-regex -- sequences that move the cursor
    shown: () => screen.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', ''),
  };
}

function isReadStream(stream: object): stream is ReadStream {
  return 'setRawMode' in stream || stream instanceof ReadStream;
}
function isWriteStream(stream: object): stream is WriteStream {
  return 'columns' in stream || stream instanceof WriteStream;
}

test('lines that were pasted at once come one after the other', async (t) => {
  const { reader, type, shown } = terminal(t);
  const first = reader.edit('> ');
  type('$a = 1\rif ($a) {\r\t"tabbed"\r}\r');
  const lines = [await first];
  while (lines.length < 4) lines.push(await reader.edit('>> '));
  assert.deepEqual(lines, ['$a = 1', 'if ($a) {', '\t"tabbed"', '}']);
  assert.match(shown(), /> \$a = 1\n>> if \(\$a\) \{\n/);
});

test('Ctrl-C drops what is typed, stops what asks, and the next line is heard', async (t) => {
  const { reader, type } = terminal(t);
  const edited = reader.edit('> ');
  type('half a li');
  type('\x03');
  assert.equal(await edited, INTERRUPTED);
  let interrupted = 0;
  reader.interrupt = () => void (interrupted += 1);
  const asked = reader.ask('Sure? ', false);
  type('\x03');
  await assert.rejects(asked, Stopped);
  const next = reader.edit('> ');
  type('whole\r');
  assert.equal(await next, 'whole');
  type('\x03');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(interrupted, 2);
});

test('a password is neither shown nor found among the lines before', async (t) => {
  const { reader, type, shown } = terminal(t);
  reader.remember(['Get-Queue']);
  const secret = reader.ask('Password: ', true);
  type('sesame-42\r');
  assert.equal(await secret, 'sesame-42');
  const recalled = reader.edit('> ');
  type('\x1b[A\r');
  assert.equal(await recalled, 'Get-Queue');
  assert.doesNotMatch(shown(), /sesame/);
});

test('the word is completed, and an answer that comes too late harms nothing', async (t) => {
  const { reader, type } = terminal(t);
  let answer = (_candidates: readonly string[]): void => {};
  reader.complete = () =>
    new Promise((resolve) => {
      answer = (candidates) => resolve({ candidates, start: 0 });
    });
  const line = reader.edit('> ');
  type('Get-Qu');
  type('\t');
  await new Promise((resolve) => setImmediate(resolve));
  answer(['Get-Queue']);
  await new Promise((resolve) => setImmediate(resolve));
  type('\r');
  assert.equal((await line)?.toString().trim(), 'Get-Queue');
  const last = reader.edit('> ');
  type('G');
  type('\t');
  await new Promise((resolve) => setImmediate(resolve));
  reader.close();
  assert.equal(await last, null);
  answer(['Get-Queue']);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await reader.edit('> '), null);
});
