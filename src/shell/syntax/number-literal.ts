// Number literals: decimal, hexadecimal, binary, with an exponent, a type suffix and a multiplier (30MB is 31457280).

const NUMBER =
  /(?:(0x[0-9a-f]+|0b[01]+)|((?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:e[+-]?\d+)?))(?:u?[lysn]|u|d)?(kb|mb|gb|tb|pb)?/iy;
const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
  ['tb', 1024 ** 4],
  ['pb', 1024 ** 5],
]);

export interface NumberLiteral {
  readonly value: number;
  readonly end: number;
}

/** The number that starts at the offset; null where none does. Hexadecimal `0xFFFFFFFF` is -1, as in PowerShell. */
export function readNumber(text: string, offset: number): NumberLiteral | null {
  NUMBER.lastIndex = offset;
  const found = NUMBER.exec(text);
  if (!found) return null;
  const [whole, based, decimal, multiplier] = found;
  let value = Number(based ?? decimal);
  if (based !== undefined && /^0x[89a-f][0-9a-f]{7}$/i.test(based)) value -= 2 ** 32;
  value *= MULTIPLIERS.get(multiplier?.toLowerCase() ?? '') ?? 1;
  return { value, end: offset + whole.length };
}

const WHOLE_TEXT = /^\s*([+-]?)\s*(.+?)\s*$/s;

/** A text that is one number and nothing else, as PowerShell converts it; null where it isn't. */
export function parseNumberText(text: string): number | null {
  const found = WHOLE_TEXT.exec(text);
  if (!found) return null;
  const digits = (found[2] ?? '').replace(/(?<=\d),(?=\d{3})/g, '');
  const number = readNumber(digits, 0);
  if (!number || number.end !== digits.length) return null;
  return found[1] === '-' ? -number.value : number.value;
}
