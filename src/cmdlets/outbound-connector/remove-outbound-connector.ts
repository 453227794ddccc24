// Remove-OutboundConnector.
import { remove } from '#directory/directory.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { connectorRemovalProblems } from '#directory/outbound-connector-rules.ts';
import { rulesNamingConnector } from '#directory/transport-rule-references.ts';
import { assertNoProblems, carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { forceParameter, identityParameter } from '../object-parameters.ts';

const declaration = outboundConnectorObject;

export const removeOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Remove-OutboundConnector',
  synopsis: 'Removes an outbound connector.',
  description:
    'Mail that waits for the connector is routed again by what is left. Restore-OutboundConnector brings the connector back, under its GUID.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: {
    Identity: identityParameter(declaration),
    Force: forceParameter('Removes the connector without asking, and even though transport rules name it.'),
  },
  outputType: null,
  examples: [
    {
      title: 'Without being asked',
      command: 'Remove-OutboundConnector Contoso -Confirm:$false',
      description: 'Removes the connector named Contoso at once.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(directory, declaration, bound.Identity);
        const problems = connectorRemovalProblems(rulesNamingConnector(directory, before.guid), bound.Force);
        assertNoProblems(problems, before.values.Name);
        return { proposal: remove(declaration, before), warnings: [] };
      },
    });
  },
});
