// `[regex]'…'` as a value, and what its Match method gives back.
import type { Opaque, Value } from '#parameters/value.ts';
import { PsObject } from '#parameters/value.ts';
import type { CompiledRegex, RegexEngine, RegexMatch } from './regex.ts';

export class RegexValue implements Opaque {
  readonly opaque = 'Regex';
  readonly pattern: string;
  readonly compiled: CompiledRegex;
  constructor(pattern: string, ignoreCase: boolean, engine: RegexEngine) {
    this.pattern = pattern;
    this.compiled = engine.compile(pattern, ignoreCase);
  }
  toString(): string {
    return this.pattern;
  }
}

function group(success: boolean, value: string, index: number, name: string): PsObject {
  return new PsObject('System.Text.RegularExpressions.Group', [
    ['Success', success],
    ['Name', name],
    ['Index', Math.max(index, 0)],
    ['Length', value.length],
    ['Value', value],
  ]);
}

/** A Match with its groups; without a match, one whose Success is false. */
export function matchObject(match: RegexMatch | null): PsObject {
  const groups: Value[] = (match?.groups ?? []).map((item) =>
    group(item.success, item.value, item.index, item.name),
  );
  return new PsObject('System.Text.RegularExpressions.Match', [
    ['Groups', groups],
    ['Success', match !== null],
    ['Name', '0'],
    ['Index', match?.index ?? 0],
    ['Length', match?.value.length ?? 0],
    ['Value', match?.value ?? ''],
  ]);
}
