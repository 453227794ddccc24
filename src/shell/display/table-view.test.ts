import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textWidth, truncate, wrap } from './cell-text.ts';
import { listLines } from './list-view.ts';
import { layOut, tableHeader, tableRow } from './table-view.ts';

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.integer(),
  fc.constant(null),
);

test('no line of a table is wider than the terminal', () => {
  const table = fc.record({
    headers: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 }),
    width: fc.integer({ min: 20, max: 200 }),
    wraps: fc.boolean(),
  });
  fc.assert(
    fc.property(
      table,
      fc.array(fc.array(text, { maxLength: 8 }), { maxLength: 5 }),
      ({ headers, width, wraps }, rows) => {
        const columns = headers.map((header) => ({ header, alignment: null, width: null, format: null }));
        const layout = layOut(columns, rows, width);
        for (const line of [...tableHeader(layout), ...rows.flatMap((row) => tableRow(layout, row, wraps))]) {
          assert.ok(textWidth(line) <= width, `${textWidth(line)} > ${width}: ${line}`);
          assert.ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(line), 'no control character');
        }
      },
    ),
  );
});

test('cut text fits, and says that it was cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (value, width) => {
        assert.ok(textWidth(truncate(value, width)) <= width);
      },
    ),
  );
  assert.equal(truncate('connector', 5), 'conn…');
});

test('wrapped text loses nothing but spaces', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 8, max: 60 }), (value, width) => {
      const lines = wrap(value, width);
      for (const line of lines) assert.ok(textWidth(line) <= width);
      const bare = (content: string): string => content.replace(/[\s\x00-\x1f\x7f-\x9f\uFFFD]/g, '');
      assert.equal(bare(lines.join('')), bare(value));
    }),
  );
});

test('a list pads its labels', () => {
  assert.deepEqual(
    listLines(
      [
        ['Name', 'a'],
        ['Enabled', true],
      ],
      80,
    ),
    ['Name    : a', 'Enabled : True'],
  );
});
