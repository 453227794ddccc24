// The -Filter language of Exchange's cmdlets (OPATH): comparisons of properties, joined by -and, -or, -not and brackets:
// "Status -eq 'Retry' -and FromAddress -like '*@contoso.com'". Reads text into a predicate over objects; the text is
// bounded in length and depth, and matching is linear. Knows no object: unknown properties are refused by name.
import { DateTime } from './date-time.ts';
import { invalidValue, textOf } from './parameter-type.ts';
import type { PsObject, Value } from './value.ts';

export type Predicate = (object: PsObject) => boolean;

const MAX_LENGTH = 8192;
const MAX_DEPTH = 50;
const TOKEN = /\s*(?:(\(|\))|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|-([A-Za-z]+)(?![\w.])|([^\s()'"]+))/y;

type Token =
  | { readonly kind: 'bracket'; readonly text: string }
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'quoted'; readonly text: string };

const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'like', 'notlike'];

/**
 * @param properties the names that may be compared
 * @throws ConversionProblem that says where the text is wrong
 */
export function parseOpathFilter(text: string, properties: readonly string[]): Predicate {
  if (text.length > MAX_LENGTH) throw invalidValue(`The filter is longer than ${MAX_LENGTH} characters.`);
  const parser = new FilterParser(
    tokenize(text),
    new Map(properties.map((name) => [name.toLowerCase(), name])),
  );
  return parser.parse();
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw invalidValue(`The filter can't be read at character ${at + 1}: '${text.slice(at, at + 20)}'.`);
    const [, bracket, single, double, operator, word] = match;
    if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket });
    else if (single !== undefined) tokens.push({ kind: 'quoted', text: single.replaceAll("''", "'") });
    else if (double !== undefined) tokens.push({ kind: 'quoted', text: double.replaceAll('""', '"') });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator.toLowerCase() });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

class FilterParser {
  readonly #tokens: readonly Token[];
  readonly #properties: ReadonlyMap<string, string>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], properties: ReadonlyMap<string, string>) {
    this.#tokens = tokens;
    this.#properties = properties;
  }

  parse(): Predicate {
    const predicate = this.#or();
    const left = this.#tokens[this.#at];
    if (left)
      throw invalidValue(
        `The filter goes on where it should end: '${left.text}'. Join comparisons with -and or -or.`,
      );
    return predicate;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takes('operator', 'or')) {
      const [first, second] = [left, this.#and()];
      left = (object) => first(object) || second(object);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#not();
    while (this.#takes('operator', 'and')) {
      const [first, second] = [left, this.#not()];
      left = (object) => first(object) && second(object);
    }
    return left;
  }

  #not(): Predicate {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw invalidValue(`The filter is nested deeper than ${MAX_DEPTH} levels.`);
    try {
      if (this.#takes('operator', 'not') || this.#takes('word', '!')) {
        const inner = this.#not();
        return (object) => !inner(object);
      }
      if (this.#takes('bracket', '(')) {
        const inner = this.#or();
        if (!this.#takes('bracket', ')'))
          throw invalidValue("A closing bracket ')' is missing in the filter.");
        return inner;
      }
      return this.#comparison();
    } finally {
      this.#depth -= 1;
    }
  }

  #comparison(): Predicate {
    const [property, operator, value] = [this.#next(), this.#next(), this.#next()];
    const name = property?.kind === 'word' ? this.#properties.get(property.text.toLowerCase()) : undefined;
    if (name === undefined) {
      const known = [...this.#properties.values()].join(', ');
      throw invalidValue(`The filter compares '${property?.text ?? ''}', which isn't one of: ${known}.`);
    }
    if (operator?.kind !== 'operator' || !COMPARISONS.includes(operator.text)) {
      throw invalidValue(`The filter needs one of -${COMPARISONS.join(', -')} after '${name}'.`);
    }
    if (value === undefined || value.kind === 'operator' || value.kind === 'bracket') {
      throw invalidValue(`The filter needs a value after '${name} -${operator.text}'.`);
    }
    const wanted =
      value.kind === 'word' && value.text.toLowerCase() === '$null'
        ? null
        : value.text.replace(/^\$(?=true$|false$)/i, '');
    return comparison(name, operator.text, wanted);
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

/** What compare() must give; null: the two can't be compared. */
const ORDERS: ReadonlyMap<string, (order: number | null) => boolean> = new Map([
  ['eq', (order) => order === 0],
  ['ne', (order) => order !== 0],
  ['gt', (order) => order !== null && order > 0],
  ['ge', (order) => order !== null && order >= 0],
  ['lt', (order) => order !== null && order < 0],
  ['le', (order) => order !== null && order <= 0],
]);

function comparison(name: string, operator: string, wanted: string | null): Predicate {
  if (operator === 'like' || operator === 'notlike') {
    const matches = wildcard(wanted ?? '');
    return (object) => shown(object.get(name) ?? null).some(matches) === (operator === 'like');
  }
  const holds = ORDERS.get(operator) ?? (() => false);
  return (object) => holds(compare(object.get(name) ?? null, wanted));
}

function shown(value: Value): readonly string[] {
  return Array.isArray(value) ? value.map((one) => textOf(one) ?? '') : [textOf(value) ?? ''];
}

/** `*` stands for any text; two pointers, never backtracking over more than the last star. */
function wildcard(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  return (given) => {
    const text = given.toLowerCase();
    let [at, pos, star, mark] = [0, 0, -1, 0];
    while (at < text.length) {
      if (wanted[pos] === '*') [star, mark, pos] = [pos, at, pos + 1];
      else if (pos < wanted.length && (wanted[pos] === '?' || wanted[pos] === text[at]))
        [at, pos] = [at + 1, pos + 1];
      else if (star >= 0) [pos, mark, at] = [star + 1, mark + 1, mark + 1];
      else return false;
    }
    while (wanted[pos] === '*') pos += 1;
    return pos === wanted.length;
  };
}

/** Negative, zero or positive; null: they can't be compared. */
function compare(actual: Value, wanted: string | null): number | null {
  if (actual === null || wanted === null) return actual === null && wanted === null ? 0 : null;
  if (actual instanceof DateTime) {
    const time = Date.parse(wanted);
    return Number.isNaN(time) ? null : actual.toUtcMilliseconds() - time;
  }
  const size = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?(?:\s.*)?$/i;
  const [wantedSize, text] = [size.exec(wanted), textOf(actual) ?? ''];
  const actualSize = typeof actual === 'number' ? [text, text, 'B'] : size.exec(text);
  if (wantedSize && actualSize) return octets(actualSize) - octets(wantedSize);
  return text.localeCompare(wanted, 'en', { sensitivity: 'accent' });
}

function octets(match: readonly (string | undefined)[]): number {
  return Number(match[1]) * 1024 ** ['B', 'KB', 'MB', 'GB', 'TB'].indexOf((match[2] ?? 'B').toUpperCase());
}
