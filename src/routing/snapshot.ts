// The configuration, arranged for routing: made for each new configuration, used by any number of messages, never changed.
// One that follows another shares all that didn't change with it, so that a change among 10,000 connectors takes
// microseconds; objects are compared by identity, so the caller must keep those that are the same the same.
import type { Configuration, OutboundConnector } from '#directory/configuration.ts';
import { type AcceptedDomains, changeAcceptedDomains, createAcceptedDomains } from './accepted-domains.ts';
import { changedObjects } from './changed-objects.ts';
import { changeConnectorIndex, type ConnectorIndex, emptyConnectorIndex } from './connector-index.ts';
import { createDestinations, type Destinations } from './destinations.ts';
import { createGroupMembers, type GroupMembers } from './rules/group-members.ts';
import { createRuleSet, type RuleSet } from './rules/rule-set.ts';

export interface RoutingSnapshot {
  readonly configuration: Configuration;
  readonly connectors: ConnectorIndex;
  readonly accepted: AcceptedDomains;
  readonly rules: RuleSet;
  readonly members: GroupMembers;
  readonly destinations: Destinations;
  /** Any outbound connector, whatever its state; null: there is none of this GUID. */
  connectorByGuid(guid: string): OutboundConnector | null;
}

/**
 * `previous` is the snapshot of an earlier configuration, if there was one; it stays usable. Without it, or where most
 * objects are new, everything is built: some 50 ms for 10,000 connectors with 50,000 patterns.
 */
export function createRoutingSnapshot(
  configuration: Configuration,
  previous: RoutingSnapshot | null = null,
): RoutingSnapshot {
  const before = previous?.configuration;
  const connectors = changeConnectorIndex(
    previous?.connectors ?? emptyConnectorIndex(),
    changedObjects(before?.outboundConnectors ?? [], configuration.outboundConnectors),
  );
  const accepted =
    previous === null
      ? createAcceptedDomains(configuration.acceptedDomains)
      : changeAcceptedDomains(
          previous.accepted,
          changedObjects(previous.configuration.acceptedDomains, configuration.acceptedDomains),
        );
  const sameRules = before?.transportRules === configuration.transportRules;
  const sameGroups = before?.distributionGroups === configuration.distributionGroups;
  let byGuid: ReadonlyMap<string, OutboundConnector> | undefined;
  return {
    configuration,
    connectors,
    accepted,
    rules:
      previous !== null && sameRules
        ? previous.rules
        : createRuleSet(configuration.transportRules, previous?.rules),
    members:
      previous !== null && sameGroups
        ? previous.members
        : createGroupMembers(configuration.distributionGroups),
    destinations: createDestinations({
      connectors,
      accepted,
      transportConfig: configuration.transportConfig,
    }),
    connectorByGuid(guid) {
      byGuid ??= new Map(configuration.outboundConnectors.map((connector) => [connector.Guid, connector]));
      return byGuid.get(guid) ?? null;
    },
  };
}
