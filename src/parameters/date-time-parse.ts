// Reads a date and time as .NET's DateTime.Parse does for the invariant and en-US cultures: ISO 8601, `5/6/2016 9:30 AM`,
// `May 6, 2016`, `Fri, 06 May 2016 14:30:00 GMT`, `9:30 PM`. Month before day. Pure: today's date is an argument.
// Anything else is null; nothing is guessed.
import { type CivilTime, isValidCivilTime, MONTHS, WEEKDAYS } from './civil-time.ts';

export interface ParsedTime {
  readonly civil: CivilTime;
  /** Minutes east of UTC where the text says so; null where it doesn't. */
  readonly offsetMinutes: number | null;
}

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: number;
}

const LONGEST = 80;
const MIDNIGHT: Clock = { hour: 0, minute: 0, second: 0, fraction: 0 };
const ZONE = /(?:\s*(Z|GMT|UTC)|\s*([+-])(\d{1,2}):?(\d{2})?)$/i;
const CLOCK = /(?:^|[\sT,])(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?\s*([AP]\.?M?\.?)?$/i;
const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$/;
const MONTH_FIRST = /^(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{1,4}))?$/;
const DAY_NAME_FIRST = /^(\d{1,2})[\s-]+([a-z]{3,9})\.?,?(?:[\s-]+(\d{1,4}))?$/i;
const NAME_FIRST = /^([a-z]{3,9})\.?\s+(\d{1,2})(?:,?\s+(\d{4}))?$/i;
const NAME_AND_YEAR = /^([a-z]{3,9})\.?,?\s+(\d{4})$/i;
const WEEKDAY = /^([a-z]{3,9})\.?(?:,\s*|\s+)(?=\S)/i;

/** .NET reads two digits as a year up to 2049. */
function fullYear(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 50 ? 2000 : 1900);
}

function monthNumber(name: string): number {
  const wanted = name.toLowerCase();
  return (
    1 +
    MONTHS.findIndex((month) => month.toLowerCase() === wanted || month.slice(0, 3).toLowerCase() === wanted)
  );
}

function isWeekday(name: string): boolean {
  const wanted = name.toLowerCase();
  return WEEKDAYS.some((day) => day.toLowerCase() === wanted || day.slice(0, 3).toLowerCase() === wanted);
}

function readDate(text: string, today: CivilTime): readonly [number, number, number] | null {
  const bare = text.trim().replace(/,$/, '');
  if (bare === '') return [today.year, today.month, today.day];
  let found = YEAR_FIRST.exec(bare);
  if (found) return [Number(found[1]), Number(found[2]), Number(found[3] ?? 1)];
  found = MONTH_FIRST.exec(bare);
  if (found)
    return [found[3] === undefined ? today.year : fullYear(found[3]), Number(found[1]), Number(found[2])];
  found = DAY_NAME_FIRST.exec(bare);
  if (found)
    return [
      found[3] === undefined ? today.year : fullYear(found[3]),
      monthNumber(found[2] ?? ''),
      Number(found[1]),
    ];
  found = NAME_FIRST.exec(bare);
  if (found)
    return [
      found[3] === undefined ? today.year : Number(found[3]),
      monthNumber(found[1] ?? ''),
      Number(found[2]),
    ];
  found = NAME_AND_YEAR.exec(bare);
  return found ? [Number(found[2]), monthNumber(found[1] ?? ''), 1] : null;
}

function readClock(found: RegExpExecArray): Clock | null {
  const [, hourText = '0', minute, second, digits, half] = found;
  let hour = Number(hourText);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half[0]?.toUpperCase() === 'P' ? 12 : 0);
  }
  const fraction = digits === undefined ? 0 : Math.round(Number(`0.${digits}`) * 1e7);
  return { hour, minute: Number(minute ?? 0), second: Number(second ?? 0), fraction };
}

/** The text's parts; null where it is no date or time, or names a day that doesn't exist. */
export function parseDateTime(text: string, today: CivilTime): ParsedTime | null {
  let rest = text.trim();
  if (rest === '' || rest.length > LONGEST) return null;
  const weekday = WEEKDAY.exec(rest);
  if (weekday && isWeekday(weekday[1] ?? '')) rest = rest.slice(weekday[0].length);
  let offsetMinutes: number | null = null;
  const zone = ZONE.exec(rest);
  if (zone && (rest.includes(':') || zone[1] !== undefined)) {
    rest = rest.slice(0, zone.index);
    offsetMinutes = zone[1] === undefined ? Number(zone[3]) * 60 + Number(zone[4] ?? 0) : 0;
    if (zone[2] === '-') offsetMinutes = -offsetMinutes;
    if (Math.abs(offsetMinutes) > 14 * 60) return null;
  }
  let clock = MIDNIGHT;
  const time = CLOCK.exec(rest);
  if (time && (time[2] !== undefined || time[5] !== undefined)) {
    const read = readClock(time);
    if (!read) return null;
    clock = read;
    rest = rest.slice(0, time.index);
  }
  const date = readDate(rest, today);
  if (!date) return null;
  const civil = { year: date[0], month: date[1], day: date[2], ...clock };
  return isValidCivilTime(civil) ? { civil, offsetMinutes } : null;
}
