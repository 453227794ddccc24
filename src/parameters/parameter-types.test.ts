// What every type reads, what it refuses, and that it reads back what it prints.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { credentialType } from './credential-type.ts';
import { dateTimeType } from './date-time-type.ts';
import { DateTime } from './date-time.ts';
import { identity } from './identity.ts';
import { applyChange, multiValued } from './multi-valued-property.ts';
import { ConversionProblem, nullable } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { byteSize, timeSpan, unlimited } from './quantity-types.ts';
import {
  booleanType,
  enumeration,
  guidType,
  hashtableType,
  int32Type,
  listOf,
  secretTextType,
  switchType,
  textType,
  textUpTo,
  wholeNumber,
} from './scalar-types.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';

const tls = enumeration('TlsAuthLevel', ['EncryptionOnly', 'CertificateValidation', 'DomainValidation']);
const DAY = 86_400_000;

describe('types read', () => {
  const rows: [ParameterType<unknown>, Value, unknown][] = [
    [textType, 'a', 'a'],
    [textType, 12, '12'],
    [textType, true, 'True'],
    [textType, ['only'], 'only'],
    [booleanType, true, true],
    [booleanType, 'TRUE', true],
    [booleanType, '$False', false],
    [booleanType, '0', false],
    [booleanType, 1, true],
    [switchType, 'false', false],
    [int32Type, '42', 42],
    [int32Type, 2.5, 3],
    [unlimited(wholeNumber(1)), 'unlimited', 'Unlimited'],
    [unlimited(wholeNumber(1)), '10', 10],
    [tls, 'encryptiononly', 'EncryptionOnly'],
    [nullable(tls), null, null],
    [nullable(tls), '', null],
    [textUpTo(3), null, ''],
    [guidType, '{6F0E2F6C-1111-4000-8000-00000000000A}', '6f0e2f6c-1111-4000-8000-00000000000a'],
    [timeSpan(0, 30 * DAY), '00:15:00', 900_000],
    [timeSpan(0, 30 * DAY), '1.00:00:00', DAY],
    [byteSize(), '150 MB', 157_286_400],
    [byteSize(), '1.5KB', 1536],
    [byteSize(), 36_700_160, 36_700_160],
    [byteSize(), '35 MB (36,700,161 bytes)', 36_700_161],
    [dateTimeType, '2016-05-06 14:30:00z', Date.UTC(2016, 4, 6, 14, 30)],
    [dateTimeType, '5/6/2016 2:30 PM', Date.UTC(2016, 4, 6, 14, 30)],
    [dateTimeType, '2016-05-06T16:30:00+02:00', Date.UTC(2016, 4, 6, 14, 30)],
    [dateTimeType, DateTime.fromUtcMilliseconds(5), 5],
    [identity('X'), 'Contoso', 'Contoso'],
    [
      identity('X'),
      new PsObject('X', [
        ['Name', 'n'],
        ['Guid', 'g'],
      ]),
      'g',
    ],
    [listOf(textType), 'a', ['a']],
    [listOf(textType), null, []],
    [secretTextType, 'p', 'p'],
    [credentialType, new Hashtable().set('username', 'u').set('PASSWORD', 'p'), { user: 'u', password: 'p' }],
  ];
  for (const [type, value, expected] of rows) {
    test(`${type.name} from ${JSON.stringify(value)}`, () => assert.deepEqual(type.read(value), expected));
  }
});

