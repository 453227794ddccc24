import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Hashtable, PsObject } from './value.ts';

type Step = readonly ['set' | 'delete' | 'get', string, number];

const key = fc.oneof(
  fc.constantFrom('Name', 'name', 'NAME', 'Guid', '__proto__', 'constructor', '', 'ß', 'İ'),
  fc.string({ maxLength: 2 }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete', 'get'), key, fc.integer()),
  { maxLength: 300 },
);

/** The plain way to do it. */
function expected(all: readonly Step[]): [string, number][] {
  const entries: [string, number][] = [];
  for (const [what, name, value] of all) {
    const found = entries.findIndex(([known]) => known.toLowerCase() === name.toLowerCase());
    if (what === 'set' && found === -1) entries.push([name, value]);
    else if (what === 'set') entries[found] = [entries[found]?.[0] ?? '', value];
    else if (what === 'delete' && found !== -1) entries.splice(found, 1);
  }
  return entries;
}

test('a table holds what was put into it, in order, without regard to case', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const table = new Hashtable();
      for (const [index, [what, name, value]] of all.entries()) {
        const before = expected(all.slice(0, index)).find(
          ([known]) => known.toLowerCase() === name.toLowerCase(),
        );
        if (what === 'set') table.set(name, value);
        else if (what === 'delete') assert.equal(table.delete(name), before !== undefined);
        else assert.equal(table.get(name), before?.[1]);
      }
      const entries = expected(all);
      assert.deepEqual([...table.entries()], entries);
      assert.equal(table.size, entries.length);
      for (const [name, value] of entries) {
        assert.ok(table.has(name.toUpperCase()) || name.toUpperCase().toLowerCase() !== name.toLowerCase());
        assert.equal(table.get(name), value);
      }
    }),
    { numRuns: 60 },
  );
});

test('tables that share their keys share nothing else', () => {
  const make = (): PsObject =>
    new PsObject('X', [
      ['Name', 'a'],
      ['Size', 1],
    ]);
  const [one, other] = [make(), make()];
  one.properties.set('NAME', 'changed').set('More', true);
  one.properties.delete('Size');
  assert.deepEqual(
    [...one.properties.entries()],
    [
      ['Name', 'changed'],
      ['More', true],
    ],
  );
  assert.deepEqual(
    [...other.properties.entries()],
    [
      ['Name', 'a'],
      ['Size', 1],
    ],
  );
});

test('a table of any size stays quick', () => {
  const table = new Hashtable();
  for (let n = 0; n < 50_000; n++) table.set(`k${n}`, n);
  assert.equal(table.size, 50_000);
  assert.equal(table.get('K49999'), 49_999);
});
