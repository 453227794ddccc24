// Parse and TryParse, which many types have as static methods.
import type { Value } from '#parameters/value.ts';
import { Reference } from './object-values.ts';
import { ScriptError } from './script-error.ts';
import type { Surroundings } from './surroundings.ts';
import { toText } from './text.ts';
import { findType } from './type-definition.ts';

export type StaticMethod = (args: readonly Value[], surroundings: Surroundings) => Value;
export type Statics = Readonly<Record<string, StaticMethod>>;

const text = (value: Value | undefined): string => toText(value ?? null);

/** `TryParse($text, [ref]$result)`: no error, but an answer. */
function tryParse(typeName: string): StaticMethod {
  return (args, surroundings) => {
    const target = args.at(-1);
    try {
      const value = args[0] ?? null;
      if (value === null || text(value).trim() === '') return false;
      const parsed = findType(typeName).convert(text(value), surroundings);
      if (target instanceof Reference) target.value = parsed;
      return true;
    } catch (error) {
      if (error instanceof ScriptError) return false;
      throw error;
    }
  };
}
function parse(typeName: string): StaticMethod {
  return ([value], surroundings) => {
    const problem = (): ScriptError =>
      new ScriptError(
        typeName === 'datetime'
          ? `String '${text(value)}' was not recognized as a valid DateTime.`
          : `The input string '${text(value)}' was not in a correct format.`,
        { errorId: 'FormatException', exception: 'System.FormatException' },
      );
    if (text(value).trim() === '') throw problem();
    try {
      return findType(typeName).convert(text(value), surroundings);
    } catch (error) {
      if (error instanceof ScriptError) throw problem();
      throw error;
    }
  };
}
/** The two, for the type of that name. */
export const parsing = (typeName: string): Statics => ({
  Parse: parse(typeName),
  TryParse: tryParse(typeName),
});
