// Search-AdminAuditLog: the record of every change, with Exchange's parameters and properties (connectors.md, History).
import { shownValue } from '#directory/shown-value.ts';
import { changedProperties, restoreValues } from '#directory/declared-object.ts';
import type { Directory } from '#directory/directory.ts';
import type { ChangeQuery, ChangeRecord } from '#directory/object-store.ts';
import { DateTime } from '#parameters/date-time.ts';
import { dateTimeType } from '#parameters/date-time-type.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf, textType } from '#parameters/scalar-types.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { changeHistory } from '../change-history.ts';
import { mistakes } from '../cmdlet-error.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { resultSizeParameter } from '../object-parameters.ts';

const texts = listOf(textType);

export const searchAdminAuditLog: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Search-AdminAuditLog',
  synopsis: 'Lists the changes that administrators made.',
  description:
    'Every change of a configured object is recorded: when, by whom, the command as it was given (secrets masked), the old and new values, and the version that came out. The newest comes first. Records are kept for good.',
  parameters: {
    Cmdlets: parameter(texts, { help: 'Only changes made by one of these cmdlets.' }),
    Parameters: parameter(texts, {
      help: 'Only changes whose command had one of these parameters. Needs -Cmdlets, as parameters of different cmdlets share names.',
    }),
    StartDate: parameter(dateTimeType, { help: 'Only changes at this time or later.' }),
    EndDate: parameter(dateTimeType, { help: 'Only changes at this time or earlier.' }),
    ObjectIds: parameter(texts, {
      help: 'Only changes of these objects: name (the present one or that of the time), distinguished name or GUID.',
    }),
    UserIds: parameter(texts, { help: 'Only changes made by one of these users.' }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'AdminAuditLogEvent',
  examples: [
    {
      title: 'Who changed the smart hosts?',
      command:
        'Search-AdminAuditLog -Cmdlets Set-OutboundConnector -Parameters SmartHosts -ObjectIds Contoso',
      description: 'Lists the commands that gave the connector Contoso other smart hosts.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    if (bound.Parameters !== undefined && bound.Cmdlets === undefined) {
      throw mistakes.invalidArgument(
        'Parameters',
        'Parameters needs the cmdlets that they are of. Add -Cmdlets.',
      );
    }
    const isWanted = objectFilter(context, bound.ObjectIds);
    const asked = new Set(bound.Parameters?.map((name) => name.toLowerCase()));
    const limit = bound.ResultSize === 'Unlimited' ? Number.POSITIVE_INFINITY : bound.ResultSize;
    let written = 0;
    for await (const record of changeHistory(directory, queryOf(bound))) {
      const named = Object.keys(record.parameters).some((name) => asked.has(name.toLowerCase()));
      if (!isWanted(record) || (asked.size > 0 && !named)) continue;
      if (written === limit) {
        context.warning(
          'There are more results available than are currently displayed. Increase -ResultSize to see them.',
        );
        return;
      }
      await context.output(showRecord(record, directory));
      written += 1;
    }
  },
});

function queryOf(bound: {
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly Cmdlets?: readonly string[];
  readonly UserIds?: readonly string[];
}): Omit<ChangeQuery, 'limit'> {
  const { StartDate, EndDate, Cmdlets, UserIds } = bound;
  if (StartDate !== undefined && EndDate !== undefined && StartDate > EndDate) {
    throw mistakes.invalidArgument('StartDate', 'StartDate is later than EndDate. Exchange the two.');
  }
  return {
    ...(StartDate === undefined ? {} : { from: StartDate }),
    ...(EndDate === undefined ? {} : { to: EndDate }),
    ...(Cmdlets === undefined ? {} : { cmdlets: Cmdlets }),
    ...(UserIds === undefined ? {} : { users: UserIds }),
  };
}

/** By GUID of the object that has such an identity now, or by the name that it had then. */
function objectFilter(
  { services }: CmdletContext<DirectoryServices>,
  identities: readonly string[] | undefined,
): (record: ChangeRecord) => boolean {
  if (identities === undefined) return () => true;
  const wanted = new Set(identities.map((identity) => identity.toLowerCase()));
  for (const declaration of services.directory.declarations) {
    for (const identity of identities) {
      const found = services.directory.find(declaration, identity);
      if (found) wanted.add(found.guid);
    }
  }
  return ({ guid, objectName }) => wanted.has(guid) || wanted.has(objectName.toLowerCase());
}

function showRecord(record: ChangeRecord, directory: Directory): PsObject {
  const parameters = Object.entries(record.parameters).map(
    ([name, value]) =>
      new PsObject('AdminAuditLogCmdletParameter', [
        ['Name', name],
        ['Value', plainText(value)],
      ]),
  );
  return new PsObject('AdminAuditLogEvent', [
    ['ObjectModified', record.objectName],
    ['ObjectClass', record.kind],
    ['ObjectGuid', record.guid],
    ['ObjectVersion', record.version],
    ['CmdletName', record.cmdlet],
    ['CmdletParameters', parameters],
    ['ModifiedProperties', modifiedProperties(record, directory)],
    ['Caller', record.user],
    ['Succeeded', true],
    ['RunDate', DateTime.fromUtcMilliseconds(record.time)],
    ['OriginatingServer', directory.hostname],
    ['CommandLine', record.line],
    ['Identity', `${record.guid}/${record.version}`],
    ['IsValid', true],
    ['ObjectState', 'New'],
  ]);
}

function modifiedProperties(
  { kind, before, after }: ChangeRecord,
  directory: Directory,
): readonly PsObject[] {
  const declaration = directory.declarations.find((one) => one.kind === kind);
  if (!declaration) return [];
  const [old, now] = [
    before && restoreValues(declaration, before),
    after && restoreValues(declaration, after),
  ];
  return changedProperties(declaration, old, now).map(
    (change) =>
      new PsObject('AdminAuditLogModifiedProperty', [
        ['Name', change.name],
        ['OldValue', shown(change.before)],
        ['NewValue', shown(change.after)],
      ]),
  );
}

function shown(value: Value): string {
  return value === null ? '' : shownValue(value);
}

function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(plainText).join(', ') : JSON.stringify(value);
}

export const adminAuditLogViews: readonly TypeView[] = [
  {
    typeName: 'AdminAuditLogEvent',
    table: ['RunDate', 'Caller', 'CmdletName', 'ObjectModified', 'ObjectVersion'],
  },
  { typeName: 'AdminAuditLogCmdletParameter', table: ['Name', 'Value'] },
  { typeName: 'AdminAuditLogModifiedProperty', table: ['Name', 'OldValue', 'NewValue'] },
];
