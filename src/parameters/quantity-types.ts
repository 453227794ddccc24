// Sizes, lengths of time, and limits that may be Unlimited, as Exchange writes them: "35 MB", "00:15:00", Unlimited.
import { cannotConvert, defineType, invalidValue, single, textOf } from './parameter-type.ts';
import type { ParameterType } from './parameter-type.ts';
import { TimeSpan } from './time-span.ts';
import { groupedDigits } from './grouped-digits.ts';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
const SIZE = /^\s*(\d{1,13}(?:\.\d{1,3})?)\s*(B|KB|MB|GB|TB)?\s*(?:\(\s*[\d,]{1,20}\s*bytes\s*\))?\s*$/i;
const EXACT_SIZE = /\(\s*([\d,]{1,20})\s*bytes\s*\)\s*$/i;

/** Octets. Reads `150 MB`, `1.5GB`, `36,700,160`, a number, and what it prints: `150 MB (157,286,400 bytes)`. */
export function byteSize(minimum = 0, maximum: number = 2 ** 50): ParameterType<number> {
  return defineType({
    name: 'ByteQuantifiedSize',
    schema: { type: ['string', 'integer'], examples: ['150 MB'] },
    read: (value) => {
      const octets = readOctets(textOf(single(value)) ?? '');
      if (octets === null) {
        throw cannotConvert(
          value,
          'ByteQuantifiedSize',
          'Give a number with a unit (B, KB, MB, GB, TB): "150 MB".',
        );
      }
      if (octets < minimum || octets > maximum) {
        const limits = `${printOctets(minimum)} to ${printOctets(maximum)}`;
        throw invalidValue(`The value ${printOctets(octets)} is outside the allowed range of ${limits}.`);
      }
      return octets;
    },
    print: printOctets,
  });
}

function readOctets(text: string): number | null {
  const exact = EXACT_SIZE.exec(text)?.[1];
  if (exact !== undefined) return Number(exact.replaceAll(',', ''));
  const [, amount, unit = 'B'] = SIZE.exec(text.replaceAll(',', '')) ?? [];
  if (amount === undefined) return null;
  const power = UNITS.findIndex((name) => name === unit.toUpperCase());
  return Math.round(Number(amount) * 1024 ** power);
}

function printOctets(octets: number): string {
  const power = octets < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(octets) / 10));
  const amount = Number((octets / 1024 ** power).toPrecision(4));
  return `${amount} ${UNITS[power]} (${groupedDigits(octets)} bytes)`;
}

/** Milliseconds. Reads `00:15:00`, `1.00:00:00`, a TimeSpan; a bare number would be days in .NET and is refused. */
export function timeSpan(minimum: number, maximum: number): ParameterType<number> {
  return defineType({
    name: 'EnhancedTimeSpan',
    schema: { type: 'string', examples: ['00:15:00', '1.00:00:00'] },
    read: (value) => {
      const one = single(value);
      const span =
        one instanceof TimeSpan
          ? one
          : typeof one === 'string' && one.includes(':')
            ? TimeSpan.parse(one)
            : null;
      if (span === null) {
        throw cannotConvert(
          value,
          'EnhancedTimeSpan',
          'Give days.hours:minutes:seconds: "00:15:00", "1.00:00:00".',
        );
      }
      const milliseconds = span.totalMilliseconds;
      if (milliseconds < minimum || milliseconds > maximum) {
        const limits = `${printSpan(minimum)} to ${printSpan(maximum)}`;
        throw invalidValue(`The value ${printSpan(milliseconds)} is outside the allowed range of ${limits}.`);
      }
      return milliseconds;
    },
    print: (milliseconds) => TimeSpan.from('milliseconds', milliseconds),
  });
}

function printSpan(milliseconds: number): string {
  return TimeSpan.from('milliseconds', milliseconds).toString();
}

/** A limit that may be `Unlimited`. */
export function unlimited<T>(type: ParameterType<T>): ParameterType<T | 'Unlimited'> {
  return defineType<T | 'Unlimited'>({
    ...type,
    name: `Unlimited<${type.name}>`,
    schema: { anyOf: [type.schema, { const: 'Unlimited' }] },
    read: (value) => {
      const text = textOf(single(value));
      return text?.trim().toLowerCase() === 'unlimited' ? 'Unlimited' : type.read(value);
    },
    print: (value) => (value === 'Unlimited' ? 'Unlimited' : type.print(value)),
  });
}
