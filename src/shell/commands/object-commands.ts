// New-Object, Add-Member, Get-Member, New-Guid, Get-Random, Select-String.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { getProperty } from '#shell/values/members.ts';
import { methodNames } from '#shell/values/methods.ts';
import { Guid, isCustomObject } from '#shell/values/object-values.ts';
import { propertyNames } from '#shell/values/property-names.ts';
import { ScriptError } from '#shell/values/script-error.ts';
import { regexOf } from '#shell/values/text-operators.ts';
import { toText, typeName } from '#shell/values/text.ts';
import { findType } from '#shell/values/type-definition.ts';
import { compileWildcard } from '#shell/values/wildcard.ts';
import {
  type BuiltinCommand,
  builtinParameter,
  defineBuiltin,
  INPUT_OBJECT,
} from '#shell/runtime/builtin-command.ts';
import { construct } from '#shell/runtime/construct.ts';

const newObject = defineBuiltin(
  {
    name: 'New-Object',
    synopsis: 'Makes an object of a type.',
    parameters: [
      builtinParameter('TypeName', 'string', { position: 0, mandatory: true, help: 'The type.' }),
      builtinParameter('ArgumentList', 'object[]', {
        position: 1,
        aliases: ['Args'],
        help: 'What it is made from.',
      }),
      builtinParameter('Property', 'hashtable', { help: 'Properties to set.' }),
      builtinParameter('ComObject', 'string', { help: 'Not available.' }),
    ],
  },
  (context) => ({
    end: async () => {
      if (context.has('ComObject'))
        throw new ScriptError('COM objects are not part of Postern.', {
          category: 'NotImplemented',
          errorId: 'ComNotSupported',
        });
      const properties = context.value('Property');
      const object = construct(
        findType(context.text('TypeName') ?? ''),
        context.list('ArgumentList'),
        context.frame.session.surroundings,
      );
      if (properties instanceof Hashtable && object instanceof PsObject) {
        for (const [name, value] of properties.entries()) object.properties.set(name, value);
      }
      await context.emit(object);
    },
  }),
);

const addMember = defineBuiltin(
  {
    name: 'Add-Member',
    synopsis: 'Adds properties to an object.',
    parameters: [
      builtinParameter('MemberType', 'string', {
        position: 0,
        aliases: ['Type'],
        values: ['NoteProperty'],
        help: 'NoteProperty.',
      }),
      builtinParameter('Name', 'string', { position: 1, help: 'The property’s name.' }),
      builtinParameter('Value', 'object', { position: 2, help: 'Its value.' }),
      builtinParameter('NotePropertyName', 'string', { help: 'The property’s name.' }),
      builtinParameter('NotePropertyValue', 'object', { help: 'Its value.' }),
      builtinParameter('NotePropertyMembers', 'hashtable', { help: 'Several properties.' }),
      builtinParameter('PassThru', 'switch', { help: 'Passes the object on.' }),
      builtinParameter('Force', 'switch', { help: 'Replaces a property that is there.' }),
      builtinParameter('TypeName', 'string', { help: 'Accepted as in PowerShell.' }),
      builtinParameter('InputObject', 'object', { byValue: true, mandatory: true, help: 'The object.' }),
    ],
  },
  (context) => ({
    process: async (input) => {
      if (!(input instanceof PsObject))
        throw new ScriptError(
          `A property can't be added to a value of type ${typeName(input)}; make an object with [pscustomobject]@{…}.`,
          { errorId: 'CannotAddMember' },
        );
      const table = context.value('NotePropertyMembers');
      const name = context.text('NotePropertyName') ?? context.text('Name');
      const added: (readonly [string, Value])[] =
        table instanceof Hashtable
          ? [...table.entries()]
          : name === null
            ? []
            : [
                [
                  name,
                  context.has('NotePropertyValue')
                    ? context.value('NotePropertyValue')
                    : context.value('Value'),
                ],
              ];
      for (const [key, value] of added) {
        if (input.get(key) !== undefined && !context.flag('Force')) {
          await context.error(
            `Cannot add a member with the name "${key}" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command.`,
            { category: 'InvalidOperation', errorId: 'MemberAlreadyExists', target: input },
          );
          continue;
        }
        input.properties.set(key, value);
      }
      if (context.flag('PassThru')) await context.emit(input);
    },
  }),
);

