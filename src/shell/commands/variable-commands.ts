// Commands about the session's own names: variables and aliases, and Invoke-Expression.
import { PsObject, type Value } from '#parameters/value.ts';
import { parseScript } from '#shell/syntax/parse-script.ts';
import { ParseError } from '#shell/syntax/parse-error.ts';
import { ScriptBlockValue } from '#shell/values/script-block.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { toText } from '#shell/values/text.ts';
import { compileWildcard, hasWildcard } from '#shell/values/wildcard.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  type CommandContext,
  defineBuiltin,
} from '#shell/runtime/builtin-command.ts';
import type { Scope, Variable } from '#shell/runtime/scope.ts';

const SCOPE = builtinParameter('Scope', 'string', {
  help: 'Global, Script, Local, or how many scopes outwards.',
});
const NAME = builtinParameter('Name', 'string[]', {
  position: 0,
  mandatory: true,
  byPropertyName: true,
  help: 'The variable’s name.',
});

function scopeOf(context: CommandContext): Scope {
  const written = context.text('Scope');
  const { scope } = context.frame;
  if (written === null) return scope;
  if (!/^\d+$/.test(written)) {
    const named = scope.named(written.toLowerCase());
    if (named) return named;
    throw new ScriptError(`The scope '${written}' is not valid. Give Global, Script, Local or a number.`, {
      category: 'InvalidArgument',
      errorId: 'InvalidScope',
    });
  }
  let found: Scope = scope;
  for (let steps = Number(written); steps > 0 && found.parent; steps--) found = found.parent;
  return found;
}

function matching(pattern: string, scope: Scope): readonly Variable[] {
  if (!hasWildcard(pattern)) {
    const found = scope.find(pattern);
    return found ? [found] : [];
  }
  const matches = compileWildcard(pattern);
  const found = new Map<string, Variable>();
  for (let at: Scope | null = scope; at; at = at.parent) {
    for (const variable of at.variables())
      if (matches(variable.name) && !found.has(variable.name.toLowerCase()))
        found.set(variable.name.toLowerCase(), variable);
  }
  return [...found.values()].sort((left, right) =>
    left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1,
  );
}

const shown = ({ name, value }: Variable): PsObject =>
  new PsObject('System.Management.Automation.PSVariable', [
    ['Name', name],
    ['Value', value ?? null],
  ]);

const getVariable = defineBuiltin(
  {
    name: 'Get-Variable',
    synopsis: 'Gives variables with their values.',
    parameters: [
      builtinParameter('Name', 'string[]', { position: 0, help: 'Names; wildcards allowed.' }),
      builtinParameter('ValueOnly', 'switch', { help: 'Only the values.' }),
      SCOPE,
    ],
  },
  (context) => ({
    end: async () => {
      const names = context.has('Name') ? context.list('Name').map((name) => toText(name)) : ['*'];
      for (const name of names) {
        const found = matching(name, scopeOf(context));
        if (found.length === 0 && !hasWildcard(name))
          await context.error(`Cannot find a variable with the name '${name}'.`, {
            category: 'ObjectNotFound',
            errorId: 'VariableNotFound',
            exception: 'System.Management.Automation.ItemNotFoundException',
            target: name,
          });
        for (const variable of found)
          await context.emit(context.flag('ValueOnly') ? (variable.value ?? null) : shown(variable));
      }
    },
  }),
);

function setter(name: string, synopsis: string, refusesExisting: boolean): BuiltinCommand {
  return defineBuiltin(
    {
      name,
      synopsis,
      parameters: [
        NAME,
        builtinParameter('Value', 'object', { position: 1, byValue: true, help: 'The value.' }),
        builtinParameter('Option', 'string', {
          values: ['None', 'ReadOnly', 'Constant', 'AllScope', 'Private'],
          help: 'ReadOnly or Constant keep it from being changed.',
        }),
        builtinParameter('Force', 'switch', { help: 'Changes a read-only variable.' }),
        builtinParameter('PassThru', 'switch', { help: 'Gives the variable.' }),
        builtinParameter('Description', 'string', { help: 'Accepted as in PowerShell.' }),
        SCOPE,
      ],
    },
    (context) => {
      const piped: Value[] = [];
      return {
        process: (input) => {
          if (context.hasInput) piped.push(input);
        },
        end: async () => {
          const value = context.hasInput
            ? piped.length === 1
              ? (piped[0] ?? null)
              : piped
            : context.value('Value');
          const option = context.text('Option');
          for (const written of context.list('Name')) {
            const variable = toText(written);
            const scope = scopeOf(context);
            if (refusesExisting && scope.own(variable) && !context.flag('Force')) {
              await context.error(`A variable with name '${variable}' already exists.`, {
                category: 'ResourceExists',
                errorId: 'VariableAlreadyExists',
                exception: 'System.Management.Automation.SessionStateException',
                target: variable,
              });
              continue;
            }
            const made = scope.set(variable, value, {
              force: context.flag('Force'),
              ...(option === 'ReadOnly' || option === 'Constant' ? { readonly: true } : {}),
            });
            if (context.flag('PassThru')) await context.emit(shown(made));
          }
        },
      };
    },
  );
}

