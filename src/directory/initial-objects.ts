// What a fresh installation has (routing.md): the organization, its transport configuration, the keys of sender
// rewriting, and one inbound connector for programs on the same machine. Made in one commit; made again where one that
// Postern can't do without is missing. An administrator who removes "Local submission" doesn't get it back.
import type { CredentialVault } from './credential-vault.ts';
import { initialValues } from './declared-object.ts';
import { create } from './directory.ts';
import type { Author, Directory, Proposal } from './directory.ts';
import { inboundConnectorObject } from './inbound-connector.ts';
import { organizationConfigObject } from './organization-config.ts';
import { sealNewSrsKey, srsKeysObject } from './srs-keys.ts';
import { transportConfigObject } from './transport-config.ts';

const AUTHOR: Author = { user: 'SYSTEM', cmdlet: 'Install-Postern', parameters: {}, line: '' };

export async function createInitialObjects(
  directory: Directory,
  vault: CredentialVault,
  organizationName: string,
): Promise<void> {
  await directory.commit(AUTHOR, () => {
    const isFresh = directory.list(organizationConfigObject).length === 0;
    const proposals: Proposal[] = [];
    if (isFresh) proposals.push(localSubmission(directory.newGuid()));
    if (directory.list(transportConfigObject).length === 0) {
      const values = initialValues(transportConfigObject, 'Transport Settings');
      proposals.push(create(transportConfigObject, directory.newGuid(), values));
    }
    if (directory.list(srsKeysObject).length === 0) proposals.push(srsKeys(directory.newGuid(), vault));
    if (isFresh) {
      const values = {
        ...initialValues(organizationConfigObject, organizationName),
        DisplayName: organizationName,
      };
      proposals.push(create(organizationConfigObject, directory.newGuid(), values));
    }
    return proposals;
  });
}

function localSubmission(guid: string): Proposal {
  const values = {
    ...initialValues(inboundConnectorObject, 'Local submission'),
    ConnectorType: 'OnPremises' as const,
    Comment: 'Programs on this machine may hand in mail.',
    SenderDomains: ['*'],
    SenderIPAddresses: ['127.0.0.1', '::1'],
  };
  return create(inboundConnectorObject, guid, values);
}

function srsKeys(guid: string, vault: CredentialVault): Proposal {
  const SealedKeys = [sealNewSrsKey(guid, vault)];
  return create(srsKeysObject, guid, { ...initialValues(srsKeysObject, 'SRS'), SealedKeys });
}
