// Every built-in role group and a custom one, against every cmdlet and every parameter, on both doors: what the roles
// hold is there, what they don't isn't, and no door knows more than the other. No cmdlet is run: each request also has a
// parameter that nobody has, so what is refused first tells whether the other one was there.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { createMemoryStore } from '../../test/support/memory-store.ts';
import { collectingHost } from '../../test/support/widget-cmdlets.ts';
import { cmdlets, views } from '#cmdlets/catalog.ts';
import type { CatalogServices } from '#cmdlets/catalog.ts';
import { CmdletError } from '#cmdlets/cmdlet-error.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { builtInEntries, builtInRoleGroups, everybodysCmdlets } from '#cmdlets/permissions/built-in-roles.ts';
import { createInitialPermissions } from '#cmdlets/permissions/initial-permissions.ts';
import { createPermissionReader } from '#cmdlets/permissions/permission-reader.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import type { Session } from '#cmdlets/session.ts';
import { createCredentialVault } from '#directory/credential-vault.ts';
import { initialValues } from '#directory/declared-object.ts';
import { create, loadDirectory, update } from '#directory/directory.ts';
import type { Directory } from '#directory/directory.ts';
import { createInitialObjects } from '#directory/initial-objects.ts';
import { managementRoleObject } from '#directory/management-role.ts';
import { mailObjectKinds } from '#directory/object-kinds.ts';
import { permissionObjectKinds } from '#directory/permission-kinds.ts';
import { roleGroupObject } from '#directory/role-group.ts';
import { submissionUserObject } from '#directory/submission-user.ts';
import { invokeCommand } from './invoke-command.ts';
import { openApiDocument } from './openapi.ts';

const AUTHOR = { user: 'test', cmdlet: '', parameters: {}, line: '' };
const NOBODYS = 'NobodysParameter';
const registry = createRegistry(cmdlets, views);
// The services are never reached.
const invoke = createInvoke(registry, unreachable());
const groups = [...builtInRoleGroups.map(({ name }) => name), 'Custom', 'Nothing'];
const sessions = new Map<string, Session>();

function unreachable(): CatalogServices {
  return new Proxy(Object.create(null), {
    get: () => assert.fail('a cmdlet was run'),
  });
}

/** What a group's members should have: cmdlet → parameters. */
function expected(group: string): ReadonlyMap<string, readonly string[]> {
  const all = registry.everything;
  const everybodys = all.filter(({ name }) => everybodysCmdlets.includes(name));
  const entries = (builtInRoleGroups.find(({ name }) => name === group)?.roles ?? []).flatMap(
    (role) => builtInEntries(role, all) ?? [],
  );
  if (group === 'Custom')
    entries.push({ cmdlet: 'Set-OutboundConnector', parameters: ['Identity', 'Enabled'] });
  return new Map([
    ...everybodys.map(({ name, parameters }) => [name, parameters.map((p) => p.name)] as const),
    ...entries.map(({ cmdlet, parameters }) => [cmdlet, parameters] as const),
  ]);
}

async function addMember(directory: Directory, group: string): Promise<void> {
  const guid = randomUUID();
  const name = `member of ${group}`;
  const [user] = await directory.commit(AUTHOR, () => {
    const found = directory.named(roleGroupObject, group);
    const member = create(submissionUserObject, guid, initialValues(submissionUserObject, name));
    if (!found) return [member];
    return [member, update(roleGroupObject, found, { ...found.values, Members: [guid] })];
  });
  assert.ok(user);
  sessions.set(group, createPermissionReader(directory, registry).sessionOf(user));
}

before(async () => {
  const vault = createCredentialVault(randomBytes(32));
  const directory = await loadDirectory({
    store: createMemoryStore(),
    vault,
    now: () => 1_700_000_000_000,
    newGuid: randomUUID,
    hostname: 'gateway.contoso.com',
    declarations: [...mailObjectKinds, ...permissionObjectKinds],
  });
  await createInitialObjects(directory, vault, 'contoso.com');
  await createInitialPermissions(directory);
  const role = randomUUID();
  await directory.commit(AUTHOR, () => [
    create(managementRoleObject, role, {
      ...initialValues(managementRoleObject, 'Switch'),
      ParentGuid: directory.named(managementRoleObject, 'Outbound Connectors')?.guid ?? '',
      Entries: ['Set-OutboundConnector Identity,Enabled'],
    }),
    create(roleGroupObject, randomUUID(), { ...initialValues(roleGroupObject, 'Custom'), Roles: [role] }),
  ]);
  for (const group of groups) await addMember(directory, group);
});

/** The shell's door: the parameter that doesn't exist, or null where the cmdlet doesn't. */
async function refusedByShell(cmdlet: string, parameter: string, session: Session): Promise<string | null> {
  const parameters = { [parameter]: 'x', [NOBODYS]: 'x' };
  try {
    await invoke({ cmdlet, parameters, line: '' }, session, collectingHost());
  } catch (error) {
    assert.ok(error instanceof CmdletError, String(error));
    return error.errorId === 'NamedParameterNotFound' ? error.parameter : null;
  }
  return assert.fail('a cmdlet was run');
}

async function refusedByWire(cmdlet: string, parameter: string, session: Session): Promise<string | null> {
  const { status, body } = await invokeCommand(
    {
      body: { CmdletInput: { CmdletName: cmdlet, Parameters: { [parameter]: 'x', [NOBODYS]: 'x' } } },
      session,
      base: '',
      pageSize: null,
      skip: 0,
      signal: new AbortController().signal,
      logged: (error) => assert.fail(String(error)),
    },
    { invoke, catalogue: registry },
  );
  const text = JSON.stringify(body);
  if (status === 403) return null;
  assert.equal(status, 400, text);
  return /parameter name '(\w+)'/.exec(text)?.[1] ?? assert.fail(text);
}

for (const group of groups) {
  describe(group, () => {
    test('finds what its roles hold, on both doors, and nothing else', async () => {
      const session = sessions.get(group);
      assert.ok(session);
      const allowed = expected(group);
      for (const { name, parameters } of registry.everything) {
        const held = allowed.get(name);
        for (const parameter of parameters) {
          const answer = held === undefined ? null : held.includes(parameter.name) ? NOBODYS : parameter.name;
          const where = `${group}: ${name} -${parameter.name}`;
          assert.equal(await refusedByShell(name, parameter.name, session), answer, where);
          assert.equal(await refusedByWire(name, parameter.name, session), answer, where);
        }
      }
    });
    test('sees the same in metadata and OpenAPI', () => {
      const session = sessions.get(group);
      assert.ok(session);
      const seen = registry
        .list(session)
        .map(({ name, parameters }) => [name, parameters.map((p) => p.name)]);
      const wanted = registry.everything.flatMap(({ name, parameters }) => {
        const held = expected(group).get(name);
        return held ? [[name, parameters.map((p) => p.name).filter((p) => held.includes(p))]] : [];
      });
      assert.deepEqual(seen, wanted);
      const text = JSON.stringify(openApiDocument(cmdlets, session, { version: '0', organization: 'x' }));
      for (const { name } of registry.everything) {
        assert.equal(text.includes(`"const":"${name}"`), expected(group).has(name), name);
      }
    });
  });
}
