// ConvertTo-Csv, ConvertFrom-Csv, Export-Csv and Import-Csv.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { Hashtable, type Value } from '#parameters/value.ts';
import { getProperty } from '#shell/values/members.ts';
import { customObject } from '#shell/values/object-values.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText, typeName } from '#shell/values/text.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { filesOf } from '#shell/runtime/files.ts';
import { csvField, parseCsv, type QuoteRule } from './csv-text.ts';

const DELIMITER = builtinParameter('Delimiter', 'string', {
  position: 1,
  help: 'Between the fields; a comma.',
});
const WRITING = [
  builtinParameter('InputObject', 'object', { position: 0, byValue: true, help: 'The objects.' }),
  DELIMITER,
  builtinParameter('NoTypeInformation', 'switch', {
    aliases: ['NTI'],
    help: 'Without a type line; there is none anyway.',
  }),
  builtinParameter('IncludeTypeInformation', 'switch', { aliases: ['ITI'], help: 'With a #TYPE line.' }),
  builtinParameter('UseQuotes', 'string', {
    values: ['Always', 'AsNeeded', 'Never'],
    help: 'Which fields are quoted; all.',
  }),
  builtinParameter('NoHeader', 'switch', { help: 'Without the line of names.' }),
  builtinParameter('UseCulture', 'switch', { help: 'Accepted; the separator is a comma.' }),
];
const ENCODING = builtinParameter('Encoding', 'string', {
  values: ['utf8', 'utf8NoBOM', 'utf8BOM', 'ascii', 'unicode', 'default'],
  help: 'Files are read and written in UTF-8.',
});

function fieldText(value: Value): string {
  if (value instanceof DateTime) return value.toString();
  return isList(value) ? typeName(value) : toText(value);
}

function delimiterOf(context: CommandContext): string {
  const delimiter = context.text('Delimiter') ?? ',';
  if (delimiter.length !== 1)
    throw new ScriptError('The delimiter is one character.', {
      category: 'InvalidArgument',
      errorId: 'InvalidDelimiter',
    });
  return delimiter;
}

function quoteRule(written: string | null): QuoteRule {
  return written === 'AsNeeded' || written === 'Never' ? written : 'Always';
}

