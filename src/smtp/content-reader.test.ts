import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ContentReader } from './content-reader.ts';
import { DotStuffer } from './dot-stuffing.ts';
import { findLineBreak, wordsOf } from './line-break.ts';

/** Cuts at the given places; copies, as every chunk from a socket has its own memory. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    chunks.push(Buffer.from(bytes.subarray(from, end)));
    from = end;
  }
  return chunks;
}

interface Taken {
  readonly content: string;
  readonly bare: boolean;
  /** What follows the end of data; null: there was none. */
  readonly rest: string | null;
}

function take(chunks: readonly Buffer[]): Taken {
  const reader = new ContentReader();
  let content = '';
  let rest: string | null = null;
  for (const chunk of chunks) {
    if (rest !== null) rest += chunk.toString('latin1');
    else {
      content += reader.take(chunk, 0).toString('latin1');
      if (reader.done) rest = chunk.toString('latin1', reader.next);
    }
  }
  return { content, bare: reader.bareLineBreak, rest };
}

const places = fc.array(fc.nat(), { maxLength: 12 });
const piece = fc.constantFrom(
  'a',
  '.',
  '..',
  '\r\n',
  '\r\n.',
  'some text that is longer than a word or two',
  '\t',
  'ü',
  '\0',
);
const content = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

test('what is stuffed in any pieces is read back from any pieces', () => {
  fc.assert(
    fc.property(content, places, places, (text, out, back) => {
      const bytes = Buffer.from(text);
      const stuffer = new DotStuffer();
      const wire = Buffer.concat([
        ...cut(bytes, out).map((chunk) => stuffer.push(chunk)),
        Buffer.from(`${stuffer.end()}QUIT\r\n`),
      ]);
      const whole = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
      assert.deepEqual(take(cut(wire, back)), {
        content: Buffer.from(whole).toString('latin1'),
        bare: false,
        rest: 'QUIT\r\n',
      });
    }),
    { numRuns: 1000 },
  );
});

test('content whose lines begin with no dot is passed on as it is', () => {
  const chunk = Buffer.from('a.b\r\nc..\r\n');
  assert.equal(new DotStuffer().push(chunk), chunk);
});

// What other servers have taken for the end of data (SMTP smuggling): none of it is, and all of it is noticed.
const NOT_THE_END = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r.\n',
  '\n.\r',
  '\r\n.\r\r\n',
  '\r\r\n.\r\n\n',
  '\r\n\r.\r\n',
  '\r\n.\n.\r\n',
  '\n\n.\r\n',
  '\r\n.\0\r\n\n',
] as const;

test('only CRLF.CRLF ends the data, and a bare CR or LF is noticed at every split', () => {
  for (const sequence of NOT_THE_END) {
    const bytes = Buffer.from(
      `Subject: x\r\n\r\nbody${sequence}MAIL FROM:<evil@example.org>\r\n.\r\nNOOP\r\n`,
      'latin1',
    );
    for (let split = 0; split <= bytes.length; split += 1) {
      const taken = take(cut(bytes, [split]));
      assert.equal(taken.bare, true, JSON.stringify([sequence, split]));
      if (sequence !== '\r\r\n.\r\n\n')
        assert.equal(taken.rest, 'NOOP\r\n', JSON.stringify([sequence, split]));
    }
  }
});

test('empty content and content that is one dot', () => {
  for (const split of [0, 1, 2, 3]) {
    assert.deepEqual(take(cut(Buffer.from('.\r\nX'), [split])), { content: '', bare: false, rest: 'X' });
    assert.deepEqual(take(cut(Buffer.from('..\r\n.\r\n'), [split])), {
      content: '.\r\n',
      bare: false,
      rest: '',
    });
  }
});

/** RFC 5321, one octet at a time: the slow and obvious reader. */
function plainly(bytes: Buffer): Taken {
  const text = bytes.toString('latin1');
  const end = /(?:^|\r\n)\.\r\n/.exec(text);
  const inside = end === null ? text : text.slice(0, end.index + end[0].length - 3);
  const bare = /\r(?!\n)|(?<!\r)\n/.test(end === null ? inside.replace(/\r$/, '') : inside);
  return {
    content: inside.replace(/(^|\r\n)\./g, '$1'),
    bare,
    rest: end === null ? null : text.slice(end.index + end[0].length),
  };
}

test('any octets are read as RFC 5321 says, however they are cut', () => {
  const noise = fc.array(fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.\r\n', 'abcdefgh'), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(noise, places, (parts, splits) => {
      const bytes = Buffer.from(parts.join(''), 'latin1');
      const expected = plainly(bytes);
      const taken = take(cut(bytes, splits));
      assert.deepEqual([taken.bare, taken.rest], [expected.bare, expected.rest]);
      if (!expected.bare && expected.rest !== null) assert.equal(taken.content, expected.content);
    }),
    { numRuns: 3000 },
  );
});

test('line breaks are found wherever they stand', () => {
  const octets = fc.array(
    fc.constantFrom(0x0d, 0x0a, 0x00, 0x09, 0x0c, 0x0e, 0x41, 0x7f, 0x80, 0x8a, 0x8d, 0xff),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(octets, fc.nat(8), fc.nat(40), (values, offset, from) => {
      const bytes = Buffer.from(new Uint8Array(values.length + offset).buffer, offset, values.length);
      bytes.set(values);
      const start = Math.min(from, bytes.length);
      const expected = bytes.findIndex(
        (octet, index) => index >= start && (octet === 0x0d || octet === 0x0a),
      );
      assert.equal(findLineBreak(bytes, wordsOf(bytes), start), expected < 0 ? bytes.length : expected);
    }),
    { numRuns: 2000 },
  );
});
