// Restore-OutboundConnector: brings an old version back, as a change like any other (connectors.md, History).
import { changesTo, restoreValues } from '#directory/declared-object.ts';
import { revive } from '#directory/directory.ts';
import type { ChangeRecord } from '#directory/object-store.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { OutboundConnectorValues } from '#directory/outbound-connector.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { wholeNumber } from '#parameters/scalar-types.ts';
import { changeHistory } from '../change-history.ts';
import { mistakes } from '../cmdlet-error.ts';
import { carryOut, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { forceParameter, identityParameter } from '../object-parameters.ts';
import { planConnector } from './outbound-connector-plan.ts';

const declaration = outboundConnectorObject;

export const restoreOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Restore-OutboundConnector',
  synopsis: 'Brings back an earlier version of an outbound connector, or one that was removed.',
  description:
    'Every change makes a new version, which Search-AdminAuditLog lists. Restoring is a change too: it is checked by the same rules, recorded, and can be taken back in turn. A removed connector comes back under its old GUID.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    Version: parameter(wholeNumber(1), {
      position: 1,
      help: 'The version to bring back. Without it: the one before the present, or before the removal.',
      defaultText: 'the one before',
    }),
    Force: forceParameter('Brings back a version that transport rules which name the connector cannot use.'),
  },
  outputType: 'OutboundConnector',
  examples: [
    {
      title: 'Undo the last change',
      command: 'Restore-OutboundConnector Contoso -WhatIf',
      description:
        'Shows what would be different; without -WhatIf the connector is as it was before its last change.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const history = await versionsOf(context, bound.Identity);
    const wanted = versionToRestore(history, bound.Identity, bound.Version);
    const request = { asked: changesTo(declaration, wanted), force: bound.Force, credential: undefined };
    const { guid } = history[0];
    const restored = await carryOut(context, {
      declaration,
      action: 'Restore',
      plan() {
        const before = services.directory.get(declaration, guid);
        const sealedCredential = wanted.SealedCredential;
        const plan = planConnector(services, guid, before, { ...request, sealedCredential });
        const after = plan.proposal.after ?? wanted;
        return before ? plan : { ...plan, proposal: revive(declaration, history[0], after) };
      },
    });
    if (restored) await context.output(showObject(services.directory, declaration, restored));
  },
});

/** Newest first; of a connector that is there, or was removed. Throws CmdletError. */
async function versionsOf(
  context: CmdletContext<DirectoryServices>,
  identity: string,
): Promise<readonly [ChangeRecord, ...ChangeRecord[]]> {
  const { directory } = context.services;
  const guid = directory.find(declaration, identity)?.guid ?? (await removedConnector(context, identity));
  const records: ChangeRecord[] = [];
  if (guid !== null) for await (const record of changeHistory(directory, { guid })) records.push(record);
  const [last, ...earlier] = records.filter(({ kind }) => kind === declaration.kind);
  if (!last) throw mistakes.objectNotFound(identity);
  return [last, ...earlier];
}

async function removedConnector(
  context: CmdletContext<DirectoryServices>,
  identity: string,
): Promise<string | null> {
  const { directory } = context.services;
  const wanted = identity.replace(/^\{|\}$/g, '').toLowerCase();
  for await (const record of changeHistory(directory, { cmdlets: ['Remove-OutboundConnector'] })) {
    if (record.kind !== declaration.kind || record.after !== null) continue;
    if (record.guid !== wanted && record.objectName.toLowerCase() !== wanted) continue;
    return record.guid;
  }
  return null;
}

function versionToRestore(
  history: readonly [ChangeRecord, ...ChangeRecord[]],
  identity: string,
  version: number | undefined,
): OutboundConnectorValues {
  const [last] = history;
  const wanted = version ?? last.version - 1;
  const after = history.find((record) => record.version === wanted)?.after ?? null;
  if (after !== null) return restoreValues(declaration, after);
  const versions = history.filter((record) => record.after !== null).map((record) => record.version);
  const message =
    versions.length === 1 && version === undefined
      ? `'${identity}' has never been changed, so there is no earlier version of it.`
      : `'${identity}' has no version ${wanted} to bring back. Its versions are ${versions.sort((a, b) => a - b).join(', ')}.`;
  throw mistakes.invalidArgument('Version', message, identity);
}
