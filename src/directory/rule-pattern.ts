// How regular expressions of transport rules are compiled: RE2's syntax, which can't run away (linear time, no
// backtracking), without regard to case, and small once compiled. One place, so that what New-TransportRule accepts is
// what routing runs. The engine is loaded with the first expression.
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** Exchange allows 128; RE2 stays cheap far beyond. */
const MAX_PATTERN = 1024;
/** Instructions, with counted repetitions written out: bounds memory and the cost of each character of text. */
const MAX_PROGRAM = 10_000;

let engine: typeof RE2JS | undefined;

function loadEngine(): typeof RE2JS {
  if (engine === undefined) {
    const loaded: { readonly RE2JS: typeof RE2JS } = createRequire(import.meta.url)('re2js');
    engine = loaded.RE2JS;
  }
  return engine;
}

/** Throws a RangeError that says what is wrong with the pattern, and the cure. */
export function compileRulePattern(pattern: string): RE2JS {
  const shown = JSON.stringify(pattern.slice(0, 80));
  if (pattern === '') {
    throw new RangeError('An empty pattern matches everything. Leave it out, or say what to look for.');
  }
  if (pattern.length > MAX_PATTERN) {
    throw new RangeError(`The pattern has ${pattern.length} characters; the maximum is ${MAX_PATTERN}.`);
  }
  const compiled = compile(pattern, shown);
  if (compiled.programSize() > MAX_PROGRAM) {
    throw new RangeError(`${shown} is too large once its repetitions are written out. Use smaller counts.`);
  }
  return compiled;
}

function compile(pattern: string, shown: string): RE2JS {
  const re2 = loadEngine();
  try {
    return re2.compile(pattern, re2.CASE_INSENSITIVE);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error);
    throw new RangeError(
      `${shown} is not a regular expression that Postern can run: ${why}. Its syntax is RE2's: no look-ahead or look-behind, no back-references.`,
      { cause: error },
    );
  }
}
