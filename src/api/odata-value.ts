// Values on the wire, as Exchange's admin API has them: JSON with typing sidecars (`X@data.type`, `X@odata.type`) beside
// everything that isn't text. Reading takes the same shapes, tables in Exchange's GenericHashTable form too; whatever
// the keys are called, they never touch a prototype.
import { isList } from '#parameters/parameter-type.ts';
import { DateTime } from '#parameters/date-time.ts';
import { TimeSpan } from '#parameters/time-span.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';

const HASHTABLE = '#Exchange.GenericHashTable';
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_DEPTH = 16;

type Sidecars = readonly [dataType: string, odataType: string] | null;

export type ODataEntry = readonly [name: string, value: unknown];

/** One object of a cmdlet's output; text and numbers stay what they are. */
export function toOData(value: Value, depth = 0): unknown {
  if (depth > MAX_DEPTH) return null;
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => toOData(item, depth + 1));
  if (value instanceof PsObject) return Object.fromEntries(withSidecars(value.properties, depth));
  if (value instanceof Hashtable) {
    return Object.fromEntries([['@odata.type', HASHTABLE], ...withSidecars(value, depth)]);
  }
  if (value instanceof DateTime || value instanceof TimeSpan) return value.toJSON();
  return null;
}

function* withSidecars(table: Hashtable, depth: number): Iterable<ODataEntry> {
  for (const [name, value] of table.entries()) {
    if (isList(value)) yield [`${name}@odata.type`, collectionType(value)];
    const types = sidecars(name, value);
    if (types) {
      yield [`${name}@data.type`, types[0]];
      yield [`${name}@odata.type`, types[1]];
    }
    yield [name, toOData(value, depth + 1)];
  }
}

function collectionType(list: readonly Value[]): string {
  const holdsObjects = list.some((item) => item instanceof PsObject || item instanceof Hashtable);
  return holdsObjects ? `#Collection(${HASHTABLE.slice(1)})` : '#Collection(String)';
}

function sidecars(name: string, value: Value): Sidecars {
  if (typeof value === 'boolean') return ['System.Boolean', '#Boolean'];
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return ['System.Double', '#Double'];
    return Math.abs(value) < 2 ** 31 ? ['System.Int32', '#Int32'] : ['System.Int64', '#Int64'];
  }
  if (value instanceof DateTime) return ['System.DateTime', '#DateTimeOffset'];
  if (value instanceof TimeSpan) return ['System.TimeSpan', '#String'];
  if (typeof value === 'string' && /(?:Guid|ObjectId)$/.test(name) && GUID.test(value))
    return ['System.Guid', '#Guid'];
  return null;
}

/** A parameter's value from JSON; undefined where it is nested too deep. */
export function fromOData(json: unknown, depth = 0): Value | undefined {
  if (json === null || typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean')
    return json;
  if (depth > MAX_DEPTH || typeof json !== 'object') return undefined;
  if (Array.isArray(json)) {
    const items = json.map((item) => fromOData(item, depth + 1));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const table = new Hashtable();
  for (const [name, item] of parameterEntries(json)) {
    const value = fromOData(item, depth + 1);
    if (value === undefined) return undefined;
    table.set(name, value);
  }
  return table;
}

/** The members of a JSON object without its typing sidecars. */
export function parameterEntries(json: object): readonly ODataEntry[] {
  return Object.entries(json).filter(([name]) => !/@(?:odata|data)\.type$/i.test(name));
}

/** What the wire said about an object's members, read again with its types; scalars stay what they are. */
export function fromODataObject(json: unknown, typeName: string, depth = 0): Value {
  if (json === null || typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean')
    return json;
  if (depth > MAX_DEPTH || typeof json !== 'object') return null;
  if (Array.isArray(json)) return json.map((item) => fromODataObject(item, 'PSCustomObject', depth + 1));
  const members = new Map(Object.entries(json));
  const object = new PsObject(typeName);
  for (const [name, value] of parameterEntries(json)) {
    const type = members.get(`${name}@data.type`);
    object.properties.set(name, typed(value, type) ?? fromODataObject(value, 'PSCustomObject', depth + 1));
  }
  return members.get('@odata.type') === HASHTABLE ? object.properties : object;
}

function typed(value: unknown, type: unknown): Value {
  if (typeof value !== 'string') return null;
  if (type === 'System.TimeSpan') return TimeSpan.parse(value);
  if (type !== 'System.DateTime') return null;
  const time = DateTime.parse(value);
  return value.endsWith('Z') && time ? time.toUniversalTime() : time;
}