/** Lines as objects come: the first object's properties are the columns. */
class CsvWriter {
  readonly #context: CommandContext;
  readonly #delimiter: string;
  readonly #rule: QuoteRule;
  #columns: readonly string[] | null = null;
  constructor(context: CommandContext, columns: readonly string[] | null = null) {
    this.#context = context;
    this.#delimiter = delimiterOf(context);
    this.#rule = quoteRule(context.text('UseQuotes'));
    this.#columns = columns;
  }
  lines(object: Value): readonly string[] {
    const lines: string[] = [];
    if (!this.#columns) {
      this.#columns = columnsOf(object);
      if (this.#context.flag('IncludeTypeInformation')) lines.push(`#TYPE ${typeName(object)}`);
      if (!this.#context.flag('NoHeader')) lines.push(this.#line(this.#columns));
    }
    lines.push(this.#line(this.#columns.map((name) => valueOf(object, name))));
    return lines;
  }
  #line(fields: readonly (string | null)[]): string {
    return fields
      .map((field) => (field === null ? '' : csvField(field, this.#delimiter, this.#rule)))
      .join(this.#delimiter);
  }
}

function columnsOf(object: Value): readonly string[] {
  return object instanceof Hashtable ? [...object.entries()].map(([key]) => key) : propertyNames(object);
}

/** null: nothing stands between the separators. */
function valueOf(object: Value, name: string): string | null {
  const value = getProperty(object, name) ?? null;
  return value === null ? null : fieldText(value);
}

const convertToCsv = defineBuiltin(
  {
    name: 'ConvertTo-Csv',
    synopsis: 'Turns objects into lines of comma-separated values.',
    parameters: WRITING,
  },
  (context) => {
    const writer = new CsvWriter(context);
    return {
      process: async (input) => {
        for (const line of writer.lines(input)) await context.emit(line);
      },
    };
  },
);

const exportCsv = defineBuiltin(
  {
    name: 'Export-Csv',
    synopsis: 'Writes objects to a file of comma-separated values.',
    parameters: [
      builtinParameter('Path', 'string', {
        position: 0,
        mandatory: true,
        aliases: ['LiteralPath', 'PSPath'],
        help: 'The file.',
      }),
      ...WRITING.filter(({ name }) => name !== 'InputObject'),
      builtinParameter('InputObject', 'object', { byValue: true, help: 'The objects.' }),
      builtinParameter('Append', 'switch', { help: 'Adds to the file.' }),
      builtinParameter('NoClobber', 'switch', { help: 'Fails where the file exists.' }),
      builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
      ENCODING,
    ],
  },
  (context) => {
    const lines: string[] = [];
    const files = filesOf(context.frame);
    const path = files.resolve(context.text('Path') ?? '');
    let writer: CsvWriter | null = null;
    return {
      begin: async () => {
        const found = await files.exists(path);
        if (found !== null && context.flag('NoClobber'))
          throw context.fail(`The file '${path}' already exists.`, {
            category: 'ResourceExists',
            errorId: 'NoClobber',
            exception: 'System.IO.IOException',
            target: path,
          });
        const columns =
          context.flag('Append') && found === 'file'
            ? (parseCsv(await files.readText(path), delimiterOf(context))[0] ?? null)
            : null;
        writer = new CsvWriter(context, columns);
      },
      process: (input) => {
        if (context.hasInput || context.has('InputObject')) lines.push(...(writer?.lines(input) ?? []));
      },
      end: () => files.writeText(path, lines.map((line) => `${line}\n`).join(''), context.flag('Append')),
    };
  },
);

const READING = [
  DELIMITER,
  builtinParameter('Header', 'string[]', { help: 'Names of the columns, where the file has none.' }),
  builtinParameter('UseCulture', 'switch', { help: 'Accepted; the separator is a comma.' }),
];

async function emitRows(text: string, context: CommandContext): Promise<void> {
  const rows = parseCsv(text, delimiterOf(context)).filter((row) => !(row[0] ?? '').startsWith('#TYPE '));
  const given = context.list('Header').map((name) => toText(name));
  const names = given.length > 0 ? given : (rows[0] ?? []);
  for (const row of given.length > 0 ? rows : rows.slice(1)) {
    await context.emit(
      customObject(names.map((name, index) => [name === '' ? `H${index + 1}` : name, row[index] ?? null])),
    );
  }
}

const convertFromCsv = defineBuiltin(
  {
    name: 'ConvertFrom-Csv',
    synopsis: 'Turns lines of comma-separated values into objects.',
    parameters: [
      builtinParameter('InputObject', 'object[]', { position: 0, byValue: true, help: 'The lines.' }),
      ...READING,
    ],
  },
  (context) => {
    const lines: string[] = [];
    return {
      process: (input) => {
        if (context.hasInput) lines.push(toText(input));
      },
      end: () =>
        emitRows(
          context.hasInput
            ? lines.join('\n')
            : context
                .list('InputObject')
                .map((line) => toText(line))
                .join('\n'),
          context,
        ),
    };
  },
);

const importCsv = defineBuiltin(
  {
    name: 'Import-Csv',
    synopsis: 'Reads objects from a file of comma-separated values.',
    parameters: [
      builtinParameter('Path', 'string[]', {
        position: 0,
        mandatory: true,
        byValue: true,
        aliases: ['LiteralPath', 'PSPath'],
        help: 'The file.',
      }),
      ...READING,
      ENCODING,
    ],
  },
  (context) => {
    const read = async (name: Value): Promise<void> => {
      const files = filesOf(context.frame);
      const path = files.resolve(toText(name));
      if ((await files.exists(path)) !== 'file') {
        throw context.fail(`Could not find file '${path}'.`, {
          category: 'OpenError',
          errorId: 'FileOpenFailure',
          exception: 'System.IO.FileNotFoundException',
          target: path,
        });
      }
      await emitRows(await files.readText(path), context);
    };
    return {
      process: read,
      end: async () => {
        if (!context.hasInput) for (const name of context.list('Path')) await read(name);
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [convertToCsv, convertFromCsv, exportCsv, importCsv];
