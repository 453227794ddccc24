// The types that scripts name: accelerators and .NET names, whether a value is of one, and conversion to it. An unknown
// name is an error that says so; a conversion that isn't possible says what and to which type, in PowerShell's words.
import { DateTime } from '#parameters/date-time.ts';
import { isList } from '#parameters/parameter-type.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import {
  keepOrFail,
  opaqueIs,
  toBoolean,
  toChar,
  toCustomObject,
  toDateTime,
  toGuid,
  toHashtable,
  toOrdered,
  toTimeSpan,
} from './conversions.ts';
import { ENUMERATIONS, toEnumeration } from './enumerations.ts';
import { ExceptionValue, findExceptionType, isExceptionOf } from './exception-value.ts';
import { convertToNetworkType, NETWORK_TYPES } from './network-types.ts';
import {
  Char,
  CUSTOM_OBJECT,
  Guid,
  isCustomObject,
  itemsOf,
  ListValue,
  OrderedHashtable,
} from './object-values.ts';
import { RegexValue } from './regex-value.ts';
import { cannotConvert, ScriptError } from './script-error.ts';
import { toText, typeName } from './text.ts';
import { toInteger, toNumber } from './to-number.ts';
import { type TypeDefinition, TypeValue } from './type-value.ts';

const isNumber = (value: Value): value is number => typeof value === 'number';
const types = new Map<string, TypeDefinition>();

function define(
  names: string,
  name: string,
  holds: TypeDefinition['holds'],
  convert: TypeDefinition['convert'],
): void {
  const definition = { name, holds, convert };
  for (const key of [...names.split(' ').filter((word) => word !== ''), name, name.replace(/^System\./, '')])
    types.set(key.toLowerCase(), definition);
}

function integer(names: string, name: string, minimum: number, maximum: number): void {
  define(
    names,
    name,
    (value) =>
      isNumber(value) &&
      Number.isInteger(value) &&
      value >= minimum &&
      value <= maximum &&
      (name === 'System.Int32' || name === typeName(value)),
    (value) => toInteger(value, name, minimum, maximum),
  );
}

integer('int', 'System.Int32', -(2 ** 31), 2 ** 31 - 1);
integer('long', 'System.Int64', -(2 ** 63), 2 ** 63);
integer('uint', 'System.UInt32', 0, 2 ** 32 - 1);
integer('ulong', 'System.UInt64', 0, 2 ** 64);
integer('short', 'System.Int16', -(2 ** 15), 2 ** 15 - 1);
integer('ushort', 'System.UInt16', 0, 2 ** 16 - 1);
integer('byte', 'System.Byte', 0, 255);
integer('sbyte', 'System.SByte', -128, 127);
for (const [names, name] of [
  ['double', 'System.Double'],
  ['float', 'System.Single'],
  ['decimal bigint', 'System.Decimal'],
] as const) {
  define(
    names,
    name,
    (value) => name === 'System.Double' && isNumber(value) && typeName(value) === 'System.Double',
    (value) => toNumber(value, name),
  );
}
define(
  'string',
  'System.String',
  (value) => typeof value === 'string',
  (value) => toText(value),
);
define('bool', 'System.Boolean', (value) => typeof value === 'boolean', toBoolean);
define(
  'switch',
  'System.Management.Automation.SwitchParameter',
  (value) => typeof value === 'boolean',
  toBoolean,
);
define('char', 'System.Char', (value) => value instanceof Char, toChar);
define('datetime', 'System.DateTime', (value) => value instanceof DateTime, toDateTime);
define('timespan', 'System.TimeSpan', (value) => value instanceof TimeSpan, toTimeSpan);
define('guid', 'System.Guid', (value) => value instanceof Guid, toGuid);
define(
  'hashtable',
  'System.Collections.Hashtable',
  (value) => value instanceof Hashtable && !(value instanceof OrderedHashtable),
  toHashtable,
);
define(
  'ordered System.Collections.Specialized.IOrderedDictionary',
  'System.Collections.Specialized.OrderedDictionary',
  (value) => value instanceof OrderedHashtable,
  toOrdered,
);
define(
  'System.Collections.IDictionary',
  'System.Collections.IDictionary',
  (value) => value instanceof Hashtable,
  toHashtable,
);
define('pscustomobject', CUSTOM_OBJECT, (value) => isCustomObject(value), toCustomObject);
define(
  'psobject',
  'System.Management.Automation.PSObject',
  (value) => value instanceof PsObject,
  toCustomObject,
);
define(
  'object',
  'System.Object',
  (value) => value !== null,
  (value) => value,
);
define(
  'array',
  'System.Array',
  (value) => isList(value),
  (value) => (value === null ? null : [...itemsOf(value)]),
);
define(
  'System.Collections.IEnumerable',
  'System.Collections.ICollection',
  (value) => isList(value) || value instanceof ListValue || value instanceof Hashtable,
  (value) => value,
);
define(
  'System.Collections.IList',
  'System.Collections.IList',
  (value) => isList(value) || value instanceof ListValue,
  (value) => value,
);
define(
  '',
  'System.Collections.ArrayList',
  (value) => value instanceof ListValue && value.typeName.endsWith('ArrayList'),
  (value) => new ListValue('System.Collections.ArrayList', [...itemsOf(value)]),
);
define(
  'scriptblock',
  'System.Management.Automation.ScriptBlock',
  (value) => opaqueIs(value, 'ScriptBlock'),
  (value) => keepOrFail(value, 'ScriptBlock', 'System.Management.Automation.ScriptBlock'),
);
define(
  'regex',
  'System.Text.RegularExpressions.Regex',
  (value) => value instanceof RegexValue,
  (value, surroundings) =>
    value instanceof RegexValue ? value : new RegexValue(toText(value), false, surroundings.regex),
);
define(
  'type',
  'System.RuntimeType',
  (value) => value instanceof TypeValue,
  (value) => (value instanceof TypeValue ? value : new TypeValue(findType(toText(value)))),
);
define(
  '',
  'System.Management.Automation.ErrorRecord',
  (value) => opaqueIs(value, 'ErrorRecord'),
  (value) => keepOrFail(value, 'ErrorRecord', 'System.Management.Automation.ErrorRecord'),
);
define(
  'void',
  'System.Void',
  () => false,
  () => null,
);
define(
  'ref',
  'System.Management.Automation.PSReference',
  (value) => opaqueIs(value, 'PSReference'),
  (value) => value,
);
for (const [names, name] of [
  ['securestring', 'System.Security.SecureString'],
  ['pscredential', 'System.Management.Automation.PSCredential'],
  ['', 'System.Management.Automation.PSNoteProperty'],
  ['', 'System.Management.Automation.Host.ChoiceDescription'],
] as const) {
  const holds = (value: Value): boolean => value !== null && typeName(value) === name;
  define(names, name, holds, (value) => {
    if (value === null || holds(value)) return value;
    throw cannotConvert(toText(value), name, '');
  });
}
for (const name of ['Math', 'Convert', 'Environment', 'Console', 'IO.Path', 'Text.Encoding', 'Enum'])
  define(
    '',
    `System.${name}`,
    () => false,
    () => {
      throw cannotConvert('', `System.${name}`, '');
    },
  );
