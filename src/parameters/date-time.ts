// A date and time as .NET's DateTime: a clock reading in ticks of 100 ns with a Kind (Utc, Local, Unspecified), from year 1
// to 9999. Immutable. The local time zone is the process's. Comparison and subtraction look at clock readings alone and
// not at Kind, as .NET does; convert first.
import {
  type CivilTime,
  daysInMonth,
  FIRST_MILLISECOND,
  isValidCivilTime,
  LAST_MILLISECOND,
  offsetAtLocal,
  offsetAtUtc,
  toCivilTime,
  toMilliseconds,
  WEEKDAYS,
} from './civil-time.ts';
import { formatDateTime } from './date-time-format.ts';
import { parseDateTime } from './date-time-parse.ts';
import { TimeSpan } from './time-span.ts';

export type DateTimeKind = 'Utc' | 'Local' | 'Unspecified';

const TICKS_PER_MILLISECOND = 10_000;

export class DateTime {
  readonly kind: DateTimeKind;
  /** The clock reading in milliseconds, as though it were UTC, and the ticks below the millisecond. */
  readonly #milliseconds: number;
  readonly #ticksBelow: number;
  #civil: CivilTime | null = null;

  private constructor(milliseconds: number, ticksBelow: number, kind: DateTimeKind) {
    if (!(milliseconds >= FIRST_MILLISECOND && milliseconds <= LAST_MILLISECOND)) {
      throw new RangeError('The time is outside the years 1 to 9999.');
    }
    this.#milliseconds = milliseconds;
    this.#ticksBelow = ticksBelow;
    this.kind = kind;
  }

  static readonly minValue = new DateTime(FIRST_MILLISECOND, 0, 'Unspecified');
  static readonly maxValue = new DateTime(LAST_MILLISECOND, 9999, 'Unspecified');

  /** Milliseconds since 1970-01-01T00:00Z, as Date.now() gives; a fraction is kept to 100 ns. */
  static fromUtcMilliseconds(milliseconds: number): DateTime {
    const whole = Math.floor(milliseconds);
    const ticks = Math.min(9999, Math.round((milliseconds - whole) * TICKS_PER_MILLISECOND));
    return new DateTime(whole, ticks, 'Utc');
  }

  /** Throws RangeError where no such day or hour exists. */
  static of(parts: Partial<CivilTime> & { year: number }, kind: DateTimeKind = 'Unspecified'): DateTime {
    const civil = { month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0, ...parts };
    if (!isValidCivilTime(civil)) {
      throw new RangeError('Year, Month, and Day parameters describe an un-representable DateTime.');
    }
    return new DateTime(toMilliseconds(civil), civil.fraction % TICKS_PER_MILLISECOND, kind);
  }

  /** Ticks since year 1, as .NET counts them. */
  static fromTicks(ticks: bigint, kind: DateTimeKind = 'Unspecified'): DateTime {
    const perMillisecond = BigInt(TICKS_PER_MILLISECOND);
    return new DateTime(
      Number(ticks / perMillisecond) + FIRST_MILLISECOND,
      Number(ticks % perMillisecond),
      kind,
    );
  }

  /**
   * Reads text as .NET does for en-US: with a zone (`Z`, `+02:00`, `GMT`) the result is Local, else Unspecified.
   * Null where the text is no date. `now` gives the day for a text that holds only a time.
   */
  static parse(text: string, now: number = Date.now()): DateTime | null {
    const parsed = parseDateTime(text, toCivilTime(now + offsetAtUtc(now), 0));
    if (!parsed) return null;
    const clock = toMilliseconds(parsed.civil);
    const ticks = parsed.civil.fraction % TICKS_PER_MILLISECOND;
    if (parsed.offsetMinutes === null) return new DateTime(clock, ticks, 'Unspecified');
    const utc = clock - parsed.offsetMinutes * 60_000;
    if (utc < FIRST_MILLISECOND || utc > LAST_MILLISECOND) return null;
    return new DateTime(utc, ticks, 'Utc').toLocalTime();
  }

