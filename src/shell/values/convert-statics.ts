// [convert] and [Text.Encoding]: numbers in other bases, Base64, bytes and text.
import type { Value } from '#parameters/value.ts';
import { itemsOf } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import { ShellObject } from './shell-object.ts';
import { toText } from './text.ts';
import { roundHalfEven, toNumber } from './to-number.ts';
import { isTrue } from './truth.ts';

type ConvertMethod = (args: readonly Value[]) => Value;

const value = (argument: Value | undefined): Value => argument ?? null;

function integer([argument, base]: readonly Value[]): Value {
  if (base === undefined) return roundHalfEven(toNumber(value(argument)));
  const parsed = Number.parseInt(toText(value(argument)).replace(/^0x/i, ''), toNumber(base));
  if (Number.isNaN(parsed))
    throw new ScriptError('Could not find any recognizable digits.', {
      errorId: 'FormatException',
      exception: 'System.FormatException',
    });
  return parsed;
}

function bytesOf(argument: Value | undefined): Uint8Array {
  return Uint8Array.from(itemsOf(value(argument)), (item) => toNumber(item));
}

export const convertStatics: Readonly<Record<string, ConvertMethod>> = {
  ToInt32: integer,
  ToInt64: integer,
  ToDouble: ([argument]) => toNumber(value(argument), 'System.Double'),
  ToBoolean: ([argument]) =>
    typeof argument === 'string' ? /^true$/i.test(argument.trim()) : isTrue(argument),
  ToString: ([argument, base]) =>
    typeof argument === 'number' && typeof base === 'number'
      ? argument.toString(base)
      : toText(value(argument)),
  ToBase64String: ([argument]) => Buffer.from(bytesOf(argument)).toString('base64'),
  FromBase64String: ([argument]) => [...Buffer.from(toText(value(argument)), 'base64')],
};

/** `[Text.Encoding]::UTF8` and its like. */
export class EncodingValue extends ShellObject {
  readonly opaque = 'Encoding';
  readonly #name: BufferEncoding;
  constructor(name: BufferEncoding) {
    super();
    this.#name = name;
  }
  override call(key: string, [argument]: readonly Value[]): Value | undefined {
    if (key === 'getbytes') return [...Buffer.from(toText(value(argument)), this.#name)];
    if (key === 'getstring') return Buffer.from(bytesOf(argument)).toString(this.#name);
    return undefined;
  }
}
