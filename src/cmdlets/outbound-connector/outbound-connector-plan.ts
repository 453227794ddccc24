// How the outbound connector's cmdlets plan a change: the rules of the directory over what is there now.
import { applyConnectorRules } from '#directory/outbound-connector-rules.ts';
import type { ConnectorSurroundings } from '#directory/outbound-connector-rules.ts';
import { sealCredential } from '#directory/credential-vault.ts';
import type { Credential, CredentialVault } from '#directory/credential-vault.ts';
import { create, update } from '#directory/directory.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type {
  OutboundConnectorChanges,
  OutboundConnectorObject,
  OutboundConnectorProperties,
} from '#directory/outbound-connector.ts';
import { rulesNamingConnector } from '#directory/transport-rule-references.ts';
import { credentialType } from '#parameters/credential-type.ts';
import { nullable } from '#parameters/parameter-type.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import type { ParameterDeclaration } from '#parameters/parameter-declaration.ts';
import { assertNoProblems } from '../configured-object.ts';
import type { Plan } from '../configured-object.ts';
import type { DirectoryServices } from '../directory-services.ts';

export const credentialParameter: ParameterDeclaration<Credential | null, 'maybe'> = parameter(
  nullable(credentialType),
  {
    secret: true,
    help: 'The user name and password with which Postern signs in at the smart hosts, over TLS only: (Get-Credential), or @{UserName="…"; Password="…"}. It is kept encrypted and never shown; HasSmartHostCredential says that there is one. $null removes it.',
  },
);

export interface AskedOfConnector {
  readonly asked: OutboundConnectorChanges;
  readonly force: boolean;
  /** undefined: not given. */
  readonly credential: Credential | null | undefined;
  /** A credential that is sealed already (Restore-), in place of `credential`. */
  readonly sealedCredential?: string | null;
}

/** `before` null: a new connector under this GUID. Throws CmdletError. */
export function planConnector(
  services: DirectoryServices,
  guid: string,
  before: OutboundConnectorObject | null,
  { asked, force, credential, sealedCredential }: AskedOfConnector,
): Plan<OutboundConnectorProperties> {
  const change = {
    before: before?.values ?? null,
    asked,
    force,
    ...(sealedCredential === undefined ? sealed(services.vault, guid, credential) : { sealedCredential }),
  };
  const { after, problems, warnings } = applyConnectorRules(change, surroundings(services, guid));
  assertNoProblems(problems, before?.values.Name ?? after.Name);
  const declaration = outboundConnectorObject;
  const proposal = before ? update(declaration, before, after) : create(declaration, guid, after);
  return { proposal, warnings };
}

function sealed(
  vault: CredentialVault,
  guid: string,
  credential: Credential | null | undefined,
): { readonly sealedCredential?: string | null } {
  if (credential === undefined) return {};
  return { sealedCredential: credential && sealCredential(vault, credential, guid) };
}

export function surroundings(
  { directory, connectorOverlaps }: DirectoryServices,
  guid: string,
): ConnectorSurroundings {
  return {
    isNameTaken(name) {
      const named = directory.named(outboundConnectorObject, name);
      return named !== null && named.guid !== guid;
    },
    overlaps: (values) => connectorOverlaps.find(values, guid),
    rulesNaming: rulesNamingConnector(directory, guid),
  };
}
