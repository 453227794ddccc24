// Roles, role groups and tokens over a real directory: what a member may do, who may give what, and what stays.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { createMemoryStore } from '../../../test/support/memory-store.ts';
import type { MemoryStore } from '../../../test/support/memory-store.ts';
import { collectingHost } from '../../../test/support/widget-cmdlets.ts';
import { createCredentialVault } from '#directory/credential-vault.ts';
import { initialValues } from '#directory/declared-object.ts';
import { create, loadDirectory, update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { createInitialObjects } from '#directory/initial-objects.ts';
import { mailObjectKinds } from '#directory/object-kinds.ts';
import { compareNames } from '#directory/object-name.ts';
import { permissionObjectKinds } from '#directory/permission-kinds.ts';
import { hashPassword } from '#directory/password-hash.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import type { SubmissionUserObject } from '#directory/submission-user.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { CmdletError } from '../cmdlet-error.ts';
import { createDirectoryServices } from '../directory-services.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { getCommand } from '../help/get-command.ts';
import { getHelp } from '../help/get-help.ts';
import { createInvoke } from '../invoke.ts';
import type { Invoke } from '../invoke.ts';
import { outboundConnectorCmdlets } from '../outbound-connector/outbound-connector-cmdlets.ts';
import { createRegistry } from '../registry.ts';
import { unrestrictedSession } from '../session.ts';
import type { Session } from '../session.ts';
import { builtInRoleGroups, builtInRoles } from './built-in-roles.ts';
import { createInitialPermissions } from './initial-permissions.ts';
import { permissionCmdlets } from './permission-cmdlets.ts';
import { createPermissionReader } from './permission-reader.ts';
import { createSignIn } from './sign-in.ts';

const registry = createRegistry<DirectoryServices>([
  getHelp,
  getCommand,
  ...outboundConnectorCmdlets,
  ...permissionCmdlets,
]);
const owner = unrestrictedSession('root');
let store: MemoryStore;
let directory: Directory;
let invoke: Invoke;
let bob: Session;
let now: number;

beforeEach(async () => {
  store = createMemoryStore();
  now = 1_700_000_000_000;
  const vault = createCredentialVault(randomBytes(32));
  const declarations = [...mailObjectKinds, ...permissionObjectKinds];
  directory = await loadDirectory({
    store,
    vault,
    now: () => now,
    newGuid: randomUUID,
    hostname: 'gateway.contoso.com',
    declarations,
  });
  await createInitialObjects(directory, vault, 'contoso.com');
  await createInitialPermissions(directory);
  const author = { user: 'root', cmdlet: '', parameters: {}, line: '' };
  const [user] = await directory.commit(author, () => [
    create(submissionUserObject, randomUUID(), initialValues(submissionUserObject, 'bob')),
  ]);
  assert.ok(user);
  invoke = createInvoke(
    registry,
    createDirectoryServices(directory, vault, () => now),
  );
  bob = createPermissionReader(directory, registry).sessionOf(user);
});

async function run(
  cmdlet: string,
  parameters: Record<string, Value>,
  session: Session = owner,
): Promise<PsObject[]> {
  const host = collectingHost();
  await invoke({ cmdlet, parameters: { ...parameters }, line: cmdlet }, session, host);
  return host.outputs.filter((value) => value instanceof PsObject);
}
const texts = (list: Value | undefined): string[] =>
  (Array.isArray(list) ? list : []).map((item) => (typeof item === 'string' ? item : '')).sort(compareNames);
const names = (objects: readonly PsObject[]): string[] =>
  texts(objects.map((object) => object.get('Name') ?? null));

describe('built in', () => {
  test('roles and groups are there, once', async () => {
    assert.deepEqual(names(await run('Get-ManagementRole', {})), texts(builtInRoles.map(({ name }) => name)));
    assert.deepEqual(names(await run('Get-RoleGroup', {})), texts(builtInRoleGroups.map(({ name }) => name)));
    const kept = store.records.length;
    await createInitialPermissions(directory);
    assert.equal(store.records.length, kept);
  });
  test('whoever is in no group finds help and nothing else', async () => {
    assert.deepEqual(names(await run('Get-Command', {}, bob)), ['Get-Command', 'Get-Help']);
    await assert.rejects(run('Get-OutboundConnector', {}, bob), /is not recognized/);
  });
  test('each group gives what it is for, at once, in sessions that are open', async () => {
    await run('Add-RoleGroupMember', { Identity: 'View-Only Organization Management', Member: 'BOB' });
    assert.ok(bob.allows('Get-OutboundConnector'));
    assert.ok(bob.allowsParameter('get-outboundconnector', 'resultsize'));
    assert.ok(!bob.allows('Set-OutboundConnector'));
    await run('Remove-RoleGroupMember', {
      Identity: 'View-Only Organization Management',
      Member: 'bob',
      Confirm: false,
    });
    assert.ok(!bob.allows('Get-OutboundConnector'));
    await run('Add-RoleGroupMember', { Identity: 'Organization Management', Member: 'bob' });
    for (const { name, parameters } of registry.everything) {
      assert.ok(bob.allows(name), name);
      for (const parameter of parameters) assert.ok(bob.allowsParameter(name, parameter.name));
    }
  });
  test('stays', async () => {
    for (const [cmdlet, parameters] of [
      ['Remove-RoleGroup', { Identity: 'Help Desk' }],
      ['Remove-ManagementRole', { Identity: 'Message Tracking' }],
      ['Remove-ManagementRoleAssignment', { Identity: 'Message Tracking-Help Desk' }],
      ['Remove-ManagementRoleEntry', { Identity: 'Organization Configuration\\Get-Help' }],
    ] as const) {
      await assert.rejects(run(cmdlet, { ...parameters, Confirm: false }), /built in/, cmdlet);
    }
    await assert.rejects(run('Set-RoleGroup', { Identity: 'Help Desk', Name: 'x' }), /keeps its name/);
  });
});

describe('a role of one’s own', () => {
  beforeEach(async () => {
    await run('New-ManagementRole', {
      Name: 'Switch',
      Parent: 'Outbound Connectors',
      EnabledCmdlets: ['get-outboundconnector', 'Set-OutboundConnector'],
    });
    await run('Set-ManagementRoleEntry', {
      Identity: 'Switch\\Set-OutboundConnector',
      Parameters: ['identity', 'Enabled'],
    });
    await run('New-RoleGroup', { Name: 'Switchers', Roles: 'Switch', Members: 'bob' });
  });

  test('holds these cmdlets with these parameters', async () => {
    const seen = registry.describe('Set-OutboundConnector', bob);
    assert.deepEqual(
      seen?.parameters.map(({ name }) => name),
      ['Identity', 'Enabled'],
    );
    assert.equal(registry.describe('Remove-OutboundConnector', bob), null);
    await assert.rejects(
      run('Set-OutboundConnector', { Identity: 'x', TlsDomain: 'contoso.com' }, bob),
      /A parameter cannot be found that matches parameter name 'TlsDomain'/,
    );
  });
  test('can be changed, but never beyond its parent', async () => {
    const entry = async (): Promise<string[]> => {
      const [shown] = await run('Get-ManagementRoleEntry', { Identity: 'Switch\\Set-OutboundConnector' });
      return texts(shown?.get('Parameters'));
    };
    await run('Set-ManagementRoleEntry', {
      Identity: 'Switch\\Set-OutboundConnector',
      Parameters: 'Comment',
      AddParameter: true,
    });
    assert.deepEqual(await entry(), ['Comment', 'Enabled', 'Identity']);
    await run('Set-ManagementRoleEntry', {
      Identity: 'Switch\\Set-OutboundConnector',
      Parameters: 'Enabled',
      RemoveParameter: true,
    });
    assert.deepEqual(await entry(), ['Comment', 'Identity']);
    await assert.rejects(
      run('Set-ManagementRoleEntry', { Identity: 'Switch\\Set-OutboundConnector', Parameters: 'Nope' }),
      /parent role doesn't hold Set-OutboundConnector -Nope/,
    );
    await assert.rejects(
      run('Add-ManagementRoleEntry', { Identity: 'Switch\\Get-RoleGroup' }),
      /doesn't hold Get-RoleGroup/,
    );
    await run('Add-ManagementRoleEntry', {
      Identity: 'Switch\\Remove-OutboundConnector',
      Parameters: 'Identity',
    });
    assert.ok(
      bob.allows('Remove-OutboundConnector') && !bob.allowsParameter('Remove-OutboundConnector', 'Force'),
    );
    await run('Remove-ManagementRoleEntry', { Identity: 'Switch\\Remove-OutboundConnector', Confirm: false });
    assert.ok(!bob.allows('Remove-OutboundConnector'));
  });
  test('is found by what it holds', async () => {
    const who = async (CmdletParameters: string): Promise<string[]> =>
      names(await run('Get-ManagementRole', { Cmdlet: 'Set-OutboundConnector', CmdletParameters }));
    assert.deepEqual(await who('TlsSettings'), ['Organization Configuration', 'Outbound Connectors']);
    assert.deepEqual(await who('Enabled'), ['Organization Configuration', 'Outbound Connectors', 'Switch']);
    await assert.rejects(
      run('Get-ManagementRole', { Cmdlet: 'Set-Nothing' }),
      /There is no cmdlet 'Set-Nothing'/,
    );
  });
  test('goes only when nobody has it', async () => {
    await assert.rejects(
      run('Remove-ManagementRole', { Identity: 'Switch', Confirm: false }),
      /'Switchers' has it/,
    );
    await run('Remove-ManagementRoleAssignment', { Identity: 'Switch-Switchers', Confirm: false });
    assert.ok(!bob.allows('Get-OutboundConnector'));
    await run('Remove-ManagementRole', { Identity: 'Switch', Confirm: false });
    await assert.rejects(run('Get-ManagementRole', { Identity: 'Switch' }), /couldn't be found/);
  });
});

test('nobody gives what they do not have themselves', async () => {
  await run('New-RoleGroup', {
    Name: 'Doorkeepers',
    Roles: ['Role Management', 'Message Tracking'],
    Members: 'bob',
  });
  const refused = async (cmdlet: string, parameters: Record<string, Value>): Promise<void> => {
    await assert.rejects(run(cmdlet, parameters, bob), (error: unknown) => {
      assert.ok(error instanceof CmdletError);
      assert.equal(error.status, 403);
      return true;
    });
  };
  await refused('Add-RoleGroupMember', { Identity: 'Organization Management', Member: 'bob' });
  await refused('New-RoleGroup', { Name: 'Mine', Roles: 'Outbound Connectors', Members: 'bob' });
  await refused('New-ManagementRoleAssignment', {
    Role: 'Outbound Connectors',
    SecurityGroup: 'Doorkeepers',
  });
  await refused('New-AccessToken', { Name: 'all', RoleGroup: 'Organization Management' });
  await run('Add-RoleGroupMember', { Identity: 'Help Desk', Member: 'bob' }, bob);
  assert.deepEqual(bob.roleGroups()?.length, 2);
});

describe('access tokens', () => {
  const signInOf = () =>
    createSignIn({ directory, reader: createPermissionReader(directory, registry), now: () => now });

  test('are shown once, kept as a hash, expire, and are revoked at once', async () => {
    const [made] = await run('New-AccessToken', { Name: 'ci', RoleGroup: 'Help Desk', ExpiresInDays: 2 });
    const [secret = ''] = texts([made?.get('Token') ?? null]);
    assert.match(secret, /^postern_[\w-]{43}$/);
    assert.ok(!JSON.stringify(store.records).includes(secret));
    const [shown] = await run('Get-AccessToken', { Identity: 'ci' });
    assert.equal(shown?.get('Token'), undefined);
    assert.deepEqual(shown?.get('RoleGroups'), ['Help Desk']);
    const signIn = signInOf();
    const session = signIn.byToken(secret);
    assert.equal(session?.user, 'ci');
    assert.ok(!session?.allows('Get-OutboundConnector'));
    assert.equal(signIn.byToken(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`), null);
    now += 2 * 86_400_000;
    assert.equal(signIn.byToken(secret), null);
    now -= 1;
    assert.ok(signIn.byToken(secret));
    await run('Remove-AccessToken', { Identity: 'ci', Confirm: false });
    assert.equal(signIn.byToken(secret), null);
    assert.deepEqual(await run('Get-RoleGroupMember', { Identity: 'Help Desk' }), []);
  });
  test('without -RoleGroup have those of their maker', async () => {
    const [byOwner] = await run('New-AccessToken', { Name: 'a' });
    assert.deepEqual(byOwner?.get('RoleGroups'), ['Organization Management']);
    await run('New-RoleGroup', { Name: 'Doorkeepers', Roles: 'Role Management', Members: 'bob' });
    const [byBob] = await run('New-AccessToken', { Name: 'b' }, bob);
    assert.deepEqual(byBob?.get('RoleGroups'), ['Doorkeepers']);
  });
});

test('a password is good for a user who is enabled and in a role group', async () => {
  const hash = await hashPassword('correct horse');
  const author = { user: 'root', cmdlet: '', parameters: {}, line: '' };
  const change = (values: Partial<SubmissionUserObject['values']>) =>
    directory.commit(author, () => {
      const user = directory.named(submissionUserObject, 'bob');
      assert.ok(user);
      return [update(submissionUserObject, user, { ...user.values, ...values })];
    });
  const reader = createPermissionReader(directory, registry);
  const signIn = createSignIn({ directory, reader, now: () => now });
  const enters = async (user: string, password: string): Promise<boolean> =>
    (await signIn.byPassword(user, password)) !== null;
  assert.equal(await enters('bob', ''), false);
  await change({ PasswordHash: hash });
  assert.equal(await enters('bob', 'correct horse'), false, 'in no role group');
  await run('Add-RoleGroupMember', { Identity: 'Help Desk', Member: 'bob' });
  assert.equal(await enters('BOB', 'correct horse'), true);
  assert.equal(await enters('bob', 'correct horse '), false);
  assert.equal(await enters('nobody', 'correct horse'), false);
  await change({ Enabled: false });
  assert.equal(await enters('bob', 'correct horse'), false, 'disabled, though just remembered');
  await change({ Enabled: true, PasswordHash: await hashPassword('another') });
  assert.equal(await enters('bob', 'correct horse'), false, 'changed, though just remembered');
});
