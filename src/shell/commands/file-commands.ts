// Get-Content, Set-Content, Add-Content, Test-Path and the commands that put paths together. Files are the host's to give:
// where it gives none, every one of these says so.
import type { Value } from '#parameters/value.ts';
import { PsObject } from '#parameters/value.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { toText } from '#shell/values/text.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import { filesOf } from '#shell/runtime/files.ts';

const PATH = builtinParameter('Path', 'string[]', {
  position: 0,
  mandatory: true,
  byValue: true,
  byPropertyName: true,
  aliases: ['LiteralPath', 'PSPath'],
  help: 'The file.',
});
const ENCODING = builtinParameter('Encoding', 'string', {
  values: ['utf8', 'utf8NoBOM', 'utf8BOM', 'ascii', 'unicode', 'default'],
  help: 'Files are read and written in UTF-8.',
});

const getContent = defineBuiltin(
  {
    name: 'Get-Content',
    synopsis: 'Reads a file, one text for each line.',
    parameters: [
      PATH,
      builtinParameter('Raw', 'switch', { help: 'The whole file as one text.' }),
      builtinParameter('TotalCount', 'int', {
        aliases: ['First', 'Head'],
        help: 'That many lines from the beginning.',
      }),
      builtinParameter('Tail', 'int', { aliases: ['Last'], help: 'That many lines from the end.' }),
      ENCODING,
    ],
  },
  (context) => {
    const read = async (name: Value): Promise<void> => {
      const files = filesOf(context.frame);
      const path = files.resolve(toText(name));
      if ((await files.exists(path)) !== 'file') {
        await context.error(`Cannot find path '${path}' because it does not exist.`, {
          category: 'ObjectNotFound',
          errorId: 'PathNotFound',
          exception: 'System.Management.Automation.ItemNotFoundException',
          target: path,
        });
        return;
      }
      const text = (await files.readText(path)).replace(/^\uFEFF/, '');
      if (context.flag('Raw')) return context.emit(text);
      let lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r\n|\n|\r/);
      const head = context.number('TotalCount');
      const tail = context.number('Tail');
      if (head !== null) lines = lines.slice(0, head);
      else if (tail !== null) lines = tail === 0 ? [] : lines.slice(-tail);
      for (const line of lines) await context.emit(line);
    };
    return {
      process: read,
      end: async () => {
        if (!context.hasInput) for (const name of context.list('Path')) await read(name);
      },
    };
  },
);

function contentWriter(name: string, synopsis: string, append: boolean): BuiltinCommand {
  return defineBuiltin(
    {
      name,
      synopsis,
      parameters: [
        builtinParameter('Path', 'string[]', {
          position: 0,
          mandatory: true,
          byPropertyName: true,
          aliases: ['LiteralPath', 'PSPath'],
          help: 'The file.',
        }),
        builtinParameter('Value', 'object[]', { position: 1, byValue: true, help: 'The lines.' }),
        builtinParameter('NoNewline', 'switch', { help: 'Without line ends.' }),
        builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
        ENCODING,
      ],
    },
    (context) => {
      const lines: string[] = [];
      return {
        process: (input) => {
          if (context.hasInput) lines.push(toText(input));
        },
        end: async () => {
          const files = filesOf(context.frame);
          const all = context.hasInput
            ? lines
            : context
                .list('Value')
                .flatMap((value) => itemsOf(value))
                .map((value) => toText(value));
          const text = context.flag('NoNewline') ? all.join('') : all.map((line) => `${line}\n`).join('');
          for (const path of context.list('Path'))
            await files.writeText(files.resolve(toText(path)), text, append);
        },
      };
    },
  );
}

const testPath = defineBuiltin(
  {
    name: 'Test-Path',
    synopsis: 'Tells whether a file or directory exists.',
    parameters: [
      PATH,
      builtinParameter('PathType', 'string', {
        values: ['Any', 'Container', 'Leaf'],
        aliases: ['Type'],
        help: 'Container: a directory; Leaf: a file.',
      }),
    ],
  },
  (context) => {
    const test = async (path: Value): Promise<void> => {
      const files = filesOf(context.frame);
      const found = toText(path) === '' ? null : await files.exists(files.resolve(toText(path)));
      const wanted = context.text('PathType');
      await context.emit(
        wanted === 'Leaf'
          ? found === 'file'
          : wanted === 'Container'
            ? found === 'directory'
            : found !== null,
      );
    };
    return {
      process: test,
      end: async () => {
        if (!context.hasInput) for (const path of context.list('Path')) await test(path);
      },
    };
  },
);

