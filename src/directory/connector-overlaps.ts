// Which connectors are in each other's way: an index from what a connector matches to the connectors that match it, so
// that the rule about overlaps costs a look-up per pattern, however many connectors there are. Follows the directory.
import { compareNames } from './object-name.ts';
import type { OutboundConnectorObject, OutboundConnectorValues } from './outbound-connector.ts';
import { domainPatternKey } from './property-types.ts';

export interface Overlap {
  /** As a sentence says it: `contoso.com`, `every accepted domain`. */
  readonly what: string;
  /** Names of the others, the one that wins among them first; the first ten of them at most. */
  readonly others: readonly string[];
  /** How many others there are. */
  readonly count: number;
}

export interface ConnectorOverlaps {
  put(object: OutboundConnectorObject): void;
  delete(guid: string): void;
  /** What a connector with these values would have in common with others; `guid`: itself, left out. */
  find(values: OutboundConnectorValues, guid: string | null): readonly Overlap[];
}

export function createConnectorOverlaps(): ConnectorOverlaps {
  const byKey = new Map<string, Map<string, string>>();
  const keysOf = new Map<string, readonly string[]>();
  const drop = (guid: string): void => {
    for (const key of keysOf.get(guid) ?? []) {
      const names = byKey.get(key);
      names?.delete(guid);
      if (names?.size === 0) byKey.delete(key);
    }
    keysOf.delete(guid);
  };
  return {
    put({ guid, values }) {
      drop(guid);
      const keys = matchKeys(values);
      for (const key of keys) {
        const names = byKey.get(key) ?? new Map<string, string>();
        names.set(guid, values.Name);
        byKey.set(key, names);
      }
      keysOf.set(guid, keys);
    },
    delete: drop,
    find: (values, guid) =>
      matchKeys(values).flatMap((key) => {
        const names = byKey.get(key);
        const count = (names?.size ?? 0) - (guid !== null && names?.has(guid) ? 1 : 0);
        if (!names || count === 0) return [];
        return [{ what: spoken(key), others: firstNames(names, guid), count }];
      }),
  };
}

/** Connectors that take all mail compete with each other only: they come before the rest anyhow. */
const CENTRAL = 'central ';
const ACCEPTED = 'accepted';

/** What a connector is selected for; nothing where it never takes part in the selection. */
function matchKeys(values: OutboundConnectorValues): readonly string[] {
  if (!values.Enabled || values.TestMode || values.IsTransportRuleScoped) return [];
  const prefix = values.RouteAllMessagesViaOnPremises ? CENTRAL : '';
  const patterns = values.RecipientDomains.map((text) => prefix + domainPatternKey(text));
  if (values.AllAcceptedDomains) patterns.push(prefix + ACCEPTED);
  return prefix !== '' && patterns.length === 0 ? [`${CENTRAL}*`] : patterns;
}

function spoken(key: string): string {
  const what = key.startsWith(CENTRAL) ? key.slice(CENTRAL.length) : key;
  return what === ACCEPTED ? 'the accepted domains' : what;
}

const NAMES_KEPT = 10;

/** Without sorting them all: ten thousand connectors for `*` are a mistake, but must not be slow. */
function firstNames(names: ReadonlyMap<string, string>, without: string | null): readonly string[] {
  const first: string[] = [];
  for (const [guid, name] of names) {
    const last = first.at(-1);
    if (guid === without) continue;
    if (first.length === NAMES_KEPT && last !== undefined && compareNames(name, last) > 0) continue;
    const place = first.findIndex((other) => compareNames(name, other) < 0);
    first.splice(place === -1 ? first.length : place, 0, name);
    first.length = Math.min(first.length, NAMES_KEPT);
  }
  return first;
}
