// .NET's date and time format strings, standard (d, G, o, r, s, u …) and custom (yyyy-MM-dd HH:mm:ss.fff zzz), for the
// en-US culture, which is what Exchange administrators' scripts expect. Pure; an unknown specifier is a literal, as in .NET.
import { type CivilTime, MONTHS, toMilliseconds, WEEKDAYS } from './civil-time.ts';

export interface FormattableTime {
  readonly civil: CivilTime;
  readonly kind: 'Utc' | 'Local' | 'Unspecified';
  /** Offset from UTC in milliseconds, for K and z. */
  readonly offset: number;
}

const STANDARD: ReadonlyMap<string, string> = new Map([
  ['d', 'M/d/yyyy'],
  ['D', 'dddd, MMMM d, yyyy'],
  ['f', 'dddd, MMMM d, yyyy h:mm tt'],
  ['F', 'dddd, MMMM d, yyyy h:mm:ss tt'],
  ['g', 'M/d/yyyy h:mm tt'],
  ['G', 'M/d/yyyy h:mm:ss tt'],
  ['m', 'MMMM d'],
  ['M', 'MMMM d'],
  ['o', "yyyy-MM-dd'T'HH:mm:ss.fffffffK"],
  ['O', "yyyy-MM-dd'T'HH:mm:ss.fffffffK"],
  ['r', "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"],
  ['R', "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"],
  ['s', "yyyy'-'MM'-'dd'T'HH':'mm':'ss"],
  ['t', 'h:mm tt'],
  ['T', 'h:mm:ss tt'],
  ['u', "yyyy'-'MM'-'dd HH':'mm':'ss'Z'"],
  ['y', 'MMMM yyyy'],
  ['Y', 'MMMM yyyy'],
]);

const PIECE = /\\(.)|'([^']*)'?|"([^"]*)"?|%(?=[a-zA-Z])|(d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+)/gs;

const pad = (count: number, width: number): string => String(count).padStart(width, '0');

function offsetText(offset: number, width: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const sign = offset < 0 ? '-' : '+';
  const hours = Math.floor(minutes / 60);
  if (width === 1) return `${sign}${hours}`;
  return width === 2 ? `${sign}${pad(hours, 2)}` : `${sign}${pad(hours, 2)}:${pad(minutes % 60, 2)}`;
}

function formatRun(time: FormattableTime, run: string): string {
  const { civil } = time;
  const width = run.length;
  const weekday = (): string => WEEKDAYS[new Date(toMilliseconds(civil)).getUTCDay()] ?? '';
  const month = MONTHS[civil.month - 1] ?? '';
  const fraction = pad(civil.fraction, 7).slice(0, width);
  switch (run[0]) {
    case 'd':
      return width < 3 ? pad(civil.day, width) : width === 3 ? weekday().slice(0, 3) : weekday();
    case 'M':
      return width < 3 ? pad(civil.month, width) : width === 3 ? month.slice(0, 3) : month;
    case 'y':
      return width < 3 ? pad(civil.year % 100, width) : pad(civil.year, width);
    case 'h':
      return pad(civil.hour % 12 || 12, Math.min(width, 2));
    case 'H':
      return pad(civil.hour, Math.min(width, 2));
    case 'm':
      return pad(civil.minute, Math.min(width, 2));
    case 's':
      return pad(civil.second, Math.min(width, 2));
    case 'f':
      return fraction;
    case 'F':
      return fraction.replace(/0+$/, '');
    case 't':
      return (civil.hour < 12 ? 'AM' : 'PM').slice(0, width);
    case 'g':
      return 'A.D.';
    case 'z':
      return offsetText(time.offset, width);
    default:
      return time.kind === 'Utc' ? 'Z' : time.kind === 'Local' ? offsetText(time.offset, 3) : '';
  }
}

/** `U` is left to the caller, who knows how to turn the time into UTC first. */
export function formatDateTime(time: FormattableTime, format: string): string {
  const pattern = STANDARD.get(format) ?? format;
  return pattern.replace(
    PIECE,
    (whole: string, escaped?: string, single?: string, double?: string, run?: string) => {
      if (run !== undefined) return formatRun(time, run);
      return escaped ?? single ?? double ?? (whole === '%' ? '' : whole);
    },
  );
}
