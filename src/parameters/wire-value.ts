// Values between daemon and console, as JSON that keeps their types: scalars and lists as they are, everything else as
// an object with one-letter tags. What is understood on one side only (a script block) doesn't cross: WireValueError.
//   {"$":"d","v":1462545000000}      DateTime in UTC, milliseconds   {"$":"d","v":"2016-05-06T…"}  any other DateTime
//   {"$":"s","v":"1.00:15:00"}       TimeSpan                        {"$":"n","v":"NaN"}           NaN, Infinity
//   {"$":"h","v":[key, value, …]}    Hashtable                       {"$":"o","t":"type","v":[name, value, …]}  PsObject
import { DateTime } from './date-time.ts';
import { isList } from './parameter-type.ts';
import { TimeSpan } from './time-span.ts';
import { Hashtable, PsObject } from './value.ts';
import type { Value } from './value.ts';

export class WireValueError extends Error {
  override readonly name = 'WireValueError';
}

const MAX_DEPTH = 64;

/** JSON-able; throws WireValueError. */
export function toWire(value: Value, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return toWireNumber(value);
  if (depth > MAX_DEPTH) throw new WireValueError(`The value is nested more than ${MAX_DEPTH} levels deep.`);
  if (isList(value)) return value.map((item) => toWire(item, depth + 1));
  if (value instanceof PsObject) return { $: 'o', t: value.typeName, v: toFlatList(value.properties, depth) };
  if (value instanceof Hashtable) return { $: 'h', v: toFlatList(value, depth) };
  if (value instanceof DateTime) return { $: 'd', v: toWireTime(value) };
  if (value instanceof TimeSpan) return { $: 's', v: value.toString() };
  const name = 'opaque' in value ? value.opaque : 'value';
  throw new WireValueError(
    `A ${name} can't be given to this cmdlet. Give text, a number, a list or a table.`,
  );
}

/** JSON knows neither NaN nor infinities, and loses the sign of zero. */
function toWireNumber(value: number): unknown {
  if (Object.is(value, -0)) return { $: 'n', v: '-0' };
  return Number.isFinite(value) ? value : { $: 'n', v: String(value) };
}

function toFlatList(table: Hashtable, depth: number): unknown[] {
  const flat: unknown[] = [];
  for (const [key, value] of table.entries()) flat.push(key, toWire(value, depth + 1));
  return flat;
}

function toWireTime(time: DateTime): number | string {
  return time.kind === 'Utc' && time.ticks % 10_000n === 0n ? time.toUtcMilliseconds() : time.toJSON();
}

/** Throws WireValueError for what toWire never makes. */
export function fromWire(wire: unknown, depth = 0): Value {
  if (wire === null || typeof wire === 'string' || typeof wire === 'boolean' || typeof wire === 'number')
    return wire;
  if (depth > MAX_DEPTH) throw new WireValueError(`The value is nested more than ${MAX_DEPTH} levels deep.`);
  if (Array.isArray(wire)) return wire.map((item) => fromWire(item, depth + 1));
  if (typeof wire !== 'object' || !('$' in wire) || !('v' in wire)) throw malformed();
  const { $: tag, v: content } = wire;
  if (tag === 'o' || tag === 'h') {
    const type = 't' in wire && typeof wire.t === 'string' ? wire.t : null;
    const object = new PsObject(type ?? 'Hashtable', fromFlatList(content, depth));
    return tag === 'o' ? object : object.properties;
  }
  if (tag === 'd') return fromWireTime(content);
  if (tag === 's') return (typeof content === 'string' ? TimeSpan.parse(content) : null) ?? fail();
  if (tag === 'n' && typeof content === 'string') return Number(content);
  throw malformed();
}

function* fromFlatList(list: unknown, depth: number): Iterable<readonly [string, Value]> {
  if (!Array.isArray(list) || list.length % 2 !== 0) throw malformed();
  for (let index = 0; index < list.length; index += 2) {
    const key: unknown = list[index];
    if (typeof key !== 'string') throw malformed();
    yield [key, fromWire(list[index + 1], depth + 1)];
  }
}

function fromWireTime(content: unknown): DateTime {
  if (typeof content === 'number' && Number.isFinite(content)) return DateTime.fromUtcMilliseconds(content);
  const time = (typeof content === 'string' ? DateTime.parse(content) : null) ?? fail();
  return String(content).endsWith('Z') ? time.toUniversalTime() : time;
}

function fail(): never {
  throw malformed();
}

function malformed(): WireValueError {
  return new WireValueError('The value is not in the form in which values cross between console and daemon.');
}
