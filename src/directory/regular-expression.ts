// The type of a transport rule's regular expressions, as a parameter: what rule-pattern.ts compiles.
import { invalidValue } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import { textLike } from '#parameters/scalar-types.ts';
import { compileRulePattern } from './rule-pattern.ts';

export const patternType: ParameterType<string> = textLike(
  'Pattern',
  (text) => {
    try {
      compileRulePattern(text);
    } catch (error) {
      throw invalidValue(error instanceof Error ? error.message : String(error));
    }
    return text;
  },
  (text) => text,
);