const joinPath = defineBuiltin(
  {
    name: 'Join-Path',
    synopsis: 'Puts a path together.',
    parameters: [
      builtinParameter('Path', 'string[]', {
        position: 0,
        mandatory: true,
        byValue: true,
        help: 'The beginning.',
      }),
      builtinParameter('ChildPath', 'string', { position: 1, mandatory: true, help: 'What follows.' }),
      builtinParameter('AdditionalChildPath', 'string[]', { remaining: true, help: 'What follows that.' }),
    ],
  },
  (context) => {
    const join = (path: Value): string =>
      [
        toText(path),
        context.text('ChildPath') ?? '',
        ...context.list('AdditionalChildPath').map((part) => toText(part)),
      ]
        .map((part) => part.replaceAll('\\', '/'))
        .reduce((left, right) =>
          left === '' ? right : `${left.replace(/\/+$/, '')}/${right.replace(/^\/+/, '')}`,
        );
    return {
      process: (input) => context.emit(join(input)),
      end: async () => {
        if (!context.hasInput) for (const path of context.list('Path')) await context.emit(join(path));
      },
    };
  },
);

const splitPath = defineBuiltin(
  {
    name: 'Split-Path',
    synopsis: 'Gives a part of a path.',
    parameters: [
      builtinParameter('Path', 'string[]', {
        position: 0,
        mandatory: true,
        byValue: true,
        help: 'The path.',
      }),
      builtinParameter('Parent', 'switch', { help: 'All but the last part; the standard.' }),
      builtinParameter('Leaf', 'switch', { help: 'The last part.' }),
      builtinParameter('LeafBase', 'switch', { help: 'The last part without its extension.' }),
      builtinParameter('Extension', 'switch', { help: 'The extension.' }),
    ],
  },
  (context) => {
    const part = (path: Value): string => {
      const text = toText(path)
        .replaceAll('\\', '/')
        .replace(/(?<=.)\/+$/, '');
      const leaf = text.slice(text.lastIndexOf('/') + 1);
      const dot = leaf.lastIndexOf('.');
      if (context.flag('Leaf')) return leaf;
      if (context.flag('LeafBase')) return dot > 0 ? leaf.slice(0, dot) : leaf;
      if (context.flag('Extension')) return dot > 0 ? leaf.slice(dot) : '';
      const slash = text.lastIndexOf('/');
      return slash > 0 ? text.slice(0, slash) : slash === 0 ? '/' : '';
    };
    return {
      process: (input) => context.emit(part(input)),
      end: async () => {
        if (!context.hasInput) for (const path of context.list('Path')) await context.emit(part(path));
      },
    };
  },
);

const getLocation = defineBuiltin(
  { name: 'Get-Location', synopsis: 'Gives the directory that paths start from.', parameters: [] },
  (context) => ({
    end: async () =>
      context.emit(
        new PsObject('System.Management.Automation.PathInfo', [
          ['Path', filesOf(context.frame).resolve('.')],
        ]),
      ),
  }),
);

const resolvePath = defineBuiltin(
  { name: 'Resolve-Path', synopsis: 'Gives the whole path of a file that exists.', parameters: [PATH] },
  (context) => ({
    process: (input) => resolveOne(input, context),
    end: async () => {
      if (!context.hasInput) for (const path of context.list('Path')) await resolveOne(path, context);
    },
  }),
);

async function resolveOne(name: Value, context: CommandContext): Promise<void> {
  const files = filesOf(context.frame);
  const path = files.resolve(toText(name));
  if ((await files.exists(path)) !== null)
    return context.emit(new PsObject('System.Management.Automation.PathInfo', [['Path', path]]));
  await context.error(`Cannot find path '${path}' because it does not exist.`, {
    category: 'ObjectNotFound',
    errorId: 'PathNotFound',
    exception: 'System.Management.Automation.ItemNotFoundException',
    target: path,
  });
}

export const commands: readonly BuiltinCommand[] = [
  getContent,
  contentWriter('Set-Content', 'Writes lines to a file.', false),
  contentWriter('Add-Content', 'Adds lines to a file.', true),
  testPath,
  joinPath,
  splitPath,
  getLocation,
  resolvePath,
];
