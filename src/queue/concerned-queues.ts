// Which queues a change of connectors or rules concerns: a connector's own, those by MX whose domain it takes or took, and
// always the mail that has no next hop, because a rule that names one couldn't be carried out. Pure. A corrected
// connector releases its mail at once (Postern): the caller makes these queues due.
import type { OutboundConnector } from '#directory/configuration.ts';
import { matchesDomainPattern } from '#mail/domain-pattern.ts';
import { readNextHopKey } from '#routing/route.ts';

export interface ConnectorChange {
  readonly guid: string;
  /** As it is now; null: removed. */
  readonly after: OutboundConnector | null;
}

const NO_NEXT_HOP = '';

/** No changes of connectors: a rule has changed. */
export function queuesConcerned(
  keys: Iterable<string>,
  changes: readonly ConnectorChange[],
): readonly string[] {
  const guids = new Set(changes.map((change) => change.guid));
  const patterns = changes.flatMap((change) => change.after?.RecipientDomains ?? []);
  const takesAll = changes.some(
    ({ after }) => after !== null && (after.AllAcceptedDomains || after.RouteAllMessagesViaOnPremises),
  );
  const concerned: string[] = [];
  for (const key of keys) {
    const { guid, domain } = readNextHopKey(key);
    const taken =
      domain !== null && (takesAll || patterns.some((pattern) => matchesDomainPattern(pattern, domain)));
    if (key === NO_NEXT_HOP || guids.has(guid) || taken) concerned.push(key);
  }
  return concerned;
}
