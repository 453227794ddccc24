// The roles and role groups that every installation has (cmdlets.md, "Permissions"). A built-in role holds whole
// cmdlets, by patterns over their names: so it holds those that a later version brings, too.
import type { CmdletMetadata } from '#parameters/metadata.ts';
import { namePattern } from '../name-pattern.ts';
import { wholeEntry } from './role-entry.ts';
import type { RoleEntry } from './role-entry.ts';

interface BuiltInRole {
  readonly name: string;
  readonly description: string;
  readonly cmdlets: readonly string[];
}

interface BuiltInRoleGroup {
  readonly name: string;
  readonly description: string;
  readonly roles: readonly string[];
}

const TRACKING = ['Get-MessageTrace*', 'Get-Queue', 'Get-QueueDigest', 'Get-Message'] as const;

export const builtInRoles: readonly BuiltInRole[] = [
  { name: 'Organization Configuration', description: 'Every cmdlet with every parameter.', cmdlets: ['*'] },
  {
    name: 'View-Only Configuration',
    description: 'Looks at everything and changes nothing.',
    cmdlets: ['Get-*', 'Test-*', 'Search-*'],
  },
  { name: 'Message Tracking', description: 'Follows messages and looks at queues.', cmdlets: TRACKING },
  {
    name: 'Transport Queues',
    description: 'Looks at queues, retries, suspends and resumes, and validates connectors.',
    cmdlets: [
      'Get-Queue',
      'Get-QueueDigest',
      'Get-Message',
      'Retry-*',
      'Suspend-*',
      'Resume-*',
      'Get-OutboundConnector',
      'Get-OutboundConnectorReport',
      'Validate-OutboundConnector',
      'Test-OutboundRoute',
    ],
  },
  {
    name: 'Outbound Connectors',
    description: 'Everything about outbound connectors.',
    cmdlets: ['*-OutboundConnector', 'Get-OutboundConnectorReport', 'Test-OutboundRoute'],
  },
  {
    name: 'Role Management',
    description: 'Says who may do what: roles, role groups and access tokens.',
    cmdlets: ['*-RoleGroup', '*-RoleGroupMember', '*-ManagementRole*', '*-AccessToken'],
  },
];

export const builtInRoleGroups: readonly BuiltInRoleGroup[] = [
  {
    name: 'Organization Management',
    description: 'May do everything.',
    roles: ['Organization Configuration'],
  },
  {
    name: 'View-Only Organization Management',
    description: 'May look at everything.',
    roles: ['View-Only Configuration'],
  },
  { name: 'Help Desk', description: 'May follow messages and look at queues.', roles: ['Message Tracking'] },
  {
    name: 'Mail Flow Operator',
    description: 'May look after queues and validate connectors.',
    roles: ['Transport Queues'],
  },
];

/** For whoever is signed in, whatever their roles. */
export const everybodysCmdlets: readonly string[] = ['Get-Help', 'Get-Command'];

/** null: no built-in role is called so. */
export function builtInEntries(name: string, all: readonly CmdletMetadata[]): readonly RoleEntry[] | null {
  const key = name.toLowerCase();
  const role = builtInRoles.find((candidate) => candidate.name.toLowerCase() === key);
  if (!role) return null;
  const patterns = role.cmdlets.map(namePattern);
  return all.filter((metadata) => patterns.some((fits) => fits(metadata.name))).map(wholeEntry);
}

export function isBuiltInRoleGroup(name: string): boolean {
  return builtInRoleGroups.some((group) => group.name.toLowerCase() === name.toLowerCase());
}
