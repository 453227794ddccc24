// What transport rules name: connectors and distribution groups. Rules keep GUIDs, so that a new name doesn't break them;
// administrators give and see names. Pure look-ups in the directory.
import { distributionGroupObject } from './distribution-group.ts';
import type { DirectoryReader } from './directory.ts';
import { outboundConnectorObject } from './outbound-connector.ts';
import { inOrderOfPriority, transportRuleObject } from './transport-rule.ts';
import type { TransportRuleValues } from './transport-rule.ts';

/** The properties that hold GUIDs of groups. */
export const GROUP_PROPERTIES = [
  'FromMemberOf',
  'SentToMemberOf',
  'ExceptIfFromMemberOf',
  'ExceptIfSentToMemberOf',
] as const;

/** Names of the rules that route to a connector, in order of priority. */
export function rulesNamingConnector(directory: DirectoryReader, guid: string): readonly string[] {
  const naming = directory
    .list(transportRuleObject)
    .filter(({ values }) => values.RouteMessageOutboundConnector === guid);
  return inOrderOfPriority(naming).map(({ values }) => values.Name);
}

/** Names of the rules that ask for members of a group. */
export function rulesNamingGroup(directory: DirectoryReader, guid: string): readonly string[] {
  const naming = directory
    .list(transportRuleObject)
    .filter(({ values }) => GROUP_PROPERTIES.some((name) => values[name].includes(guid)));
  return inOrderOfPriority(naming).map(({ values }) => values.Name);
}

/** The references as Get-TransportRule shows them; what is gone is shown by its GUID. */
export function shownReferences(
  directory: DirectoryReader,
  values: TransportRuleValues,
): Readonly<Record<string, string | null | readonly string[]>> {
  const connector = values.RouteMessageOutboundConnector;
  const groupName = (guid: string): string =>
    directory.get(distributionGroupObject, guid)?.values.Name ?? guid;
  return {
    RouteMessageOutboundConnector:
      connector === null
        ? null
        : (directory.get(outboundConnectorObject, connector)?.values.Name ?? connector),
    ...Object.fromEntries(GROUP_PROPERTIES.map((name) => [name, values[name].map(groupName)])),
  };
}
