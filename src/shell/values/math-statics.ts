// [math]: functions and constants.
import type { Value } from '#parameters/value.ts';
import { roundHalfEven, toNumber } from './to-number.ts';
import { toText } from './text.ts';

type MathMethod = (args: readonly Value[]) => Value;

const number = (value: Value | undefined): number => toNumber(value ?? 0, 'System.Double');
const one =
  (calculate: (value: number) => number): MathMethod =>
  ([value]) =>
    calculate(number(value));

/** `[math]::Round(2.5)` is 2: half to even unless AwayFromZero is asked for. */
function round(args: readonly Value[]): Value {
  const value = number(args[0]);
  const away = args.some((argument) => /^awayfromzero$/i.test(toText(argument)));
  const digits = typeof args[1] === 'number' ? args[1] : 0;
  const scale = 10 ** Math.min(Math.max(digits, 0), 15);
  const scaled = Number((value * scale).toPrecision(15));
  const rounded = away ? Math.sign(scaled) * Math.round(Math.abs(scaled)) : roundHalfEven(scaled);
  return rounded / scale === 0 ? 0 : rounded / scale;
}

export const mathStatics: Readonly<Record<string, MathMethod>> = {
  Abs: one(Math.abs),
  Ceiling: one((value) => Math.ceil(value) + 0),
  Floor: one(Math.floor),
  Truncate: one((value) => Math.trunc(value) + 0),
  Round: round,
  Max: ([left, right]) => Math.max(number(left), number(right)),
  Min: ([left, right]) => Math.min(number(left), number(right)),
  Pow: ([base, exponent]) => number(base) ** number(exponent),
  Sqrt: one(Math.sqrt),
  Sign: one(Math.sign),
  Log: ([value, base]) =>
    base === undefined ? Math.log(number(value)) : Math.log(number(value)) / Math.log(number(base)),
  Log10: one(Math.log10),
  Exp: one(Math.exp),
  Sin: one(Math.sin),
  Cos: one(Math.cos),
  Tan: one(Math.tan),
};

export const mathFields: Readonly<Record<string, () => Value>> = { PI: () => Math.PI, E: () => Math.E };
