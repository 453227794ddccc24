// What the cmdlets of configured objects need: the directory, the vault for passwords, the clock, and the index of
// connectors that are in each other's way. Made once by the composition root.
import type { Configuration } from '#directory/configuration.ts';
import { createConnectorOverlaps } from '#directory/connector-overlaps.ts';
import type { ConnectorOverlaps } from '#directory/connector-overlaps.ts';
import type { CredentialVault } from '#directory/credential-vault.ts';
import type { Directory } from '#directory/directory.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { CmdletContext } from './cmdlet.ts';

/** Says (whatIf, verbose) what another configuration would do to the mail of the last days. */
export type ImpactReport = (
  before: Configuration,
  after: Configuration,
  context: CmdletContext<unknown>,
) => Promise<void>;

export interface DirectoryServices {
  readonly directory: Directory;
  readonly vault: CredentialVault;
  readonly connectorOverlaps: ConnectorOverlaps;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Asked by -WhatIf; null: there is no trace to tell from. */
  readonly impact: ImpactReport | null;
}

export function createDirectoryServices(
  directory: Directory,
  vault: CredentialVault,
  now: () => number,
  impact: ImpactReport | null = null,
): DirectoryServices {
  const connectorOverlaps = createConnectorOverlaps();
  for (const connector of directory.list(outboundConnectorObject)) connectorOverlaps.put(connector);
  directory.onChange(({ objects }) => {
    for (const { kind, guid } of objects) {
      if (kind !== outboundConnectorObject.kind) continue;
      const connector = directory.get(outboundConnectorObject, guid);
      if (connector) connectorOverlaps.put(connector);
      else connectorOverlaps.delete(guid);
    }
  });
  return { directory, vault, connectorOverlaps, now, impact };
}
