// Who may do what, as a matrix of role group × cmdlet × parameter on a running gateway, on both doors: the wire API, and the
// shell with --url and --token. What a group should have is read from the roles as an administrator sees them, and held
// against a table of facts that is written here. No cmdlet runs: each command also has a parameter that nobody has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runConsole } from '../support/console.ts';
import { command, createWireClient, type Json, type WireClient } from '../support/wire-client.ts';
import { startWireGateway } from '../support/wire-gateway.ts';

const NOBODYS = 'NobodysParameter';
const EVERYBODYS = ['Get-Help', 'Get-Command'];

/** Facts of the specification, in case the roles themselves should say something else. */
const FACTS: readonly (readonly [group: string, cmdlet: string, parameter: string, held: boolean])[] = [
  ['Organization Management', 'Set-OutboundConnector', 'TlsSettings', true],
  ['Organization Management', 'New-AccessToken', 'RoleGroup', true],
  ['View-Only Organization Management', 'Get-OutboundConnector', 'Identity', true],
  ['View-Only Organization Management', 'Search-AdminAuditLog', 'Cmdlets', true],
  ['View-Only Organization Management', 'Set-OutboundConnector', 'Enabled', false],
  ['View-Only Organization Management', 'New-AccessToken', 'Name', false],
  ['Help Desk', 'Get-MessageTraceV2', 'Subject', true],
  ['Help Desk', 'Get-Queue', 'Identity', true],
  ['Help Desk', 'Get-OutboundConnector', 'Identity', false],
  ['Help Desk', 'Retry-Queue', 'Identity', false],
  ['Help Desk', 'Export-Message', 'Identity', false],
  ['Mail Flow Operator', 'Retry-Queue', 'Identity', true],
  ['Mail Flow Operator', 'Suspend-Message', 'Identity', true],
  ['Mail Flow Operator', 'Remove-Message', 'Identity', false],
  ['Mail Flow Operator', 'Set-OutboundConnector', 'Identity', false],
  ['Night Shift', 'Set-OutboundConnector', 'Enabled', true],
  ['Night Shift', 'Set-OutboundConnector', 'TlsSettings', false],
  ['Night Shift', 'Remove-OutboundConnector', 'Identity', false],
  ['Nothing', 'Get-OutboundConnector', 'Identity', false],
  ['Nothing', 'Get-Help', 'Name', true],
];

interface Probe {
  readonly cmdlet: string;
  readonly parameter: string;
  readonly isSwitch: boolean;
}

/** Cmdlet in lower case → its parameters in lower case. */
type Held = ReadonlyMap<string, ReadonlySet<string>>;

async function heldBy(admin: WireClient, group: string, all: readonly Json[]): Promise<Held> {
  const held = new Map<string, Set<string>>();
  const take = (cmdlet: string, parameters: readonly string[]): void => {
    const known = held.get(cmdlet.toLowerCase()) ?? new Set<string>();
    for (const name of parameters) known.add(name.toLowerCase());
    held.set(cmdlet.toLowerCase(), known);
  };
  for (const { name, parameters } of all)
    if (EVERYBODYS.includes(name))
      take(
        name,
        parameters.map((parameter: Json) => parameter.name),
      );
  for (const { Role } of await admin.run('Get-ManagementRoleAssignment', { RoleAssignee: group }))
    for (const entry of await admin.run('Get-ManagementRoleEntry', { Identity: `${Role}\\*` }))
      take(entry.Name, entry.Parameters);
  return held;
}

/** What should be refused first: the cmdlet, the parameter, or nobody's parameter. */
function expected(held: Held, { cmdlet, parameter }: Probe): string {
  const parameters = held.get(cmdlet.toLowerCase());
  if (parameters === undefined) return 'no cmdlet';
  return parameters.has(parameter.toLowerCase()) ? NOBODYS : parameter;
}

async function askWire(client: WireClient, probes: readonly Probe[]): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let start = 0; start < probes.length; start += 10) {
    const requests = probes.slice(start, start + 10).map(({ cmdlet, parameter }, index) => ({
      id: String(index),
      method: 'POST',
      url: '/InvokeCommand',
      body: command(cmdlet, { [parameter]: 'x', [NOBODYS]: 'x' }),
    }));
    const { status, text, body } = await client.batch(requests);
    assert.equal(status, 200, text);
    for (const response of body.responses) {
      const { message } = response.body.error;
      if (response.status === 403) {
        assert.match(message, /Your roles don't hold/);
        answers.push('no cmdlet');
      } else
        answers.push(
          /that matches parameter name '(\w+)'/.exec(message)?.[1] ?? `${response.status} ${message}`,
        );
    }
  }
  return answers;
}

