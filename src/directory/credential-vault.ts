// Keeps smart hosts' passwords sealed: AES-256-GCM under a key that lives in a file of its own, outside the database,
// so that a copy of the database alone gives nothing away. What was sealed for one owner opens for that owner only.
// Never logs, never prints; a wrong key or a changed text is CredentialVaultError, never a wrong password.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface CredentialVault {
  /** `owner` is the GUID of the object that the secret belongs to. */
  seal(secret: string, owner: string): string;
  open(sealed: string, owner: string): string;
}

/** User and password, as a connector's SmartHostCredential holds them. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

export class CredentialVaultError extends Error {
  override readonly name = 'CredentialVaultError';
}

const KEY_OCTETS = 32;
/** NIST SP 800-38D §8.2.2: 96 random bits per message, far below 2^32 messages under one key. */
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const VERSION = 'v1';

/** A vault over a key that the caller holds: worker threads get the key from the main thread. */
export function createCredentialVault(key: Uint8Array): CredentialVault {
  if (key.length !== KEY_OCTETS) throw new CredentialVaultError(`The key must have ${KEY_OCTETS} octets.`);
  return {
    seal(secret, owner) {
      const nonce = randomBytes(NONCE_OCTETS);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}`;
    },
    open(sealed, owner) {
      const bytes = Buffer.from(sealed.slice(VERSION.length + 1), 'base64');
      if (!sealed.startsWith(`${VERSION}.`) || bytes.length < NONCE_OCTETS + TAG_OCTETS) throw unreadable();
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_OCTETS), {
        authTagLength: TAG_OCTETS,
      }).setAAD(Buffer.from(owner));
      decipher.setAuthTag(bytes.subarray(NONCE_OCTETS, NONCE_OCTETS + TAG_OCTETS));
      try {
        const opened = decipher.update(bytes.subarray(NONCE_OCTETS + TAG_OCTETS));
        return Buffer.concat([opened, decipher.final()]).toString('utf8');
      } catch {
        throw unreadable();
      }
    },
  };
}

function unreadable(): CredentialVaultError {
  return new CredentialVaultError(
    'A stored credential does not open with the key file in use. Put back the key file that belongs to this ' +
      'database, or set the credential again.',
  );
}

export function sealCredential(vault: CredentialVault, credential: Credential, owner: string): string {
  return vault.seal(JSON.stringify([credential.user, credential.password]), owner);
}

/** Throws CredentialVaultError. */
export function openCredential(vault: CredentialVault, sealed: string, owner: string): Credential {
  const [user, password]: unknown[] = JSON.parse(vault.open(sealed, owner));
  if (typeof user !== 'string' || typeof password !== 'string') throw unreadable();
  return { user, password };
}

/**
 * Reads the key file (`data/keys/credential.key`), or makes one (mode 0600, synced before it is used).
 * Throws CredentialVaultError for a file that others may read or that holds no key.
 */
export async function loadCredentialKey(path: string): Promise<Uint8Array> {
  const made = await makeKeyFile(path);
  if (made) return made;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new CredentialVaultError(`${path} can be read by others than its owner. Run: chmod 600 '${path}'`);
  }
  const key = Buffer.from((await readFile(path, 'ascii')).trim(), 'base64');
  if (key.length === KEY_OCTETS) return key;
  throw new CredentialVaultError(
    `${path} does not hold a key of ${KEY_OCTETS} octets in base64. Restore it.`,
  );
}

/** null where the file is there already. */
async function makeKeyFile(path: string): Promise<Uint8Array | null> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (!file) return null;
  const key = randomBytes(KEY_OCTETS);
  try {
    await file.writeFile(`${key.toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o600);
  await syncDirectory(dirname(path));
  return key;
}

/** A new file's name is on stable storage only once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
