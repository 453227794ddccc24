// New-, Get-, Set- and Remove-InboundConnector: who may hand mail in (routing.md).
import { propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { create, update } from '#directory/directory.ts';
import { inboundConnectorObject } from '#directory/inbound-connector.ts';
import type {
  InboundConnectorChanges,
  InboundConnectorObject,
  InboundConnectorProperties,
} from '#directory/inbound-connector.ts';
import { applyInboundConnectorRules } from '#directory/inbound-connector-rules.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { assertNoProblems, carryOut, findObject, showObject } from '../configured-object.ts';
import type { Plan } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { getCmdlet, nameProblems, removeCmdlet } from '../object-cmdlets.ts';
import {
  forceParameter,
  identityParameter,
  newNameParameter,
  renameParameter,
} from '../object-parameters.ts';

const declaration = inboundConnectorObject;
const FORCE_HELP = 'Lets in every address there is.';

function planConnector(
  { directory }: DirectoryServices,
  guid: string,
  before: InboundConnectorObject | null,
  asked: InboundConnectorChanges,
  force: boolean,
): Plan<InboundConnectorProperties> {
  const isNameTaken = (name: string): boolean => nameProblems(directory, declaration, name, guid).length > 0;
  const change = { before: before?.values ?? null, asked, force, isNameTaken };
  const { after, problems, warnings } = applyInboundConnectorRules(change);
  assertNoProblems(problems, before?.values.Name ?? after.Name);
  return {
    proposal: before ? update(declaration, before, after) : create(declaration, guid, after),
    warnings,
  };
}

const newInboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-InboundConnector',
  synopsis: 'Makes an inbound connector.',
  description:
    'Without an inbound connector or a submission user nobody may send mail through the gateway. A connector knows its peers by their IP addresses, by a certificate whose chain verifies, or, for partners, by the domain of the sender.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    ...propertyParameters(declaration, 'New'),
    Force: forceParameter(FORCE_HELP),
  },
  outputType: 'InboundConnector',
  examples: [
    {
      title: "The organization's mail server",
      command:
        'New-InboundConnector -Name "Exchange" -ConnectorType OnPremises -SenderDomains * -SenderIPAddresses 10.0.0.5,10.0.0.6 -RequireTls $true',
      description: 'The two servers may send mail to anybody, over TLS only.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const guid = services.directory.newGuid();
    const asked = requestedChanges(declaration, bound);
    const made = await carryOut(context, {
      declaration,
      plan: () => planConnector(services, guid, null, asked, bound.Force),
    });
    if (made) await context.output(showObject(services.directory, declaration, made));
  },
});

const setInboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-InboundConnector',
  synopsis: 'Changes an inbound connector.',
  description:
    'Only the properties that the command names are changed. The change holds for the next session.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    ...propertyParameters(declaration, 'Set'),
    Name: renameParameter(declaration),
    Force: forceParameter(FORCE_HELP),
  },
  outputType: null,
  examples: [
    {
      title: 'One server more',
      command: 'Set-InboundConnector Exchange -SenderIPAddresses @{Add="10.0.0.7"}',
      description: 'Adds an address to those that are let in.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const asked = requestedChanges(declaration, bound);
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(services.directory, declaration, bound.Identity);
        return planConnector(services, before.guid, before, asked, bound.Force);
      },
    });
  },
});

export const inboundConnectorCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getCmdlet(
    { declaration },
    {
      synopsis: 'Shows inbound connectors.',
      description: 'Without -Identity all inbound connectors are returned.',
      examples: [
        { title: 'All of them', command: 'Get-InboundConnector', description: 'Lists who may hand mail in.' },
      ],
    },
  ),
  newInboundConnector,
  setInboundConnector,
  removeCmdlet(
    { declaration },
    {
      synopsis: 'Removes an inbound connector.',
      description: 'Its peers are no longer let in, unless another connector knows them.',
      examples: [
        {
          title: 'Without being asked',
          command: 'Remove-InboundConnector Exchange -Confirm:$false',
          description: 'Removes the connector at once.',
        },
      ],
    },
  ),
];

export const inboundConnectorViews: readonly TypeView[] = [
  {
    typeName: 'InboundConnector',
    table: ['Name', 'ConnectorType', 'Enabled', 'SenderDomains', 'SenderIPAddresses', 'RequireTls'],
  },
];
