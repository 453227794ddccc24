// Reads one connector of an import: its properties by name without regard to case, in the forms that Exchange Online's and
// Postern's JSON have. Properties of the directory's own are passed over; unknown ones are named to the caller.
import type { AnyProperty } from '#directory/declared-object.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { OutboundConnectorChanges } from '#directory/outbound-connector.ts';
import { ConversionProblem, isList } from '#parameters/parameter-type.ts';
import type { ParameterType } from '#parameters/parameter-type.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { mistakes } from '../cmdlet-error.ts';

export interface ImportedConnector {
  readonly name: string;
  readonly asked: OutboundConnectorChanges;
  readonly unknown: readonly string[];
}

/** What Get- shows of every object, and what PowerShell and the wire API add. */
const PASSED_OVER = new Set(
  [
    'AdminDisplayName',
    'ExchangeVersion',
    'DirectoryObjectVersion',
    'DistinguishedName',
    'Identity',
    'ObjectCategory',
    'ObjectClass',
    'WhenChanged',
    'WhenCreated',
    'WhenChangedUTC',
    'WhenCreatedUTC',
    'ExchangeObjectId',
    'OrganizationalUnitRoot',
    'OrganizationId',
    'Id',
    'Guid',
    'OriginatingServer',
    'IsValid',
    'ObjectState',
    'Name',
    'HasSmartHostCredential',
    'PSComputerName',
    'RunspaceId',
    'PSShowComputerName',
    'PSSourceJobInstanceId',
  ].map((name) => name.toLowerCase()),
);

const properties: ReadonlyMap<string, readonly [string, AnyProperty]> = new Map(
  Object.entries<AnyProperty>(outboundConnectorObject.properties)
    .filter(([, { input }]) => input !== null)
    .map((entry) => [entry[0].toLowerCase(), entry]),
);

/** Throws CmdletError that names the property at fault. */
export function readImportedConnector(table: Hashtable, index: number): ImportedConnector {
  const given = unwrapped(table.get('Name') ?? table.get('Identity') ?? null);
  if (given === null || given === '') {
    throw mistakes.invalidArgument(
      'InputObject',
      `Object ${index + 1} has no Name. Every connector needs one.`,
    );
  }
  const name = readConnectorProperty('Name', outboundConnectorObject.nameType, given, `object ${index + 1}`);
  const unknown: string[] = [];
  const entries: unknown[][] = [['Name', name]];
  for (const [key, value] of table.entries()) {
    const property = properties.get(key.toLowerCase());
    if (property?.[1].input) {
      // Exchange Online has null where a property was never set.
      if (unwrapped(value) === null && !property[1].input.nullable) continue;
      entries.push([
        property[0],
        readConnectorProperty(property[0], property[1].input, unwrapped(value), name),
      ]);
    } else if (!PASSED_OVER.has(key.toLowerCase()) && !key.includes('@')) unknown.push(key);
  }
  const asked: OutboundConnectorChanges = Object.fromEntries(entries);
  return { name, asked, unknown };
}

export function readConnectorProperty<T>(
  name: string,
  type: ParameterType<T>,
  value: Value,
  owner: string,
): T {
  try {
    return type.read(value);
  } catch (error) {
    if (!(error instanceof ConversionProblem)) throw error;
    const why =
      error.reason === 'transformation' || error.reason === 'validation' ? error.message : 'It has no value.';
    throw mistakes.invalidArgument(name, `${owner}: ${name} can't be taken over. ${why}`, owner);
  }
}

/** Windows PowerShell writes dates as `/Date(ms)/`, and enumerations and lists of remote objects as `{ value, Value }`. */
function unwrapped(value: Value): Value {
  if (typeof value === 'string') {
    const milliseconds = /^\/Date\((-?\d{1,15})\)\/$/.exec(value)?.[1];
    return milliseconds === undefined ? value : new Date(Number(milliseconds)).toISOString();
  }
  if (isList(value)) return value.map(unwrapped);
  const table = value instanceof PsObject ? value.properties : value;
  if (!(table instanceof Hashtable)) return value;
  return unwrapped(table.get('value') ?? null);
}

const MAX_JSON = 64 * 2 ** 20;

/** The objects of a JSON text: a list, one object, or the wire API's `{ "value": […] }`. Throws CmdletError. */
export function readConnectorJson(text: string): readonly Value[] {
  if (text.length > MAX_JSON)
    throw mistakes.invalidArgument('Content', 'The text is longer than 64 MiB. Import it in parts.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw mistakes.invalidArgument(
      'Content',
      `This is not JSON: ${why}. Export the connectors with ConvertTo-Json.`,
    );
  }
  const value = fromJson(parsed);
  if (isList(value)) return value;
  const wrapped = value instanceof Hashtable ? value.get('value') : undefined;
  return wrapped !== undefined && isList(wrapped) ? wrapped : [value];
}

function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(fromJson);
  if (json === null || typeof json !== 'object') {
    return typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean' ? json : null;
  }
  const table = new Hashtable();
  for (const [key, value] of Object.entries(json)) table.set(key, fromJson(value));
  return table;
}