/** One console for all: a script that catches each refusal and prints its words. */
async function askShell(url: string, token: string, probes: readonly Probe[]): Promise<readonly string[]> {
  const lines = probes.map(
    ({ cmdlet, parameter, isSwitch }) =>
      `try { ${cmdlet} -${parameter}${isSwitch ? '' : ' x'} -${NOBODYS} x; 'it ran' } catch { "$($_.FullyQualifiedErrorId)|$(($_.Exception.Message -split "\`n")[0])" }`,
  );
  const { stdout, stderr, code } = await runConsole(['--url', url, '--token', token], {
    input: lines.join('\n'),
  });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const answers = stdout.split('\n').slice(0, -1);
  assert.equal(answers.length, probes.length);
  return answers.map((answer) => {
    if (answer.startsWith('CommandNotFoundException|')) return 'no cmdlet';
    return /that matches parameter name '(\w+)'/.exec(answer)?.[1] ?? answer;
  });
}

describe('role group × cmdlet × parameter', () => {
  test('what a role holds is there on both doors, and nothing else is', async (t) => {
    const { gateway, client, tokenOf } = await startWireGateway(t);
    await client.run('New-ManagementRole', {
      Name: 'Connector Switch',
      Parent: 'Outbound Connectors',
      EnabledCmdlets: ['Get-OutboundConnector', 'Set-OutboundConnector'],
    });
    await client.run('Set-ManagementRoleEntry', {
      Identity: 'Connector Switch\\Set-OutboundConnector',
      Parameters: ['Identity', 'Enabled'],
    });
    await client.run('New-RoleGroup', {
      Name: 'Night Shift',
      Roles: ['Connector Switch', 'Message Tracking'],
    });
    await client.run('New-RoleGroup', { Name: 'Nothing' });
    const all: readonly Json[] = (await client.get('/adminapi/cmdlets')).body.value;
    const probes: Probe[] = all.flatMap(({ name, parameters }) =>
      parameters.map((parameter: Json) => ({
        cmdlet: name,
        parameter: parameter.name,
        isSwitch: parameter.isSwitch,
      })),
    );
    assert.ok(probes.length > 300);
    const groups = (await client.run('Get-RoleGroup')).map(({ Name }) => Name);
    assert.equal(groups.length, 6);
    for (const group of groups)
      await t.test(group, async () => {
        const held = await heldBy(client, group, all);
        for (const [, cmdlet, parameter, isHeld] of FACTS.filter(([name]) => name === group))
          assert.equal(
            held.get(cmdlet.toLowerCase())?.has(parameter.toLowerCase()) ?? false,
            isHeld,
            `${group}: ${cmdlet} -${parameter}`,
          );
        const wanted = probes.map((probe) => expected(held, probe));
        const token = await tokenOf(`member of ${group}`, [group]);
        const member = createWireClient({
          url: client.url,
          tenant: client.tenant,
          authorization: `Bearer ${token}`,
        });
        const [wire, shell] = [await askWire(member, probes), await askShell(gateway.http, token, probes)];
        for (const [index, { cmdlet, parameter }] of probes.entries()) {
          assert.equal(wire[index], wanted[index], `wire, ${group}: ${cmdlet} -${parameter}`);
          assert.equal(shell[index], wanted[index], `shell, ${group}: ${cmdlet} -${parameter}`);
        }
        const { body } = await member.get('/adminapi/openapi.json');
        const shown = Object.keys(body.components.schemas).filter((name) => /^\w+-\w+$/.test(name));
        assert.deepEqual(
          shown.map((name) => name.toLowerCase()).sort(),
          [...held.keys()].sort(),
          `OpenAPI of ${group}`,
        );
      });
  });

  test('nobody gives what they don’t have, and what is taken is gone at once', async (t) => {
    const { client, tokenOf } = await startWireGateway(t);
    await client.run('New-RoleGroup', { Name: 'Registrars', Roles: ['Role Management'] });
    const registrar = client.as(`Bearer ${await tokenOf('registrar', ['Registrars'])}`);
    const refused = await registrar.post('New-RoleGroup', { Name: 'Mine', Roles: ['Outbound Connectors'] });
    assert.equal(refused.status, 403, refused.text);
    const token = await registrar.post('New-AccessToken', {
      Name: 'mine',
      RoleGroup: ['Organization Management'],
    });
    assert.equal(token.status, 403, token.text);
    const switcher = client.as(`Bearer ${await tokenOf('switcher', ['Mail Flow Operator'])}`);
    assert.equal((await switcher.post('Get-OutboundConnector')).status, 200);
    await client.run('Remove-RoleGroupMember', { Identity: 'Mail Flow Operator', Member: 'switcher' });
    assert.notEqual((await switcher.post('Get-OutboundConnector')).status, 200);
  });
});
