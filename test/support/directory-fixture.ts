// A directory over a store in memory, with its services: what the tests of configured objects start from.
import { randomBytes, randomUUID } from 'node:crypto';
import { createDirectoryServices } from '#cmdlets/directory-services.ts';
import type { DirectoryServices } from '#cmdlets/directory-services.ts';
import { createCredentialVault } from '#directory/credential-vault.ts';
import { loadDirectory } from '#directory/directory.ts';
import { createInitialObjects } from '#directory/initial-objects.ts';
import { mailObjectKinds } from '#directory/object-kinds.ts';
import { createMemoryStore } from './memory-store.ts';
import type { MemoryStore } from './memory-store.ts';

export interface DirectoryFixture extends DirectoryServices {
  readonly store: MemoryStore;
}

/** The clock starts at 2026-01-01T00:00Z and goes on by a second with every change. */
export async function createDirectoryFixture(
  store: MemoryStore = createMemoryStore(),
  vaultKey: Uint8Array = randomBytes(32),
): Promise<DirectoryFixture> {
  let time = Date.UTC(2026, 0, 1);
  const now = (): number => (time += 1000);
  const vault = createCredentialVault(vaultKey);
  const options = { store, vault, now, newGuid: randomUUID, hostname: 'gateway.contoso.com' };
  const directory = await loadDirectory({ ...options, declarations: mailObjectKinds });
  await createInitialObjects(directory, vault, 'contoso.com');
  return { ...createDirectoryServices(directory, vault, () => time), store };
}
