// Regular expressions of transport rules: RE2's syntax, which can't run away (linear time, no backtracking), matched
// without regard to case. Owns how they are compiled, so that what New-TransportRule accepts is what routing runs. The
// engine is loaded with the first expression.
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { invalidValue } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import { textLike } from '#parameters/scalar-types.ts';

/** Exchange allows 128; RE2 stays cheap far beyond. */
const MAX_PATTERN = 1024;

let engine: typeof RE2JS | undefined;

function loadEngine(): typeof RE2JS {
  engine ??= (createRequire(import.meta.url)('re2js') as { readonly RE2JS: typeof RE2JS }).RE2JS;
  return engine;
}

/** Throws the engine's own error for what is no expression. */
export function compilePattern(pattern: string): RE2JS {
  const { CASE_INSENSITIVE } = loadEngine();
  return loadEngine().compile(pattern, CASE_INSENSITIVE);
}

export const patternType: ParameterType<string> = textLike(
  'Pattern',
  (text) => {
    if (text === '')
      throw invalidValue('An empty pattern matches everything. Leave it out, or say what to look for.');
    if (text.length > MAX_PATTERN) {
      throw invalidValue(`The pattern has ${text.length} characters; the maximum is ${MAX_PATTERN}.`);
    }
    try {
      compilePattern(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw invalidValue(
        `"${text.slice(0, 80)}" is not a regular expression that Postern can run: ${why}. Its syntax is RE2's: no look-ahead or look-behind, no back-references.`,
      );
    }
    return text;
  },
  (text) => text,
);
