// -Filter, -SortOrder and -ResultSize, as the queue cmdlets share them: streams when nothing has to be sorted, and never
// holds more than a bounded number of objects to sort.
import { type Predicate, parseOpathFilter } from '#parameters/opath-filter.ts';
import { invalidValue, textOf } from '#parameters/parameter-type.ts';
import { DateTime } from '#parameters/date-time.ts';
import type { PsObject, Value } from '#parameters/value.ts';
import { mistakes } from './cmdlet-error.ts';
import type { CmdletContext } from './cmdlet.ts';

const MAX_SORTED = 200_000;

export interface Selection {
  readonly filter?: string | undefined;
  readonly sortOrder?: readonly string[] | undefined;
  readonly resultSize: number | 'Unlimited';
}

/** Writes those objects that pass, in the wanted order, up to the result size; warns when there were more. */
export async function writeSelected(
  objects: AsyncIterable<PsObject>,
  properties: readonly string[],
  selection: Selection,
  context: CmdletContext<unknown>,
): Promise<void> {
  const limit = selection.resultSize === 'Unlimited' ? Number.POSITIVE_INFINITY : selection.resultSize;
  let written = 0;
  for await (const object of selectObjects(objects, properties, selection)) {
    if (context.signal.aborted) return;
    if (written === limit) return moreResults(context);
    await context.output(object);
    written += 1;
  }
}

/** Those that pass, in the wanted order; @throws CmdletError that names -Filter or -SortOrder */
export async function* selectObjects(
  objects: AsyncIterable<PsObject>,
  properties: readonly string[],
  selection: Pick<Selection, 'filter' | 'sortOrder'>,
): AsyncGenerator<PsObject> {
  const passes = selection.filter === undefined ? () => true : readFilter(selection.filter, properties);
  const order = selection.sortOrder === undefined ? null : comparator(selection.sortOrder, properties);
  const kept: PsObject[] = [];
  for await (const object of objects) {
    if (!passes(object)) continue;
    if (order === null) yield object;
    else if (kept.length < MAX_SORTED) kept.push(object);
    else {
      const why = `More than ${MAX_SORTED} objects would have to be sorted. Narrow them down with -Filter.`;
      throw mistakes.invalidOperation(why, 'SortOrder');
    }
  }
  if (order !== null) yield* kept.sort(order);
}

function moreResults(context: CmdletContext<unknown>): void {
  context.warning(
    'There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.',
  );
}

/** @throws CmdletError that names -Filter */
export function readFilter(text: string, properties: readonly string[]): Predicate {
  try {
    return parseOpathFilter(text, properties);
  } catch (error) {
    throw mistakes.cannotValidate('Filter', error instanceof Error ? error.message : String(error));
  }
}

/** `+Size,-DateReceived`: Exchange's form; a name without a sign rises. */
function comparator(
  order: readonly string[],
  properties: readonly string[],
): (a: PsObject, b: PsObject) => number {
  const keys = order
    .flatMap((part) => part.split(','))
    .map((part) => {
      const sign = part.trim().startsWith('-') ? -1 : 1;
      const wanted = part.trim().replace(/^[+-]/, '').toLowerCase();
      const name = properties.find((one) => one.toLowerCase() === wanted);
      if (name === undefined) throw invalidSort(part, properties);
      return { name, sign };
    });
  return (a, b) => {
    for (const { name, sign } of keys) {
      const result = compareValues(a.get(name) ?? null, b.get(name) ?? null);
      if (result !== 0) return result * sign;
    }
    return 0;
  };
}

function invalidSort(part: string, properties: readonly string[]): Error {
  return mistakes.cannotValidate(
    'SortOrder',
    invalidValue(`'${part}' isn't one of: ${properties.join(', ')}.`).message,
  );
}

function compareValues(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof DateTime && b instanceof DateTime) return a.compareTo(b);
  const [left, right] = [a === null ? '' : (textOf(a) ?? ''), b === null ? '' : (textOf(b) ?? '')];
  const [leftSize, rightSize] = [octetsOf(left), octetsOf(right)];
  if (leftSize !== null && rightSize !== null) return leftSize - rightSize;
  // PowerShell: texts are sorted without regard to case.
  return compareTexts(left.toLowerCase(), right.toLowerCase()) || compareTexts(left, right);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of a size as it is shown, `1.5 KB (1,536 bytes)`; null: it is none. */
function octetsOf(text: string): number | null {
  const digits = /\(([\d,]+) bytes\)$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits.replaceAll(',', ''));
}
