import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DateTime } from './date-time.ts';
import { TimeSpan } from './time-span.ts';

process.env.TZ = 'America/New_York';
const now = Date.UTC(2026, 10, 23, 12);

describe('DateTime.parse', () => {
  const rows: readonly [text: string, iso: string][] = [
    ['2016-05-06 14:30:00z', '2016-05-06T10:30:00.0000000-04:00'],
    ['2016-05-06T14:30:00.1234567Z', '2016-05-06T10:30:00.1234567-04:00'],
    ['2016-05-06T14:30:00+02:00', '2016-05-06T08:30:00.0000000-04:00'],
    ['Fri, 06 May 2016 14:30:00 GMT', '2016-05-06T10:30:00.0000000-04:00'],
    ['5/6/2016 9:30 AM', '2016-05-06T09:30:00.0000000'],
    ['5/6/2016 12:05 am', '2016-05-06T00:05:00.0000000'],
    ['5/6/2016 9:30:15 PM', '2016-05-06T21:30:15.0000000'],
    ['5/6/16', '2016-05-06T00:00:00.0000000'],
    ['5/6/76', '1976-05-06T00:00:00.0000000'],
    ['May 6, 2016', '2016-05-06T00:00:00.0000000'],
    ['6 May 2016 10:00', '2016-05-06T10:00:00.0000000'],
    ['Friday, May 6, 2016 9:30:00 AM', '2016-05-06T09:30:00.0000000'],
    ['2016-05-06', '2016-05-06T00:00:00.0000000'],
    ['2016/05/06 23:59', '2016-05-06T23:59:00.0000000'],
    ['9:30 PM', '2026-11-23T21:30:00.0000000'],
    ['2/29/2024', '2024-02-29T00:00:00.0000000'],
  ];
  for (const [text, iso] of rows) it(text, () => assert.equal(DateTime.parse(text, now)?.toJSON(), iso));
  for (const text of [
    '',
    'tomorrow',
    '2/30/2016',
    '13/1/2016',
    '5/6/2016 25:00',
    '5/6/2016 13:00 PM',
    '12',
    '2016-05-06T14:30+20:00',
  ]) {
    it(`refuses '${text}'`, () => assert.equal(DateTime.parse(text, now), null));
  }
});

describe('DateTime', () => {
  const time = DateTime.of({ year: 2016, month: 5, day: 6, hour: 9, minute: 30 });
  it('prints .NET formats', () => {
    assert.equal(time.toString(), '5/6/2016 9:30:00 AM');
    assert.equal(time.toInvariantString(), '05/06/2016 09:30:00');
    assert.equal(time.toString('F'), 'Friday, May 6, 2016 9:30:00 AM');
    assert.equal(time.toString('yyyyMMdd_HHmmss'), '20160506_093000');
    assert.equal(
      time.toString("ddd d MMM yy h:mm:ss.fff tt zzz 'at' \\H %H"),
      'Fri 6 May 16 9:30:00.000 AM -04:00 at H 9',
    );
    assert.equal(time.toUniversalTime().toString('s'), '2016-05-06T13:30:00');
  });
  it('moves between kinds', () => {
    assert.equal(time.toUniversalTime().kind, 'Utc');
    assert.equal(time.toLocalTime().toJSON(), '2016-05-06T05:30:00.0000000-04:00');
    assert.equal(DateTime.fromUtcMilliseconds(1462545000123).toJSON(), '2016-05-06T14:30:00.1230000Z');
    assert.equal(time.toUtcMilliseconds(), Date.UTC(2016, 4, 6, 13, 30));
  });
  it('calculates', () => {
    assert.equal(time.addMonths(-3).addMonths(9).addDays(0.5).toString(), '11/6/2016 9:30:00 PM');
    assert.equal(DateTime.of({ year: 2016, month: 1, day: 31 }).addMonths(1).toString('d'), '2/29/2016');
    assert.equal(DateTime.of({ year: 2016, month: 2, day: 29 }).addYears(1).toString('d'), '2/28/2017');
    assert.equal(time.subtract(time.addDays(-1.25)).toString(), '1.06:00:00');
    assert.equal(time.ticks, 635981238000000000n);
    assert.throws(() => time.addYears(9000), RangeError);
    assert.throws(() => DateTime.of({ year: 2023, month: 2, day: 29 }), RangeError);
  });
  it('survives its own text to the tick', () => {
    const ticks = fc.bigInt({ min: 599266080000000000n, max: DateTime.maxValue.ticks - 10n ** 13n });
    fc.assert(
      fc.property(ticks, (count) => {
        const utc = DateTime.fromTicks(count, 'Utc');
        assert.equal(utc.ticks, count);
        assert.equal(DateTime.parse(utc.toJSON())?.toUniversalTime().ticks, count);
        assert.equal(DateTime.parse(utc.withKind('Unspecified').toJSON())?.ticks, count);
      }),
    );
  });
  it('never fails on any text or format', () => {
    fc.assert(fc.property(fc.string(), (text) => void DateTime.parse(text)));
    fc.assert(fc.property(fc.string(), (text) => typeof time.toString(text) === 'string'));
  });
});

describe('TimeSpan', () => {
  it('reads and prints the constant form', () => {
    for (const text of ['00:00:00', '1.02:03:04', '-00:00:01.5000000', '10.00:00:00', '23:59:59.0000001']) {
      assert.equal(TimeSpan.parse(text)?.toString(), text);
    }
    assert.equal(TimeSpan.parse('2')?.toString(), '2.00:00:00');
    assert.equal(TimeSpan.parse('02:03')?.toString(), '02:03:00');
    for (const text of ['', 'x', '24:00', '1:60', '1.2.3']) assert.equal(TimeSpan.parse(text), null);
  });
  it('has parts and totals', () => {
    const span = TimeSpan.from('hours', 49.5);
    assert.deepEqual([span.days, span.hours, span.minutes, span.total('days')], [2, 1, 30, 2.0625]);
    assert.equal(span.toString("d' days 'hh\\:mm"), '2 days 01:30');
    assert.equal(span.negate().toString('g'), '-2:1:30:00');
  });
});
