// Type names between brackets: `string`, `System.Net.Mail.MailAddress`, `string[]`, `Collections.Generic.List[string]`.
// Told from attributes by the parenthesis, and from an index by what the name may hold.
import type { ParserState } from './parser-state.ts';

const TYPE_NAME = /\s*([\p{L}_][\w.+`]*)\s*/uy;
const BRACKETS = /\[\s*(,*)\s*\]/y;

/** The name from behind `[` up to the closing bracket, which is not taken; spaces removed. */
export function parseTypeName(parser: ParserState): string {
  const read = readTypeName(parser.text, parser.tokens.position);
  if (!read) throw parser.error('TypeNameExpected', "Missing type name after '['.");
  parser.tokens.position = read.end;
  return read.name;
}

function readTypeName(
  text: string,
  offset: number,
  depth = 0,
): { readonly name: string; readonly end: number } | null {
  if (depth > 20) return null;
  TYPE_NAME.lastIndex = offset;
  const found = TYPE_NAME.exec(text);
  if (!found) return null;
  let name = found[1] ?? '';
  let end = offset + found[0].length;
  while (text[end] === '[') {
    BRACKETS.lastIndex = end;
    const array = BRACKETS.exec(text);
    if (array) {
      name += `[${array[1] ?? ''}]`;
      end += array[0].length;
      continue;
    }
    const generic = readGenericArguments(text, end, depth);
    if (!generic) return null;
    name += generic.name;
    end = generic.end;
  }
  return { name, end };
}

function readGenericArguments(
  text: string,
  open: number,
  depth: number,
): { name: string; end: number } | null {
  const names: string[] = [];
  let end = open;
  do {
    const argument = readTypeName(text, end + 1, depth + 1);
    if (!argument) return null;
    names.push(argument.name);
    end = argument.end;
    while (/\s/.test(text[end] ?? '')) end++;
  } while (text[end] === ',');
  return text[end] === ']' ? { name: `[${names.join(',')}]`, end: end + 1 } : null;
}

/** At `[`: a type literal such as `[string[]]`, as opposed to anything else in brackets. */
export function startsType(parser: ParserState): boolean {
  const { start } = parser.peek();
  const read = readTypeName(parser.text, start + 1);
  return read !== null && parser.text[read.end] === ']';
}

/** At `[`: `[Name(`. */
export function startsAttribute(parser: ParserState): boolean {
  const { start } = parser.peek();
  const read = readTypeName(parser.text, start + 1);
  return read !== null && parser.text[read.end] === '(';
}
