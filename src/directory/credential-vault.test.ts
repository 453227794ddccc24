import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createCredentialVault,
  CredentialVaultError,
  loadCredentialKey,
  openCredential,
  sealCredential,
} from './credential-vault.ts';

test('what was sealed opens again, and no two sealed texts are alike', () => {
  const vault = createCredentialVault(randomBytes(32));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (user, password) => {
      const sealed = sealCredential(vault, { user, password }, 'a');
      assert.deepEqual(openCredential(vault, sealed, 'a'), { user, password });
      assert.notEqual(sealed, sealCredential(vault, { user, password }, 'a'));
    }),
  );
});

test('a sealed text opens for its owner only, under its key only, and only unchanged', () => {
  const vault = createCredentialVault(randomBytes(32));
  const sealed = vault.seal('secret', 'owner-1');
  assert.throws(() => vault.open(sealed, 'owner-2'), CredentialVaultError);
  assert.throws(() => createCredentialVault(randomBytes(32)).open(sealed, 'owner-1'), CredentialVaultError);
  const changed = sealed.slice(0, 20) + (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21);
  assert.throws(() => vault.open(changed, 'owner-1'), CredentialVaultError);
  assert.throws(() => vault.open('v1.', 'owner-1'), CredentialVaultError);
  assert.throws(() => vault.open('secret', 'owner-1'), CredentialVaultError);
});

test('the key file is made once, for its owner only, and refused when others may read it', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'postern-vault-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'keys', 'credential.key');
  const key = await loadCredentialKey(path);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(Buffer.from(await loadCredentialKey(path)), Buffer.from(key));
  await chmod(path, 0o640);
  await assert.rejects(loadCredentialKey(path), /chmod 600/);
  await chmod(path, 0o600);
  await writeFile(path, `${(await readFile(path, 'ascii')).slice(0, 8)}\n`);
  await assert.rejects(loadCredentialKey(path), /does not hold a key/);
});
