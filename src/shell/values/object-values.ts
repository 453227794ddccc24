// The shell's own values beside those that cmdlets know: characters, GUIDs, types, growing lists, references, streams' records.
// None of them crosses to the daemon as it is; toCmdletValue turns those that mean something there into plain values.
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, type Opaque, PsObject, type Value } from '#parameters/value.ts';
import { isList } from '#parameters/parameter-type.ts';
import { ScriptBlockValue } from './script-block.ts';
import { SecureText } from './secure-text.ts';

/** One UTF-16 unit, as `"abc"[0]` gives it. */
export class Char implements Opaque {
  readonly opaque = 'Char';
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  get code(): number {
    return this.text.charCodeAt(0);
  }
}

export class Guid implements Opaque {
  readonly opaque = 'Guid';
  /** Lower case with hyphens. */
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** `ArrayList` and `List[T]`: grows in place. */
export class ListValue implements Opaque {
  readonly opaque = 'List';
  readonly typeName: string;
  readonly items: Value[];
  constructor(typeName: string, items: Value[] = []) {
    this.typeName = typeName;
    this.items = items;
  }
}

/** `[ordered]@{}`: also indexed by position. */
export class OrderedHashtable extends Hashtable {}

/** `[ref]$x`: reads and writes the variable. */
export class Reference implements Opaque {
  readonly opaque = 'PSReference';
  readonly #read: () => Value;
  readonly #write: (value: Value) => void;
  constructor(read: () => Value, write: (value: Value) => void) {
    this.#read = read;
    this.#write = write;
  }
  get value(): Value {
    return this.#read();
  }
  set value(value: Value) {
    this.#write(value);
  }
}

/** What Write-Host and Write-Information leave behind on the information stream. */
export class InformationRecord implements Opaque {
  readonly opaque = 'InformationRecord';
  readonly message: Value;
  readonly text: string;
  /** Written by Write-Host: shown whatever $InformationPreference says. */
  readonly host: {
    readonly foreground: string | null;
    readonly background: string | null;
    readonly newline: boolean;
  } | null;
  constructor(message: Value, text: string, host: InformationRecord['host']) {
    this.message = message;
    this.text = text;
    this.host = host;
  }
}

/** Text of the warning, verbose or debug stream, when it is collected or merged into the output. */
export class StreamRecord implements Opaque {
  readonly opaque: 'WarningRecord' | 'VerboseRecord' | 'DebugRecord';
  readonly message: string;
  constructor(kind: StreamRecord['opaque'], message: string) {
    this.opaque = kind;
    this.message = message;
  }
}

/** A value as the daemon understands it; throws nothing, leaves what it doesn't know to the wire's own refusal. */
export function toCmdletValue(value: Value): Value {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(toCmdletValue);
  if (value instanceof DateTime || value instanceof TimeSpan) return value;
  if (value instanceof PsObject) return new PsObject(value.typeName, mapEntries(value.properties));
  if (value instanceof Hashtable) {
    const table = new Hashtable();
    for (const [key, item] of mapEntries(value)) table.set(key, item);
    return table;
  }
  if (value instanceof ListValue) return value.items.map(toCmdletValue);
  if (value instanceof Char || value instanceof Guid) return value.text;
  if (value instanceof SecureText) return value.reveal();
  // PowerShell: where a cmdlet takes text, a block is the text between its braces (-Filter {Status -eq 'Retry'}).
  if (value instanceof ScriptBlockValue) return value.toString().trim();
  return value;
}

function* mapEntries(table: Hashtable): Iterable<readonly [string, Value]> {
  for (const [key, item] of table.entries()) yield [key, toCmdletValue(item)];
}

export const CUSTOM_OBJECT = 'System.Management.Automation.PSCustomObject';

export function customObject(properties: Iterable<readonly [string, Value]> = []): PsObject {
  return new PsObject(CUSTOM_OBJECT, properties);
}

export function isCustomObject(value: Value): boolean {
  return (
    value instanceof PsObject &&
    (value.typeName === CUSTOM_OBJECT ||
      value.typeName === 'PSCustomObject' ||
      value.typeName.startsWith('Selected.'))
  );
}

/** PowerShell's arrays change in place when an item is set; nothing else may use this. */
export function mutableItems(list: readonly Value[]): Value[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shell's own lists are plain arrays
  return list as Value[];
}

/** The items that a value stands for on a pipeline: those of a list, itself otherwise, nothing for an empty one. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  return value instanceof ListValue ? value.items : [value];
}
