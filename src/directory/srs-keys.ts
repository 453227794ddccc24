// The keys of the SRS hash (routing.md): one object, each key sealed with the credential key; no cmdlet shows it.
import { randomBytes } from 'node:crypto';
import { CredentialVaultError } from './credential-vault.ts';
import type { CredentialVault } from './credential-vault.ts';
import type { ObjectDeclaration } from './declared-object.ts';
import type { DirectoryObject } from './object-table.ts';
import { hiddenProperty, isTextList } from './property-declaration.ts';
import { objectNameType } from './property-types.ts';

const properties = {
  /** Newest first. */
  SealedKeys: hiddenProperty<readonly string[]>([], isTextList),
} as const;

export type SrsKeysProperties = typeof properties;
export type SrsKeysObject = DirectoryObject<SrsKeysProperties>;

export const srsKeysObject: ObjectDeclaration<SrsKeysProperties> = {
  kind: 'SrsKeys',
  noun: 'key set of sender rewriting',
  objectClass: 'secret',
  container: 'CN=Secrets',
  nameType: objectNameType,
  properties,
};

/** Each costs a hash for every bounce; older ones are forgotten (Postern). */
export const MAX_SRS_KEYS = 8;
const KEY_OCTETS = 32;

/** A new key; `guid` is the key set's own. */
export function sealNewSrsKey(guid: string, vault: CredentialVault): string {
  return vault.seal(randomBytes(KEY_OCTETS).toString('base64'), guid);
}

/** Base64, newest first. Throws CredentialVaultError where the key file isn't the one they were sealed with. */
export function openSrsKeys({ guid, values }: SrsKeysObject, vault: CredentialVault): readonly string[] {
  if (values.SealedKeys.length === 0)
    throw new CredentialVaultError('The keys of sender rewriting are gone.');
  return values.SealedKeys.map((sealed) => vault.open(sealed, guid));
}