  get civil(): CivilTime {
    this.#civil ??= toCivilTime(this.#milliseconds, this.#ticksBelow);
    return this.#civil;
  }
  get dayOfWeek(): (typeof WEEKDAYS)[number] {
    return WEEKDAYS[new Date(this.#milliseconds).getUTCDay()] ?? 'Sunday';
  }
  get dayOfYear(): number {
    return (
      1 + Math.floor((this.#milliseconds - toMilliseconds({ ...this.civil, month: 1, day: 1 })) / 86_400_000)
    );
  }
  get ticks(): bigint {
    const perMillisecond = BigInt(TICKS_PER_MILLISECOND);
    return BigInt(this.#milliseconds - FIRST_MILLISECOND) * perMillisecond + BigInt(this.#ticksBelow);
  }
  get date(): DateTime {
    return new DateTime(Math.floor(this.#milliseconds / 86_400_000) * 86_400_000, 0, this.kind);
  }
  get timeOfDay(): TimeSpan {
    return this.subtract(this.date);
  }

  /** The instant; an Unspecified reading counts as local, as .NET's ToUniversalTime has it. */
  toUtcMilliseconds(): number {
    return this.kind === 'Utc' ? this.#milliseconds : this.#milliseconds - offsetAtLocal(this.#milliseconds);
  }
  toUniversalTime(): DateTime {
    return this.kind === 'Utc'
      ? this
      : new DateTime(this.#clamp(this.toUtcMilliseconds()), this.#ticksBelow, 'Utc');
  }
  /** An Unspecified reading counts as UTC, as .NET's ToLocalTime has it. */
  toLocalTime(): DateTime {
    if (this.kind === 'Local') return this;
    return new DateTime(
      this.#clamp(this.#milliseconds + offsetAtUtc(this.#milliseconds)),
      this.#ticksBelow,
      'Local',
    );
  }
  #clamp(milliseconds: number): number {
    return Math.min(LAST_MILLISECOND, Math.max(FIRST_MILLISECOND, milliseconds));
  }
  /** The same clock reading under another Kind. */
  withKind(kind: DateTimeKind): DateTime {
    return new DateTime(this.#milliseconds, this.#ticksBelow, kind);
  }

  addTicks(ticks: number): DateTime {
    const sum = this.#ticksBelow + Math.round(ticks);
    const carry = Math.floor(sum / TICKS_PER_MILLISECOND);
    return new DateTime(this.#milliseconds + carry, sum - carry * TICKS_PER_MILLISECOND, this.kind);
  }
  add(span: TimeSpan): DateTime {
    return this.addTicks(span.ticks);
  }
  addMilliseconds(count: number): DateTime {
    const whole = Math.trunc(count);
    return new DateTime(this.#milliseconds + whole, this.#ticksBelow, this.kind).addTicks(
      (count - whole) * 1e4,
    );
  }
  addSeconds(count: number): DateTime {
    return this.addMilliseconds(count * 1000);
  }
  addMinutes(count: number): DateTime {
    return this.addMilliseconds(count * 60_000);
  }
  addHours(count: number): DateTime {
    return this.addMilliseconds(count * 3_600_000);
  }
  addDays(count: number): DateTime {
    return this.addMilliseconds(count * 86_400_000);
  }
  /** The 31st becomes the last day of a shorter month. */
  addMonths(count: number): DateTime {
    const months = this.civil.year * 12 + this.civil.month - 1 + Math.trunc(count);
    const year = Math.floor(months / 12);
    const month = (months % 12) + 1;
    if (year < 1 || year > 9999) throw new RangeError('The time is outside the years 1 to 9999.');
    const day = Math.min(this.civil.day, daysInMonth(year, month));
    return DateTime.of({ ...this.civil, year, month, day }, this.kind);
  }
  addYears(count: number): DateTime {
    return this.addMonths(Math.trunc(count) * 12);
  }

  subtract(other: DateTime): TimeSpan {
    const milliseconds = this.#milliseconds - other.#milliseconds;
    return new TimeSpan(milliseconds * TICKS_PER_MILLISECOND + this.#ticksBelow - other.#ticksBelow);
  }
  compareTo(other: DateTime): number {
    return (
      Math.sign(this.#milliseconds - other.#milliseconds) || Math.sign(this.#ticksBelow - other.#ticksBelow)
    );
  }
  equals(other: DateTime): boolean {
    return this.compareTo(other) === 0;
  }

  /** .NET's standard and custom format strings for en-US; without one, `5/6/2016 9:30:00 AM`. */
  toString(format = 'G'): string {
    if (format === 'U') return this.toUniversalTime().toString('F');
    const offset = this.kind === 'Utc' ? 0 : offsetAtLocal(this.#milliseconds);
    return formatDateTime({ civil: this.civil, kind: this.kind, offset }, format === '' ? 'G' : format);
  }
  /** `05/06/2016 09:30:00`: what PowerShell puts into a string. */
  toInvariantString(): string {
    return this.toString('MM/dd/yyyy HH:mm:ss');
  }
  /** ISO 8601 with seven decimals; `Z` or the offset where the Kind says which. */
  toJSON(): string {
    return this.toString('o');
  }
}
