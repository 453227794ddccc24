// ConvertTo-Json and ConvertFrom-Json. Keys come back as properties in their order; `__proto__` is a name like any other.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { ErrorRecordValue } from '#shell/values/error-record.ts';
import { customObject, ListValue, OrderedHashtable } from '#shell/values/object-values.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { type BuiltinCommand, builtinParameter, defineBuiltin } from '#shell/runtime/builtin-command.ts';

interface JsonOptions {
  readonly depth: number;
  readonly indent: string;
  readonly onTruncated: () => void;
}

function scalar(value: Value): string | null {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? String(value) : JSON.stringify(toText(value));
    case 'boolean':
    case 'string':
      return JSON.stringify(value);
  }
  if (value instanceof DateTime) return JSON.stringify(isoText(value));
  if (value instanceof TimeSpan) return JSON.stringify(value.toString());
  return null;
}

/** As PowerShell writes it: no more decimals than there are. */
function isoText(time: DateTime): string {
  return time
    .toJSON()
    .replace(/\.(\d*?)0*(?=Z|[+-]\d\d:\d\d$|$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}

type Members = readonly (readonly [string, Value])[];

function membersOf(value: Value): Members | null {
  if (value instanceof PsObject) return [...value.properties.entries()];
  if (value instanceof Hashtable) return [...value.entries()];
  if (value instanceof ErrorRecordValue) {
    return [
      ['Message', value.message],
      ['Category', value.category],
      ['FullyQualifiedErrorId', value.fullyQualifiedErrorId],
      ['Exception', value.exception.typeName],
    ];
  }
  return null;
}

/** A list that pairs names with values is no object's; everything else is written as its text. */
export function toJson(value: Value, options: JsonOptions, level = 0): string {
  const plain = scalar(value);
  if (plain !== null) return plain;
  const items = isList(value) ? value : value instanceof ListValue ? value.items : null;
  const members = items ? null : membersOf(value);
  if (!items && !members) return JSON.stringify(toText(value));
  if (level > options.depth) {
    options.onTruncated();
    return JSON.stringify(toText(value));
  }
  const parts = items
    ? items.map((item) => toJson(item, options, level + 1))
    : (members ?? []).map(
        ([name, item]) =>
          `${JSON.stringify(name)}:${options.indent === '' ? '' : ' '}${toJson(item, options, level + 1)}`,
      );
  const [open, close] = items ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${open}${close}`;
  if (options.indent === '') return `${open}${parts.join(',')}${close}`;
  const inner = options.indent.repeat(level + 1);
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${options.indent.repeat(level)}${close}`;
}

const convertToJson = defineBuiltin(
  {
    name: 'ConvertTo-Json',
    synopsis: 'Turns objects into JSON text.',
    parameters: [
      builtinParameter('InputObject', 'object', { position: 0, byValue: true, help: 'The objects.' }),
      builtinParameter('Depth', 'int', { help: 'How deep objects in objects are written; 2 unless given.' }),
      builtinParameter('Compress', 'switch', { help: 'Without spaces and line ends.' }),
      builtinParameter('AsArray', 'switch', { help: 'A list even for one object.' }),
      builtinParameter('EnumsAsStrings', 'switch', { help: 'Accepted; enumerations are always texts.' }),
    ],
  },
  (context) => {
    const items: Value[] = [];
    return {
      process: (input) => {
        if (context.hasInput) items.push(input);
      },
      end: async () => {
        const single = context.hasInput
          ? items.length === 1 && !context.flag('AsArray')
            ? (items[0] ?? null)
            : items
          : context.value('InputObject');
        if (context.hasInput && items.length === 0) return;
        const value = context.flag('AsArray') && !isList(single) ? [single] : single;
        let truncated = false;
        const depth = context.number('Depth') ?? 2;
        if (depth < 0 || depth > 100)
          throw new ScriptError(`The depth is between 0 and 100.`, {
            category: 'InvalidArgument',
            errorId: 'DepthOutOfRange',
          });
        const text = toJson(value, {
          depth,
          indent: context.flag('Compress') ? '' : '  ',
          onTruncated: () => void (truncated = true),
        });
        if (truncated)
          await context.warning(
            `Resulting JSON is truncated as serialization has exceeded the set depth of ${depth}.`,
          );
        context.frame.session.budget.allocated(text.length);
        await context.emit(text);
      },
    };
  },
);

const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?(?:Z|[+-]\d{2}:\d{2})?$/;

/** JSON.parse's result as values; dates in ISO 8601 become dates, as in PowerShell 7. */
function fromJson(json: unknown, asTable: boolean, depth: number): Value {
  if (depth > 1024)
    throw new ScriptError('The JSON is nested too deeply.', {
      category: 'InvalidArgument',
      errorId: 'JsonTooDeep',
    });
  if (json === null || typeof json === 'boolean' || typeof json === 'number') return json;
  if (typeof json === 'string') {
    const time = ISO_DATE.test(json) ? DateTime.parse(json) : null;
    return time && json.endsWith('Z') ? time.toUniversalTime() : (time ?? json);
  }
  if (Array.isArray(json)) return json.map((item) => fromJson(item, asTable, depth + 1));
  const entries = Object.entries(json ?? {}).map(
    ([key, item]) => [key, fromJson(item, asTable, depth + 1)] as const,
  );
  if (!asTable) return customObject(entries);
  const table = new OrderedHashtable();
  for (const [key, item] of entries) table.set(key, item);
  return table;
}

const convertFromJson = defineBuiltin(
  {
    name: 'ConvertFrom-Json',
    synopsis: 'Turns JSON text into objects.',
    parameters: [
      builtinParameter('InputObject', 'object', {
        position: 0,
        mandatory: true,
        byValue: true,
        help: 'The text; lines from the pipeline are put together.',
      }),
      builtinParameter('AsHashtable', 'switch', { help: 'Tables instead of objects.' }),
      builtinParameter('Depth', 'int', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('NoEnumerate', 'switch', { help: 'A list is passed on as one object.' }),
    ],
  },
  (context) => {
    const lines: string[] = [];
    return {
      process: (input) => {
        if (context.hasInput) lines.push(toText(input));
      },
      end: async () => {
        const text = context.hasInput ? lines.join('\n') : toText(context.value('InputObject'), '\n');
        if (text.trim() === '') return;
        const value = fromJson(parse(text), context.flag('AsHashtable'), 0);
        if (!isList(value) || context.flag('NoEnumerate')) return context.emit(value);
        for (const item of value) await context.emit(item);
      },
    };
  },
);

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScriptError(`Conversion from JSON failed with error: ${why}`, {
      category: 'NotSpecified',
      errorId: 'System.ArgumentException',
      exception: 'System.ArgumentException',
    });
  }
}

export const commands: readonly BuiltinCommand[] = [convertToJson, convertFromJson];