for (const [names, name] of NETWORK_TYPES)
  define(
    names,
    name,
    (value) => value instanceof PsObject && value.typeName === name,
    (value) => convertToNetworkType(name, value),
  );

for (const [name, values] of Object.entries(ENUMERATIONS)) {
  define(
    name.split('.').pop() ?? '',
    name,
    () => false,
    (value) => toEnumeration(value, name, values),
  );
}

const exceptionTypes = new Map<string, TypeDefinition>();

function exceptionType(name: string): TypeDefinition {
  let type = exceptionTypes.get(name);
  if (!type) {
    type = {
      name,
      holds: (value) => value instanceof ExceptionValue && isExceptionOf(value.typeName, name),
      convert: (value) => (value instanceof ExceptionValue ? value : new ExceptionValue(name, toText(value))),
    };
    exceptionTypes.set(name, type);
  }
  return type;
}

function arrayType(element: TypeDefinition): TypeDefinition {
  const name = `${element.name}[]`;
  return {
    name,
    holds: (value) =>
      isList(value) && (element.name === 'System.Object' || value.every((item) => element.holds(item))),
    convert: (value, surroundings) =>
      value === null ? null : itemsOf(value).map((item) => element.convert(item, surroundings)),
  };
}

const LIST = /^(?:system\.)?collections\.(?:generic\.(?:list|hashset)(?:`1)?\[(.+)\]|arraylist)$/i;
const DICTIONARY = /^(?:system\.)?collections\.generic\.dictionary\[.+\]$/i;

/** The type of that name; throws ScriptError for one that isn't known. */
export function findType(written: string): TypeDefinition {
  const key = written.toLowerCase().replace(/\s/g, '');
  const known = types.get(key);
  if (known) return known;
  if (key.endsWith('[]')) return arrayType(findType(written.slice(0, written.lastIndexOf('['))));
  if (key.startsWith('nullable[') || key.startsWith('system.nullable[')) {
    const inner = findType(written.slice(written.indexOf('[') + 1, -1));
    return {
      ...inner,
      convert: (value, surroundings) => (value === null ? null : inner.convert(value, surroundings)),
    };
  }
  const list = LIST.exec(key);
  if (list) {
    const element = findType(list[1] ?? 'object');
    const name = `System.Collections.Generic.List[${element.name}]`;
    return {
      name,
      holds: (value) => value instanceof ListValue,
      convert: (value, surroundings) =>
        value === null
          ? null
          : new ListValue(
              name,
              itemsOf(value).map((item) => element.convert(item, surroundings)),
            ),
    };
  }
  if (DICTIONARY.test(key))
    return {
      name: 'System.Collections.Generic.Dictionary',
      holds: (value) => value instanceof Hashtable,
      convert: toHashtable,
    };
  const exception = findExceptionType(written);
  if (exception !== null) return exceptionType(exception);
  throw new ScriptError(`Unable to find type [${written}].`, { errorId: 'TypeNotFound', target: written });
}
