// From configured objects to the configuration: which kind becomes which part, whole or as the change of one entry.
// Kinds that have no part here (roles, tokens) don't act on mail.
import { acceptedDomainObject, toAcceptedDomains } from './accepted-domain.ts';
import type { ConfigurationChange, EntryChange, WholePart } from './configuration-change.ts';
import type { Configuration } from './configuration.ts';
import type { CredentialVault } from './credential-vault.ts';
import type { ObjectDeclaration, Properties } from './declared-object.ts';
import type { ChangedObject, DirectoryReader } from './directory.ts';
import { distributionGroupObject, toDistributionGroup } from './distribution-group.ts';
import { inboundConnectorObject, toInboundConnector } from './inbound-connector.ts';
import type { DirectoryObject } from './object-table.ts';
import { organizationConfigObject, toOrganizationConfig } from './organization-config.ts';
import { outboundConnectorObject, toOutboundConnector } from './outbound-connector.ts';
import { openSrsKeys, srsKeysObject } from './srs-keys.ts';
import { submissionUserObject, toSubmissionUser } from './submission-user.ts';
import { toTransportConfig, transportConfigObject } from './transport-config.ts';
import { toTransportRules, transportRuleObject } from './transport-rule.ts';

export interface ConfigurationParts {
  whole(revision: number): Configuration;
  /** null: nothing of it acts on mail. */
  change(revision: number, objects: readonly ChangedObject[]): ConfigurationChange | null;
}

/** The kinds whose objects are one entry each. */
const ENTRIES: ReadonlyMap<string, (changed: ChangedObject) => EntryChange> = new Map([
  ['OutboundConnector', entryOf('outboundConnectors', toOutboundConnector)],
  ['InboundConnector', entryOf('inboundConnectors', toInboundConnector)],
  ['DistributionGroup', entryOf('distributionGroups', toDistributionGroup)],
  ['SubmissionUser', entryOf('submissionUsers', toSubmissionUser)],
]);

/** `part` and `convert` belong together; the map's key says of which kind `changed` is. */
function entryOf(
  part: EntryChange['part'],
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own object and entry
  convert: (object: any) => any,
): (changed: ChangedObject) => EntryChange {
  return ({ guid, after }) => ({ part, guid, value: after && convert(after) });
}

type WholeParts = { readonly [K in WholePart]: () => Configuration[K] };

const PART_OF_KIND: ReadonlyMap<string, WholePart> = new Map([
  ['AcceptedDomain', 'acceptedDomains'],
  ['TransportRule', 'transportRules'],
  ['TransportConfig', 'transportConfig'],
  ['OrganizationConfig', 'organizationConfig'],
  ['SrsKeys', 'srsKeys'],
]);

export function createConfigurationParts(
  directory: DirectoryReader,
  vault: CredentialVault,
): ConfigurationParts {
  const whole: WholeParts = {
    organizationConfig: () => toOrganizationConfig(only(directory, organizationConfigObject)),
    transportConfig: () => toTransportConfig(only(directory, transportConfigObject)),
    acceptedDomains: () => toAcceptedDomains(directory.list(acceptedDomainObject)),
    transportRules: () => toTransportRules(directory.list(transportRuleObject)),
    srsKeys: () => openSrsKeys(only(directory, srsKeysObject), vault),
  };
  return {
    whole: (revision) => ({
      revision,
      organizationConfig: whole.organizationConfig(),
      transportConfig: whole.transportConfig(),
      acceptedDomains: whole.acceptedDomains(),
      transportRules: whole.transportRules(),
      srsKeys: whole.srsKeys(),
      outboundConnectors: directory.list(outboundConnectorObject).map(toOutboundConnector),
      inboundConnectors: directory.list(inboundConnectorObject).map(toInboundConnector),
      distributionGroups: directory.list(distributionGroupObject).map(toDistributionGroup),
      submissionUsers: directory.list(submissionUserObject).map(toSubmissionUser),
    }),
    change(revision, objects) {
      const entries = objects.flatMap((changed) => ENTRIES.get(changed.kind)?.(changed) ?? []);
      const parts = new Set(objects.flatMap(({ kind }) => PART_OF_KIND.get(kind) ?? []));
      if (entries.length === 0 && parts.size === 0) return null;
      const changed = Object.fromEntries([...parts].map((part) => [part, whole[part]()]));
      return { revision, entries, whole: changed };
    },
  };
}

/** The one object of a kind that there is always one of. */
function only<P extends Properties>(
  directory: DirectoryReader,
  declaration: ObjectDeclaration<P>,
): DirectoryObject<P> {
  const [object] = directory.list(declaration);
  if (!object)
    throw new Error(`The directory has no ${declaration.kind}: createInitialObjects was not called`);
  return object;
}