describe('types refuse', () => {
  const rows: [ParameterType<unknown>, Value, RegExp, ConversionProblem['reason']?][] = [
    [textType, null, /null/, 'null'],
    [textType, ['a', 'b'], /Cannot convert value "System\.Object\[\]" to type "System\.String"/],
    [textUpTo(3), 'long', /4 characters; the maximum is 3/, 'validation'],
    [textUpTo(3, 1), '', /empty/, 'emptyText'],
    [textUpTo(3, 1), null, /null/, 'null'],
    [booleanType, 'maybe', /In a POSIX shell write false, or quote it: '\$false'/],
    [booleanType, '', /Cannot convert value "" to type "System\.Boolean"/],
    [int32Type, 'abc', /Cannot convert value "abc" to type "System\.Int32"/],
    [int32Type, '3000000000', /outside the allowed range/, 'validation'],
    [tls, 'Foo', /try again: EncryptionOnly, CertificateValidation, DomainValidation/],
    [tls, null, /null/, 'null'],
    [guidType, '1234', /32 digits with 4 dashes/],
    [timeSpan(0, DAY), '15', /days\.hours:minutes:seconds/],
    [timeSpan(0, DAY), '2.00:00:00', /outside the allowed range of 00:00:00 to 1\.00:00:00/, 'validation'],
    [byteSize(), '12 apples', /Give a number with a unit/],
    [
      byteSize(0, 1024),
      '2KB',
      /outside the allowed range of 0 B \(0 bytes\) to 1 KB \(1,024 bytes\)/,
      'validation',
    ],
    [dateTimeType, 'next Tuesday', /not recognized as a valid DateTime/],
    [identity('X'), null, /null/, 'null'],
    [identity('X'), ' ', /empty/, 'emptyText'],
    [identity('X'), ['a', 'b'], /Give a name/],
    [listOf(textType, false), [], /empty/, 'emptyList'],
    [hashtableType, 'x', /Give a hashtable/],
    [credentialType, 'p4ssw0rd', /Give \(Get-Credential\)/],
  ];
  for (const [type, value, expected, reason = 'transformation'] of rows) {
    test(`${type.name} from ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => type.read(value),
        (error: unknown) => {
          assert.ok(error instanceof ConversionProblem);
          assert.match(error.message, expected);
          assert.equal(error.reason, reason);
          return true;
        },
      );
    });
  }
  test('a secret never shows in the refusal', () => {
    assert.throws(
      () => credentialType.read('p4ssw0rd'),
      (error: Error) => !error.message.includes('p4ssw0rd'),
    );
  });
});

describe('what a type prints it reads again', () => {
  const types: [ParameterType<number>, fc.Arbitrary<number>][] = [
    [byteSize(), fc.integer({ min: 0, max: 2 ** 45 })],
    [timeSpan(0, 1000 * DAY), fc.integer({ min: 0, max: 1000 * DAY })],
    [dateTimeType, fc.integer({ min: 0, max: 4_102_444_800_000 })],
    [int32Type, fc.integer()],
  ];
  for (const [type, values] of types) {
    test(type.name, () => {
      fc.assert(fc.property(values, (value) => assert.equal(type.read(type.print(value)), value)));
    });
  }
});

describe('multi-valued properties', () => {
  const type = multiValued(textType);
  const keyOf = (value: string): string => value.toLowerCase();

  test('a list, one value, nothing', () => {
    assert.deepEqual(type.read(['a', 'b']), { replace: ['a', 'b'] });
    assert.deepEqual(type.read('a'), { replace: ['a'] });
    assert.deepEqual(type.read(null), { replace: [] });
    assert.deepEqual(type.read(''), { replace: [] });
  });
  test('a table adds and removes, keys in any case, Exchange’s type mark allowed', () => {
    const table = new Hashtable()
      .set('@odata.type', '#Exchange.GenericHashTable')
      .set('add', 'a')
      .set('REMOVE', ['b', 'c']);
    assert.deepEqual(type.read(table), { add: ['a'], remove: ['b', 'c'] });
    assert.throws(() => type.read(new Hashtable().set('Ad', 'a')), /The key 'Ad' is not known here/);
  });
  test('adding what is there and removing what is not are warnings (rule 13)', () => {
    const applied = applyChange(['A', 'b'], { add: ['a', 'c'], remove: ['x'] }, keyOf);
    assert.deepEqual(applied.values, ['A', 'b', 'c']);
    assert.deepEqual(applied.warnings, [
      'The value "x" can\'t be removed because it isn\'t in the list.',
      'The value "a" is already in the list.',
    ]);
  });
  test('duplicates collapse to the first, order is kept', () => {
    assert.deepEqual(applyChange(['z'], { replace: ['b', 'a', 'B'] }, keyOf).values, ['b', 'a']);
  });
  test('removing and adding again changes nothing but order', () => {
    const list = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(list, list, (current, some) => {
        const gone = applyChange(current, { add: [], remove: some }, keyOf).values;
        assert.ok(gone.every((value) => !some.includes(value)));
        const back = applyChange(
          gone,
          { add: some.filter((v) => current.includes(v)), remove: [] },
          keyOf,
        ).values;
        assert.deepEqual([...back].sort(), [...current].sort());
      }),
    );
  });
});