const getMember = defineBuiltin(
  {
    name: 'Get-Member',
    synopsis: 'Lists the properties and methods of objects.',
    parameters: [
      builtinParameter('Name', 'string[]', { position: 0, help: 'Names; wildcards allowed.' }),
      builtinParameter('MemberType', 'string', {
        aliases: ['Type'],
        values: ['All', 'Property', 'NoteProperty', 'Properties', 'Method', 'Methods'],
        help: 'Properties or methods.',
      }),
      builtinParameter('Force', 'switch', { help: 'Accepted as in PowerShell.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    const seen = new Set<string>();
    return {
      process: async (input) => {
        if (input === null) return;
        const type = typeName(input);
        if (seen.has(type)) return;
        seen.add(type);
        const filters = context.list('Name').map((name) => compileWildcard(toText(name)));
        const wanted = (name: string): boolean =>
          filters.length === 0 || filters.some((matches) => matches(name));
        const kind = (context.text('MemberType') ?? 'All').toLowerCase();
        const member = (name: string, memberType: string, definition: string): PsObject =>
          new PsObject('Microsoft.PowerShell.Commands.MemberDefinition', [
            ['TypeName', type],
            ['Name', name],
            ['MemberType', memberType],
            ['Definition', definition],
          ]);
        if (!kind.startsWith('propert') && kind !== 'noteproperty')
          for (const name of methodNames(input).filter(wanted))
            await context.emit(member(name, 'Method', `${name}()`));
        if (kind.startsWith('method')) return;
        const memberType = isCustomObject(input) ? 'NoteProperty' : 'Property';
        for (const name of [...propertyNames(input)].filter(wanted).sort()) {
          await context.emit(
            member(
              name,
              memberType,
              `${typeName(getProperty(input, name) ?? null)
                .replace(/^System\./, '')
                .toLowerCase()} ${name}`,
            ),
          );
        }
      },
      end: async () => {
        if (seen.size === 0)
          await context.error('You must specify an object for the Get-Member cmdlet.', {
            category: 'CloseError',
            errorId: 'NoObjectInGetMember',
            exception: 'System.InvalidOperationException',
          });
      },
    };
  },
);

const newGuid = defineBuiltin(
  {
    name: 'New-Guid',
    synopsis: 'Makes a new GUID.',
    parameters: [builtinParameter('Empty', 'switch', { help: 'The one that is all zeros.' })],
  },
  (context) => ({
    end: async () =>
      context.emit(
        new Guid(
          context.flag('Empty')
            ? '00000000-0000-0000-0000-000000000000'
            : context.frame.session.surroundings.newGuid(),
        ),
      ),
  }),
);

const getRandom = defineBuiltin(
  {
    name: 'Get-Random',
    synopsis: 'Gives a random number, or random items of a list.',
    parameters: [
      builtinParameter('Maximum', 'double', { position: 0, help: 'The number is below this.' }),
      builtinParameter('Minimum', 'double', { help: 'The number is at least this; 0.' }),
      builtinParameter('Count', 'int', { help: 'How many items.' }),
      builtinParameter('InputObject', 'object[]', { byValue: true, help: 'The list.' }),
    ],
  },
  (context) => {
    const piped: Value[] = [];
    const { random } = context.frame.session.surroundings;
    return {
      process: (input) => {
        if (context.hasInput) piped.push(input);
      },
      end: async () => {
        const items = context.hasInput ? piped : [...context.list('InputObject')];
        if (!context.hasInput && !context.has('InputObject')) {
          const minimum = context.number('Minimum') ?? 0;
          const maximum = context.number('Maximum') ?? 2 ** 31 - 1;
          if (maximum <= minimum)
            throw new ScriptError('The Minimum value cannot be greater than or equal to the Maximum value.', {
              category: 'InvalidArgument',
              errorId: 'MinGreaterThanOrEqualMax',
            });
          const number = minimum + random() * (maximum - minimum);
          return context.emit(
            Number.isInteger(minimum) && Number.isInteger(maximum) ? Math.floor(number) : number,
          );
        }
        for (let left = Math.min(context.number('Count') ?? 1, items.length); left > 0; left--) {
          const [picked = null] = items.splice(Math.floor(random() * items.length), 1);
          await context.emit(picked);
        }
      },
    };
  },
);

const selectString = defineBuiltin(
  {
    name: 'Select-String',
    synopsis: 'Gives the texts that match a pattern.',
    parameters: [
      builtinParameter('Pattern', 'string[]', { position: 0, mandatory: true, help: 'Regular expressions.' }),
      builtinParameter('SimpleMatch', 'switch', { help: 'The patterns are plain text.' }),
      builtinParameter('CaseSensitive', 'switch', { help: 'Upper and lower case are different.' }),
      builtinParameter('NotMatch', 'switch', { help: 'Those that don’t match.' }),
      builtinParameter('Quiet', 'switch', { help: 'Only whether there is one.' }),
      INPUT_OBJECT,
    ],
  },
  (context) => {
    let line = 0;
    let found = false;
    const exact = context.flag('CaseSensitive');
    const tests = context.list('Pattern').map((pattern) => {
      if (context.flag('SimpleMatch'))
        return (text: string) =>
          exact ? text.includes(toText(pattern)) : text.toLowerCase().includes(toText(pattern).toLowerCase());
      const regex = regexOf(pattern, exact ? 'exact' : 'ignore', context.frame.session.surroundings.regex);
      return (text: string) => regex.compiled.match(text, 0) !== null;
    });
    return {
      process: async (input) => {
        for (const text of toText(input).split('\n')) {
          line++;
          if (tests.some((test) => test(text)) === context.flag('NotMatch')) continue;
          found = true;
          if (context.flag('Quiet')) continue;
          await context.emit(
            new PsObject('Microsoft.PowerShell.Commands.MatchInfo', [
              ['Line', text],
              ['LineNumber', line],
              ['Pattern', toText(context.list('Pattern')[0] ?? null)],
            ]),
          );
        }
      },
      end: async () => {
        if (context.flag('Quiet')) await context.emit(found);
      },
    };
  },
);

export const commands: readonly BuiltinCommand[] = [
  newObject,
  addMember,
  getMember,
  newGuid,
  getRandom,
  selectString,
];
