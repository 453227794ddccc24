// Set-OutboundConnector: the cmdlet that Postern is built around (seed).
import { propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { carryOut, findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { forceParameter, identityParameter, renameParameter } from '../object-parameters.ts';
import { credentialParameter, planConnector } from './outbound-connector-plan.ts';

const declaration = outboundConnectorObject;

export const setOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Set-OutboundConnector',
  synopsis: 'Changes an outbound connector.',
  description:
    'Only the properties that the command names are changed. The change takes effect at once, on new mail and on mail that waits; it is recorded, and Restore-OutboundConnector can take it back.\n\nWith -WhatIf every check is made and the properties that would change are shown with their old and new values.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    ...propertyParameters(declaration, 'Set'),
    Name: renameParameter(declaration),
    SmartHostCredential: credentialParameter,
    Force: forceParameter(
      'Disables a connector, takes its rule scope or puts it into test mode even though transport rules name it.',
    ),
  },
  outputType: null,
  examples: [
    {
      title: 'From MX to a smart host',
      command:
        'Set-OutboundConnector "Contoso Outbound Connector" -UseMxRecord $false -SmartHosts 192.168.0.1',
      description: 'The connector delivers to the host at 192.168.0.1 from now on.',
    },
    {
      title: 'One domain more, one less',
      command:
        'Set-OutboundConnector Contoso -RecipientDomains @{Add="contoso.net"; Remove="contoso.org"} -WhatIf',
      description: 'Shows what the list of domains would be, without changing it.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const request = {
      asked: requestedChanges(declaration, bound),
      force: bound.Force,
      credential: bound.SmartHostCredential,
    };
    await carryOut(context, {
      declaration,
      plan() {
        const before = findObject(services.directory, declaration, bound.Identity);
        return planConnector(services, before.guid, before, request);
      },
    });
  },
});
