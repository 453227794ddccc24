// Every cmdlet of the catalogue over HTTP, against a running gateway, by a client written from the specification alone.
// The list of cmdlets is the gateway's own: one that no step drives fails the test.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sendMail } from '../support/send-mail.ts';
import {
  type Json,
  listChange,
  sidecarProblems,
  type WireClient,
  WireError,
} from '../support/wire-client.ts';
import { startWireGateway } from '../support/wire-gateway.ts';

interface Step {
  readonly cmdlet: string;
  readonly parameters?: Readonly<Record<string, Json>> | (() => Json);
  /** What the objects must be. */
  readonly check?: (objects: readonly Json[]) => void;
  /** The status and words of a refusal. */
  readonly refused?: readonly [number, RegExp];
  /** Tried again while it is refused with these words. */
  readonly waitsWhile?: RegExp;
}

const kept = new Map<string, string>();
const first = (objects: readonly Json[]): Json => objects[0] ?? assert.fail('no object came back');
const names = (objects: readonly Json[]): readonly string[] => objects.map((object) => object.Name);
const shows =
  (expected: Readonly<Record<string, Json>>) =>
  (objects: readonly Json[]): void => {
    const object = first(objects);
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(object[name], value, name);
  };
const nothing = (objects: readonly Json[]): void => assert.deepEqual(objects, []);
const gone = (cmdlet: string, Identity: string): Step => ({
  cmdlet,
  parameters: { Identity },
  refused: [404, /couldn't be found/],
});

const OUTBOUND: readonly Step[] = [
  {
    cmdlet: 'New-OutboundConnector',
    parameters: {
      Name: 'Fabrikam',
      RecipientDomains: ['fabrikam.test', '*.fabrikam.test'],
      UseMXRecord: false,
      SmartHosts: ['mx1.fabrikam.test', '[192.0.2.7]:587'],
      TlsSettings: 'DomainValidation',
      TlsDomain: '*.fabrikam.test',
      Comment: 'Über uns: "quoted"',
    },
    check: shows({
      Name: 'Fabrikam',
      Enabled: true,
      UseMXRecord: false,
      TlsSettings: 'DomainValidation',
      TlsDomain: '*.fabrikam.test',
      Comment: 'Über uns: "quoted"',
    }),
  },
  { cmdlet: 'New-OutboundConnector', parameters: { Name: 'Fabrikam' }, refused: [400, /Fabrikam/] },
  {
    cmdlet: 'get-outboundconnector',
    parameters: { IDENTITY: 'fabrikam' },
    check: shows({ RecipientDomains: ['fabrikam.test', '*.fabrikam.test'] }),
  },
  {
    cmdlet: 'Set-OutboundConnector',
    parameters: {
      Identity: 'Fabrikam',
      RecipientDomains: listChange({ Add: ['woodgrove.test'], Remove: ['*.fabrikam.test'] }),
      Comment: null,
      Enabled: 'false',
    },
    check: nothing,
  },
  {
    cmdlet: 'Get-OutboundConnector',
    parameters: { Identity: 'Fabrikam' },
    check: shows({ RecipientDomains: ['fabrikam.test', 'woodgrove.test'], Enabled: false }),
  },
  {
    cmdlet: 'Set-OutboundConnector',
    parameters: { Identity: 'Fabrikam', RecipientDomains: { aDD: ['x.test'], REMOVE: 'woodgrove.test' } },
    check: nothing,
  },
  {
    cmdlet: 'Get-OutboundConnector',
    parameters: { Identity: 'Fabrikam' },
    check: shows({ RecipientDomains: ['fabrikam.test', 'x.test'] }),
  },
  {
    cmdlet: 'Export-OutboundConnector',
    parameters: { As: 'Json' },
    check: (objects) => void kept.set('export', objects.map(String).join('\n')),
  },
  {
    cmdlet: 'Export-OutboundConnector',
    parameters: { Identity: 'Fabrikam', As: 'Script' },
    check: (objects) => assert.match(objects.join('\n'), /New-OutboundConnector/),
  },
  { cmdlet: 'Remove-OutboundConnector', parameters: { Identity: 'Fabrikam' }, check: nothing },
  gone('Get-OutboundConnector', 'Fabrikam'),
  {
    cmdlet: 'Restore-OutboundConnector',
    parameters: { Identity: 'Fabrikam' },
  },
  {
    cmdlet: 'Get-OutboundConnector',
    parameters: { Identity: 'Fabrikam' },
    check: shows({ RecipientDomains: ['fabrikam.test', 'x.test'], TlsDomain: '*.fabrikam.test' }),
  },
  { cmdlet: 'Remove-OutboundConnector', parameters: { Identity: 'Fabrikam' }, check: nothing },
  {
    cmdlet: 'Import-OutboundConnector',
    parameters: () => ({ Content: [kept.get('export')] }),
    check: shows({ Name: 'Fabrikam', Action: 'Created', UnknownProperties: [] }),
  },
  {
    cmdlet: 'Import-OutboundConnector',
    parameters: { Path: '/etc/passwd' },
    refused: [400, /read by the postern shell only/],
  },
  {
    cmdlet: 'Search-AdminAuditLog',
    parameters: { Cmdlets: ['Set-OutboundConnector'] },
    check: (objects) => assert.equal(objects.length, 2),
  },
];

const INBOUND: readonly Step[] = [
  {
    cmdlet: 'New-InboundConnector',
    parameters: { Name: 'On premises', ConnectorType: 'OnPremises', SenderIPAddresses: ['192.0.2.0/28'] },
    check: shows({ Name: 'On premises', SenderIPAddresses: ['192.0.2.0/28'] }),
  },
  {
    cmdlet: 'Set-InboundConnector',
    parameters: { Identity: 'On premises', SenderIPAddresses: listChange({ Add: ['192.0.2.64'] }) },
  },
  {
    cmdlet: 'Get-InboundConnector',
    parameters: { Identity: 'On premises' },
    check: (objects) => assert.equal(first(objects).SenderIPAddresses.length, 2),
  },
  { cmdlet: 'Remove-InboundConnector', parameters: { Identity: 'On premises' } },
  gone('Get-InboundConnector', 'On premises'),
];

const DOMAINS: readonly Step[] = [
  {
    cmdlet: 'New-AcceptedDomain',
    parameters: { Name: 'Relay', DomainName: 'relay.test', DomainType: 'InternalRelay' },
    check: shows({ DomainName: 'relay.test', DomainType: 'InternalRelay' }),
  },
  { cmdlet: 'Set-AcceptedDomain', parameters: { Identity: 'Relay', MatchSubDomains: true } },
  {
    cmdlet: 'Get-AcceptedDomain',
    parameters: { Identity: 'Relay' },
    check: shows({ MatchSubDomains: true }),
  },
  { cmdlet: 'Remove-AcceptedDomain', parameters: { Identity: 'Relay' } },
  gone('Get-AcceptedDomain', 'Relay'),
];

const RULES: readonly Step[] = [
  {
    cmdlet: 'New-TransportRule',
    parameters: {
      Name: 'Footer of Legal',
      From: ['legal@contoso.test'],
      SubjectContainsWords: ['contract'],
      PrependSubject: '[L] ',
      SetAuditSeverity: 'Low',
      MessageSizeOver: '1 MB',
    },
    check: shows({ Name: 'Footer of Legal', State: 'Enabled', SetAuditSeverity: 'Low' }),
  },
  {
    cmdlet: 'Set-TransportRule',
    parameters: { Identity: 'Footer of Legal', SubjectContainsWords: ['contract', 'nda'] },
  },
  { cmdlet: 'Disable-TransportRule', parameters: { Identity: 'Footer of Legal' } },
  {
    cmdlet: 'Get-TransportRule',
    parameters: { State: 'Disabled' },
    check: shows({ Name: 'Footer of Legal', SubjectContainsWords: ['contract', 'nda'] }),
  },
  { cmdlet: 'Enable-TransportRule', parameters: { Identity: 'Footer of Legal' } },
  {
    cmdlet: 'Get-TransportRule',
    parameters: { Identity: 'Footer of Legal' },
    check: shows({ State: 'Enabled' }),
  },
  { cmdlet: 'Remove-TransportRule', parameters: { Identity: 'Footer of Legal' } },
  gone('Get-TransportRule', 'Footer of Legal'),
];

const GROUPS: readonly Step[] = [
  {
    cmdlet: 'New-DistributionGroup',
    parameters: { Name: 'Legal', PrimarySmtpAddress: 'legal@contoso.test', Members: ['ada@contoso.test'] },
    check: shows({ Name: 'Legal', PrimarySmtpAddress: 'legal@contoso.test' }),
  },
  { cmdlet: 'Set-DistributionGroup', parameters: { Identity: 'Legal', Notes: 'Ask first' } },
  {
    cmdlet: 'Add-DistributionGroupMember',
    parameters: { Identity: 'Legal', Member: ['bob@contoso.test'] },
  },
  {
    cmdlet: 'Get-DistributionGroupMember',
    parameters: { Identity: 'Legal' },
    check: (objects) => assert.deepEqual(names(objects), ['ada@contoso.test', 'bob@contoso.test']),
  },
  {
    cmdlet: 'Remove-DistributionGroupMember',
    parameters: { Identity: 'Legal', Member: ['ada@contoso.test'] },
  },
  {
    cmdlet: 'Get-DistributionGroup',
    parameters: { Identity: 'Legal' },
    check: shows({ Notes: 'Ask first' }),
  },
  { cmdlet: 'Remove-DistributionGroup', parameters: { Identity: 'Legal' } },
  gone('Get-DistributionGroup', 'Legal'),
];

const USERS: readonly Step[] = [
  {
    cmdlet: 'New-SubmissionUser',
    parameters: { Name: 'scanner', Password: 'correct horse' },
    check(objects) {
      assert.equal(first(objects).Name, 'scanner');
      assert.doesNotMatch(JSON.stringify(objects), /correct horse|argon2/);
    },
  },
  {
    cmdlet: 'New-SubmissionUser',
    parameters: { Name: 'short', Password: 'x' },
    refused: [400, /8 to 256 characters/],
  },
  {
    cmdlet: 'Set-SubmissionUser',
    parameters: { Identity: 'scanner', Password: 'battery staple', Comment: 'Third floor' },
  },
  {
    cmdlet: 'Get-SubmissionUser',
    parameters: { Identity: 'scanner' },
    check: shows({ Comment: 'Third floor' }),
  },
  { cmdlet: 'Remove-SubmissionUser', parameters: { Identity: 'scanner' } },
  gone('Get-SubmissionUser', 'scanner'),
];

const CONFIGURATION: readonly Step[] = [
  { cmdlet: 'Set-TransportConfig', parameters: { MaxSendSize: '20 MB', MessageRetryInterval: '00:02:00' } },
  {
    cmdlet: 'Get-TransportConfig',
    check: shows({ MaxSendSize: '20 MB (20,971,520 bytes)', MessageRetryInterval: '00:02:00' }),
  },
  { cmdlet: 'Set-OrganizationConfig', parameters: { DisplayName: 'Contoso Ltd.' } },
  { cmdlet: 'Get-OrganizationConfig', check: shows({ DisplayName: 'Contoso Ltd.' }) },
];

const PERMISSIONS: readonly Step[] = [
  {
    cmdlet: 'New-ManagementRole',
    parameters: {
      Name: 'Connector Switch',
      Parent: 'Outbound Connectors',
      EnabledCmdlets: ['Get-OutboundConnector', 'Set-OutboundConnector'],
    },
    check: shows({ Name: 'Connector Switch' }),
  },
  {
    cmdlet: 'Set-ManagementRoleEntry',
    parameters: { Identity: 'Connector Switch\\Set-OutboundConnector', Parameters: ['Identity', 'Enabled'] },
  },
  {
    cmdlet: 'Add-ManagementRoleEntry',
    parameters: { Identity: 'Connector Switch\\Export-OutboundConnector' },
  },
  {
    cmdlet: 'Get-ManagementRoleEntry',
    parameters: { Identity: 'Connector Switch\\*' },
    check: (objects) =>
      assert.deepEqual([...names(objects)].sort(), [
        'Export-OutboundConnector',
        'Get-OutboundConnector',
        'Set-OutboundConnector',
      ]),
  },
  {
    cmdlet: 'Remove-ManagementRoleEntry',
    parameters: { Identity: 'Connector Switch\\Export-OutboundConnector' },
  },
  {
    cmdlet: 'Get-ManagementRole',
    parameters: { Cmdlet: 'Set-OutboundConnector', CmdletParameters: ['Enabled'] },
    check: (objects) => assert.ok(names(objects).includes('Connector Switch')),
  },
  {
    cmdlet: 'Get-ManagementRole',
    parameters: { Cmdlet: 'Set-OutboundConnector', CmdletParameters: ['TlsSettings'] },
    check: (objects) => assert.ok(!names(objects).includes('Connector Switch')),
  },
  {
    cmdlet: 'New-RoleGroup',
    parameters: { Name: 'Night Shift', Roles: ['Connector Switch'], Description: 'By night' },
    check: shows({ Name: 'Night Shift' }),
  },
  { cmdlet: 'Set-RoleGroup', parameters: { Identity: 'Night Shift', Description: 'From ten to six' } },
  {
    cmdlet: 'Get-RoleGroup',
    parameters: { Identity: 'Night Shift' },
    check: shows({ Description: 'From ten to six' }),
  },
  {
    cmdlet: 'New-ManagementRoleAssignment',
    parameters: { Role: 'View-Only Configuration', SecurityGroup: 'Night Shift' },
  },
  {
    cmdlet: 'Get-ManagementRoleAssignment',
    parameters: { RoleAssignee: 'Night Shift' },
    check: (objects) => assert.equal(objects.length, 2),
  },
  {
    cmdlet: 'Remove-ManagementRoleAssignment',
    parameters: { Identity: 'View-Only Configuration-Night Shift' },
  },
  {
    cmdlet: 'New-AccessToken',
    parameters: { Name: 'night', ExpiresInDays: 3 },
    check: (objects) => assert.match(first(objects).Token, /^postern_\S{20,}$/),
  },
  { cmdlet: 'Add-RoleGroupMember', parameters: { Identity: 'Night Shift', Member: 'night' } },
  {
    cmdlet: 'Get-RoleGroupMember',
    parameters: { Identity: 'Night Shift' },
    check: (objects) => assert.deepEqual(names(objects), ['night']),
  },
  { cmdlet: 'Remove-RoleGroupMember', parameters: { Identity: 'Night Shift', Member: 'night' } },
  {
    cmdlet: 'Get-AccessToken',
    parameters: { Identity: 'night' },
    check: (objects) => assert.doesNotMatch(JSON.stringify(objects), /postern_\S{20,}/),
  },
  { cmdlet: 'Remove-AccessToken', parameters: { Identity: 'night' } },
  gone('Get-AccessToken', 'night'),
  { cmdlet: 'Remove-RoleGroup', parameters: { Identity: 'Night Shift' } },
  { cmdlet: 'Remove-ManagementRole', parameters: { Identity: 'Connector Switch' } },
  gone('Get-ManagementRole', 'Connector Switch'),
];

/** With one message that waits for a connector whose smart host refuses connections. */
const QUEUES: readonly Step[] = [
  {
    cmdlet: 'Get-Queue',
    check(objects) {
      const queue = objects.find((object) => object.ConnectorName === 'Stopped');
      kept.set('queue', queue?.Identity ?? assert.fail(JSON.stringify(objects)));
    },
  },
  { cmdlet: 'Get-QueueDigest', check: (objects) => assert.ok(objects.length >= 1) },
  { cmdlet: 'Suspend-Queue', parameters: () => ({ Identity: kept.get('queue') }) },
  {
    cmdlet: 'Get-Queue',
    parameters: () => ({ Identity: kept.get('queue') }),
    check: shows({ Status: 'Suspended' }),
  },
  {
    cmdlet: 'Get-Message',
    parameters: { Filter: "Subject -eq 'Waits'" },
    check: (objects) => void kept.set('message', String(first(objects).Identity)),
  },
  { cmdlet: 'Suspend-Message', parameters: () => ({ Identity: kept.get('message') }) },
  {
    cmdlet: 'Get-Message',
    parameters: () => ({ Identity: kept.get('message') }),
    check: shows({ Status: 'Suspended', Subject: 'Waits' }),
  },
  { cmdlet: 'Resume-Message', parameters: () => ({ Identity: kept.get('message') }) },
  {
    cmdlet: 'Export-Message',
    parameters: () => ({ Identity: kept.get('message') }),
    check: (objects) => assert.match(JSON.stringify(objects), /Subject: Waits/),
  },
  {
    cmdlet: 'Get-MessageTraceV2',
    parameters: { Subject: 'Wait', SubjectFilterType: 'StartsWith' },
    check(objects) {
      kept.set('trace', first(objects).MessageTraceId);
      shows({ Status: 'Pending', RecipientAddress: 'ben@stopped.test' })(objects);
    },
  },
  {
    cmdlet: 'Get-MessageTraceDetailV2',
    parameters: () => ({ MessageTraceId: kept.get('trace') }),
    check: (objects) => assert.equal(first(objects).Event, 'Receive'),
  },
  { cmdlet: 'Resume-Queue', parameters: () => ({ Identity: kept.get('queue') }) },
  { cmdlet: 'Retry-Queue', parameters: () => ({ Identity: kept.get('queue') }) },
  {
    cmdlet: 'Remove-Message',
    parameters: () => ({ Identity: kept.get('message'), WithNDR: false }),
    waitsWhile: /being delivered at this moment/,
  },
  {
    cmdlet: 'Get-Message',
    parameters: { Filter: "Subject -eq 'Waits'" },
    check: nothing,
  },
];

const HELP: readonly Step[] = [
  {
    cmdlet: 'Get-Help',
    parameters: { Name: 'Set-OutboundConnector', Full: true },
    check: (objects) => assert.match(JSON.stringify(objects), /TlsDomain/),
  },
  {
    cmdlet: 'Get-Command',
    parameters: { Noun: ['OutboundConnector'], Verb: ['Set'] },
    check: (objects) => assert.deepEqual(names(objects), ['Set-OutboundConnector']),
  },
];

/** Nouns that came later; driven where the gateway has them. */
const LATER: readonly Step[] = [
  { cmdlet: 'Rotate-SenderRewritingKey' },
  {
    cmdlet: 'Test-OutboundRoute',
    parameters: { Recipients: ['ben@stopped.test'], Sender: 'anna@contoso.test' },
    check: (objects) => assert.match(JSON.stringify(objects), /Stopped/),
  },
  {
    cmdlet: 'Test-OutboundRoute',
    parameters: {
      Recipients: ['ben@stopped.test'],
      Proposed: { '@odata.type': '#Exchange.GenericHashTable', Identity: 'Stopped', Enabled: false },
    },
    check: (objects) => assert.ok(objects.length >= 1),
  },
  {
    cmdlet: 'Validate-OutboundConnector',
    parameters: { Identity: 'Stopped', Recipients: ['ben@stopped.test'] },
    check(objects) {
      assert.ok(objects.length >= 2);
      assert.ok(objects.some((task) => task.IsTaskSuccessful === false));
      for (const task of objects) assert.equal(typeof task.TaskName, 'string');
    },
  },
  { cmdlet: 'Get-OutboundConnectorReport', check: (objects) => assert.ok(Array.isArray(objects)) },
];

const CHAPTERS: Readonly<Record<string, readonly Step[]>> = {
  'outbound connectors': OUTBOUND,
  'inbound connectors': INBOUND,
  'accepted domains': DOMAINS,
  'transport rules': RULES,
  'distribution groups': GROUPS,
  'submission users': USERS,
  configuration: CONFIGURATION,
  permissions: PERMISSIONS,
  'queues, messages and traces': QUEUES,
  help: HELP,
  'what came later': LATER,
};

async function take(client: WireClient, step: Step): Promise<void> {
  const { cmdlet, parameters, check, refused, waitsWhile } = step;
  const given = typeof parameters === 'function' ? parameters() : parameters;
  const where = `${cmdlet} ${JSON.stringify(given ?? {})}`;
  const response = await client.post(cmdlet, given);
  if (refused) {
    assert.equal(response.status, refused[0], `${where}: ${response.text}`);
    assert.match(response.body.error.message, refused[1], where);
    return;
  }
  if (response.status === 400 && waitsWhile?.test(response.text)) return take(client, step);
  if (response.status !== 200) throw new WireError(where, response);
  for (const object of response.body.value)
    if (typeof object === 'object') assert.deepEqual(sidecarProblems(object), [], where);
  try {
    check?.(response.body.value);
  } catch (error) {
    throw new Error(`${where} → ${JSON.stringify(response.body.value)}`, { cause: error });
  }
}

describe('every cmdlet over the wire', () => {
  test('does what it says, and none is left out', async (t) => {
    const { gateway, client } = await startWireGateway(t);
    await client.run('New-OutboundConnector', {
      Name: 'Stopped',
      RecipientDomains: ['stopped.test'],
      UseMXRecord: false,
      SmartHosts: ['127.0.0.1:1'],
    });
    await sendMail(gateway.smtp, { from: 'anna@contoso.test', to: ['ben@stopped.test'], subject: 'Waits' });
    await gateway.runUntil('Get-Message', {}, ({ objects }) => objects[0]?.get('Status') === 'Retry');
    const { body } = await client.get('/adminapi/cmdlets');
    const listed: readonly string[] = body.value.map((each: Json) => each.name);
    const driven = new Set<string>();
    for (const [chapter, steps] of Object.entries(CHAPTERS)) {
      await t.test(chapter, async () => {
        for (const step of steps) {
          if (steps === LATER && !listed.includes(step.cmdlet)) continue;
          driven.add(step.cmdlet.toLowerCase());
          await take(client, step);
        }
      });
    }
    const left = listed.filter((name) => !driven.has(name.toLowerCase()));
    assert.deepEqual(left, [], 'cmdlets that no step drives');
  });
});
