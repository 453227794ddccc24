// A length of time, as .NET's TimeSpan: ticks of 100 ns, printed `[-][d.]hh:mm:ss[.fffffff]`. Immutable.
// Ticks are a JavaScript number: exact up to 28 years, which no setting of a mail gateway comes near.

const TICKS_PER_MILLISECOND = 10_000;
const UNITS = {
  days: 864e9,
  hours: 36e9,
  minutes: 6e8,
  seconds: 1e7,
  milliseconds: TICKS_PER_MILLISECOND,
} as const;

const CONSTANT_FORM =
  /^\s*(-)?(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?\s*$|^\s*(-)?(\d{1,8})\s*$/;

export class TimeSpan {
  /** Marks the value as the shell's own for code that handles `Value`. */
  readonly opaque = 'TimeSpan';
  readonly ticks: number;

  constructor(ticks: number) {
    this.ticks = Math.round(ticks);
  }

  static readonly zero = new TimeSpan(0);

  static from(unit: keyof typeof UNITS, count: number): TimeSpan {
    return new TimeSpan(count * UNITS[unit]);
  }

  /** `1.02:03:04.5`, `02:03`, or a bare number of days; null where the text is none of these. */
  static parse(text: string): TimeSpan | null {
    const found = CONSTANT_FORM.exec(text);
    if (!found) return null;
    const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '', daySign, dayCount] =
      found;
    if (dayCount !== undefined) return new TimeSpan((daySign ? -1 : 1) * Number(dayCount) * UNITS.days);
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const whole =
      Number(days) * UNITS.days +
      Number(hours) * UNITS.hours +
      Number(minutes) * UNITS.minutes +
      Number(seconds) * UNITS.seconds;
    return new TimeSpan((sign ? -1 : 1) * (whole + Number(fraction.padEnd(7, '0'))));
  }

  get days(): number {
    return Math.trunc(this.ticks / UNITS.days);
  }
  get hours(): number {
    return Math.trunc(this.ticks / UNITS.hours) % 24;
  }
  get minutes(): number {
    return Math.trunc(this.ticks / UNITS.minutes) % 60;
  }
  get seconds(): number {
    return Math.trunc(this.ticks / UNITS.seconds) % 60;
  }
  get milliseconds(): number {
    return Math.trunc(this.ticks / UNITS.milliseconds) % 1000;
  }
  /** The whole length in one unit, with its fraction. */
  total(unit: keyof typeof UNITS): number {
    return this.ticks / UNITS[unit];
  }
  get totalMilliseconds(): number {
    return this.total('milliseconds');
  }

  add(other: TimeSpan): TimeSpan {
    return new TimeSpan(this.ticks + other.ticks);
  }
  subtract(other: TimeSpan): TimeSpan {
    return new TimeSpan(this.ticks - other.ticks);
  }
  negate(): TimeSpan {
    return new TimeSpan(-this.ticks);
  }
  duration(): TimeSpan {
    return new TimeSpan(Math.abs(this.ticks));
  }
  compareTo(other: TimeSpan): number {
    return Math.sign(this.ticks - other.ticks);
  }
  equals(other: TimeSpan): boolean {
    return this.ticks === other.ticks;
  }

  /** .NET's constant form; with a format, its custom specifiers d h m s f F and literals (`hh\:mm`), or c g G. */
  toString(format = 'c'): string {
    const form = format === '' || format === 't' || format === 'T' ? 'c' : format;
    if (form === 'c' || form === 'g' || form === 'G') return this.#standard(form);
    return this.#custom(form);
  }

  #standard(form: 'c' | 'g' | 'G'): string {
    const two = (count: number): string => String(Math.abs(count)).padStart(2, '0');
    const days = Math.abs(this.days);
    const fraction = Math.abs(this.ticks % UNITS.seconds);
    const digits = String(fraction).padStart(7, '0');
    const sign = this.ticks < 0 ? '-' : '';
    const rest = `:${two(this.minutes)}:${two(this.seconds)}`;
    if (form === 'G') return `${sign}${days}:${two(this.hours)}${rest}.${digits}`;
    const hours = form === 'g' ? String(Math.abs(this.hours)) : two(this.hours);
    const tail = fraction === 0 ? '' : `.${form === 'g' ? digits.replace(/0+$/, '') : digits}`;
    return `${sign}${days > 0 ? `${days}${form === 'g' ? ':' : '.'}` : ''}${hours}${rest}${tail}`;
  }

  #custom(format: string): string {
    const digits = String(Math.abs(this.ticks % UNITS.seconds)).padStart(7, '0');
    return format.replace(
      /\\(.)|'([^']*)'|"([^"]*)"|%?(d+|h+|m+|s+|f+|F+)/g,
      (whole: string, escaped?: string, single?: string, double?: string, letters = '') => {
        const literal = escaped ?? single ?? double;
        if (literal !== undefined) return literal;
        if (letters[0] === 'f') return digits.slice(0, letters.length);
        if (letters[0] === 'F') return digits.slice(0, letters.length).replace(/0+$/, '');
        const parts = new Map([
          ['d', this.days],
          ['h', this.hours],
          ['m', this.minutes],
          ['s', this.seconds],
        ]);
        const part = parts.get(letters.charAt(0));
        return part === undefined ? whole : String(Math.abs(part)).padStart(letters.length, '0');
      },
    );
  }

  toJSON(): string {
    return this.toString();
  }
}
