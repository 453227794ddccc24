// A change of a connector that is only thought of: Test-OutboundRoute -Proposed @{ Identity = …; SmartHosts = … }.
import type { Configuration } from '#directory/configuration.ts';
import { propertyParameters } from '#directory/declared-object.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { OutboundConnectorChanges } from '#directory/outbound-connector.ts';
import { textOf } from '#parameters/parameter-type.ts';
import { Hashtable } from '#parameters/value.ts';
import { mistakes } from '../cmdlet-error.ts';
import { findObject } from '../configured-object.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { readConnectorProperty } from './imported-connector.ts';
import { planConnector } from './outbound-connector-plan.ts';

const parameters = new Map(
  Object.entries(propertyParameters(outboundConnectorObject, 'Set')).map(
    ([name, { type }]) => [name.toLowerCase(), { name, type }] as const,
  ),
);

/** The configuration with the change, and what Set-OutboundConnector would warn of. Throws its errors. */
export function proposedConfiguration(
  services: DirectoryServices,
  table: Hashtable,
): { readonly configuration: Configuration; readonly warnings: readonly string[] } {
  const identity = textOf(table.get('Identity') ?? null);
  if (identity === null) {
    throw mistakes.invalidArgument(
      'Proposed',
      'Proposed needs the connector that would change. Add Identity="…" to it.',
    );
  }
  const before = findObject(services.directory, outboundConnectorObject, identity, 'Proposed');
  const asked: unknown[][] = [];
  for (const [key, value] of table.entries()) {
    if (key.toLowerCase() === 'identity') continue;
    const known = parameters.get(key.toLowerCase());
    if (!known)
      throw mistakes.invalidArgument(
        'Proposed',
        `Set-OutboundConnector has no parameter '${key}'. Leave it out.`,
      );
    asked.push([known.name, readConnectorProperty(known.name, known.type, value, identity)]);
  }
  const changes: OutboundConnectorChanges = Object.fromEntries(asked);
  const request = {
    asked: changes,
    force: true,
    credential: undefined,
  };
  const { proposal, warnings } = planConnector(services, before.guid, before, request);
  return { configuration: services.directory.preview([proposal]), warnings };
}
