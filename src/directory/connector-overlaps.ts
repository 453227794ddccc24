// Which connectors are in each other's way: an index from what a connector matches to the connectors that match it, so
// that the rule about overlaps costs a look-up per pattern, however many connectors there are. Follows the directory.
import { compareNames } from './object-name.ts';
import type { OutboundConnectorObject, OutboundConnectorValues } from './outbound-connector.ts';
import { domainPatternKey } from './property-types.ts';

export interface Overlap {
  /** As a sentence says it: `contoso.com`, `every accepted domain`. */
  readonly what: string;
  /** Names of the others, the one that wins among them first. */
  readonly others: readonly string[];
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
        const others = [...(byKey.get(key) ?? [])].flatMap(([other, name]) => (other === guid ? [] : [name]));
        return others.length === 0 ? [] : [{ what: spoken(key), others: others.sort(compareNames) }];
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
