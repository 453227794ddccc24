import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DateTime } from './date-time.ts';
import { plainValue } from './plain-value.ts';
import { TimeSpan } from './time-span.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';
import { fromWire, toWire, WireValueError } from './wire-value.ts';

const anyValue = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string(),
    fc.integer({ min: 0, max: 4e12 }).map((ms) => DateTime.fromUtcMilliseconds(ms)),
    fc.integer().map((ms) => new TimeSpan(ms * 10_000)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => {
      const table = new Hashtable();
      for (const [key, value] of entries) table.set(key, value);
      return table;
    }),
    fc
      .array(fc.tuple(fc.constantFrom('Name', 'Guid', '__proto__', 'constructor'), tie('value')), {
        maxLength: 4,
      })
      .map((entries) => new PsObject('OutboundConnector', entries)),
  ),
})).value;

test('every value comes back as it went, through JSON text', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = JSON.stringify(toWire(value));
      const back = fromWire(JSON.parse(text));
      assert.equal(JSON.stringify(toWire(back)), text);
      assert.deepEqual(plainValue(back), plainValue(value));
    }),
  );
});

test('times keep their kind and their ticks', () => {
  const fine = DateTime.fromTicks(636_000_000_000_000_001n, 'Utc');
  const back = fromWire(JSON.parse(JSON.stringify(toWire(fine))));
  assert.ok(back instanceof DateTime);
  assert.equal(back.ticks, fine.ticks);
  assert.equal(back.kind, 'Utc');
  const unspecified = fromWire(toWire(DateTime.of({ year: 2016, month: 5, day: 6 })));
  assert.ok(unspecified instanceof DateTime);
  assert.equal(unspecified.kind, 'Unspecified');
});

test('what only one side understands does not cross', () => {
  assert.throws(() => toWire({ opaque: 'ScriptBlock' }), /A ScriptBlock can't be given/);
});

test('whatever arrives, the answer is a value or a WireValueError', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (wire) => {
      try {
        fromWire(wire);
      } catch (error) {
        assert.ok(error instanceof WireValueError);
      }
    }),
  );
  for (const forged of [
    { $: 'd', v: 'soon' },
    { $: 's', v: 1 },
    { $: 'o', v: [1, 2] },
    { $: 'h', v: ['k'] },
    { $: 'z', v: 0 },
  ]) {
    assert.throws(() => fromWire(forged), WireValueError);
  }
});

test('names from users are names, not prototypes', () => {
  const plain = plainValue(new Hashtable().set('__proto__', 'x'));
  assert.ok(typeof plain === 'object' && plain !== null);
  assert.deepEqual(Object.keys(plain), ['__proto__']);
  assert.equal(Object.getPrototypeOf(plain), Object.prototype);
});
