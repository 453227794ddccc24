// The clock reading behind a DateTime: year to second and the ticks (100 ns) below it, without a time zone.
// Pure conversions between fields and milliseconds; the proleptic Gregorian calendar from year 1 to 9999, as .NET's.

export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Ticks of 100 ns within the second. */
  readonly fraction: number;
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

/** Milliseconds of 0001-01-01 and of the last millisecond of 9999, on the scale where 1970-01-01 is 0. */
export const FIRST_MILLISECOND = -62_135_596_800_000;
export const LAST_MILLISECOND = 253_402_300_799_999;

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isValidCivilTime(time: CivilTime): boolean {
  return (
    time.year >= 1 &&
    time.year <= 9999 &&
    time.month >= 1 &&
    time.month <= 12 &&
    time.day >= 1 &&
    time.day <= daysInMonth(time.year, time.month) &&
    time.hour >= 0 &&
    time.hour <= 23 &&
    time.minute >= 0 &&
    time.minute <= 59 &&
    time.second >= 0 &&
    time.second <= 59
  );
}

/** Milliseconds since 1970-01-01 of the reading, as though it were UTC; the ticks below the millisecond are left off. */
export function toMilliseconds(time: CivilTime): number {
  const date = new Date(0);
  date.setUTCFullYear(time.year, time.month - 1, time.day);
  date.setUTCHours(time.hour, time.minute, time.second, Math.floor(time.fraction / 10_000));
  return date.getTime();
}

export function toCivilTime(milliseconds: number, ticksBelow: number): CivilTime {
  const date = new Date(milliseconds);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    fraction: date.getUTCMilliseconds() * 10_000 + ticksBelow,
  };
}

/** What to add to UTC to get the process's local time at the instant, in milliseconds. */
export function offsetAtUtc(utcMilliseconds: number): number {
  return -new Date(utcMilliseconds).getTimezoneOffset() * 60_000;
}

/** The same for a local clock reading; in the gap or overlap of a change of clocks, as the host's Date resolves it. */
export function offsetAtLocal(clockMilliseconds: number): number {
  const clock = new Date(clockMilliseconds);
  const local = new Date(2000, 0, 1, clock.getUTCHours(), clock.getUTCMinutes(), clock.getUTCSeconds());
  local.setFullYear(clock.getUTCFullYear(), clock.getUTCMonth(), clock.getUTCDate());
  local.setHours(
    clock.getUTCHours(),
    clock.getUTCMinutes(),
    clock.getUTCSeconds(),
    clock.getUTCMilliseconds(),
  );
  return -local.getTimezoneOffset() * 60_000;
}