function remover(
  name: string,
  synopsis: string,
  remove: (scope: Scope, variable: Variable) => void,
): BuiltinCommand {
  return defineBuiltin(
    {
      name,
      synopsis,
      parameters: [NAME, builtinParameter('Force', 'switch', { help: 'Read-only ones too.' }), SCOPE],
    },
    (context) => ({
      end: async () => {
        for (const written of context.list('Name')) {
          const pattern = toText(written);
          const scope = scopeOf(context);
          const found = matching(pattern, scope);
          if (found.length === 0 && !hasWildcard(pattern))
            await context.error(`Cannot find a variable with the name '${pattern}'.`, {
              category: 'ObjectNotFound',
              errorId: 'VariableNotFound',
              exception: 'System.Management.Automation.ItemNotFoundException',
              target: pattern,
            });
          for (const variable of found) {
            if (variable.readonly && !context.flag('Force'))
              await context.error(
                `Cannot remove variable ${variable.name} because it is constant or read-only.`,
                { category: 'WriteError', errorId: 'VariableNotRemovable', target: variable.name },
              );
            else remove(scope, variable);
          }
        }
      },
    }),
  );
}

function removeFrom(scope: Scope, variable: Variable): void {
  for (let at: Scope | null = scope; at; at = at.parent)
    if (at.own(variable.name) === variable) at.delete(variable.name);
}

function aliasSetter(name: string): BuiltinCommand {
  return defineBuiltin(
    {
      name,
      synopsis: 'Gives a command another name.',
      parameters: [
        builtinParameter('Name', 'string', { position: 0, mandatory: true, help: 'The new name.' }),
        builtinParameter('Value', 'string', { position: 1, mandatory: true, help: 'The command.' }),
        builtinParameter('Scope', 'string', { help: 'Accepted as in PowerShell.' }),
        builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
        builtinParameter('Option', 'string', { help: 'Accepted as in PowerShell.' }),
      ],
    },
    (context) => ({
      end: async () =>
        void context.frame.session.aliases.set(
          (context.text('Name') ?? '').toLowerCase(),
          context.text('Value') ?? '',
        ),
    }),
  );
}

const getAlias = defineBuiltin(
  {
    name: 'Get-Alias',
    synopsis: 'Lists the other names of commands.',
    parameters: [
      builtinParameter('Name', 'string[]', { position: 0, help: 'Names; wildcards allowed.' }),
      builtinParameter('Definition', 'string', { help: 'The command.' }),
    ],
  },
  (context) => ({
    end: async () => {
      const { session } = context.frame;
      const all = new Map([...session.builtins.aliases, ...session.aliases]);
      const filters = context.list('Name').map((name) => compileWildcard(toText(name)));
      const definition = context.text('Definition')?.toLowerCase() ?? null;
      const found = [...all].filter(
        ([name, command]) =>
          (filters.length === 0 || filters.some((matches) => matches(name))) &&
          (definition === null || command.toLowerCase() === definition),
      );
      for (const [name, command] of found.sort(([left], [right]) => (left < right ? -1 : 1))) {
        await context.emit(
          new PsObject('System.Management.Automation.AliasInfo', [
            ['CommandType', 'Alias'],
            ['Name', name],
            ['Definition', command],
          ]),
        );
      }
    },
  }),
);

const invokeExpression = defineBuiltin(
  {
    name: 'Invoke-Expression',
    synopsis: 'Runs a text as a script.',
    parameters: [
      builtinParameter('Command', 'string', {
        position: 0,
        mandatory: true,
        byValue: true,
        help: 'The script.',
      }),
    ],
  },
  (context) => {
    const run = async (text: string): Promise<void> => {
      const block = new ScriptBlockValue(parseText(text), { file: null, text });
      await context.run(block, null, (value) => context.emit(value));
    };
    return {
      process: (input) => run(toText(input)),
      end: async () => {
        if (!context.hasInput) await run(context.text('Command') ?? '');
      },
    };
  },
);

function parseText(text: string): ReturnType<typeof parseScript> {
  try {
    return parseScript(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new ScriptError(error.message, {
      category: 'ParserError',
      errorId: error.errorId,
      exception: 'System.Management.Automation.ParseException',
    });
  }
}

export const commands: readonly BuiltinCommand[] = [
  getVariable,
  setter('Set-Variable', 'Sets a variable.', false),
  setter('New-Variable', 'Makes a variable.', true),
  remover('Remove-Variable', 'Removes variables.', removeFrom),
  remover('Clear-Variable', 'Sets variables to $null.', (_, variable) => {
    variable.value = null;
  }),
  aliasSetter('Set-Alias'),
  aliasSetter('New-Alias'),
  getAlias,
  invokeExpression,
];
