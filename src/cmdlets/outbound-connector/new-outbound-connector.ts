// New-OutboundConnector.
import { propertyParameters, requestedChanges } from '#directory/declared-object.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { carryOut, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { newNameParameter } from '../object-parameters.ts';
import { credentialParameter, planConnector } from './outbound-connector-plan.ts';

const declaration = outboundConnectorObject;

export const newOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'New-OutboundConnector',
  synopsis: 'Makes an outbound connector.',
  description:
    'An outbound connector says how mail for certain recipients leaves: to their MX hosts or to smart hosts, and how well the connections must be protected.\n\nThe connector acts at once, on new mail and on mail that waits, unless it is made with -Enabled $false or -TestMode $true.',
  supportsShouldProcess: true,
  parameters: {
    Name: newNameParameter(declaration),
    ...propertyParameters(declaration, 'New'),
    SmartHostCredential: credentialParameter,
  },
  outputType: 'OutboundConnector',
  examples: [
    {
      title: 'To a partner over verified TLS',
      command:
        'New-OutboundConnector -Name "Contoso" -RecipientDomains *.contoso.com -TlsSettings DomainValidation -TlsDomain *.contoso.com',
      description:
        "Mail for contoso.com and everything below it goes to the domains' MX hosts, and only over TLS with a certificate for contoso.com.",
    },
    {
      title: 'Everything else by a relay',
      command:
        'New-OutboundConnector -Name "Relay" -RecipientDomains * -UseMXRecord $false -SmartHosts relay.example.net:587 -TlsSettings EncryptionOnly',
      description: 'Mail that no other connector matches goes to one relay, on port 587.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { services } = context;
    const guid = services.directory.newGuid();
    const request = {
      asked: requestedChanges(declaration, bound),
      force: false,
      credential: bound.SmartHostCredential,
    };
    const made = await carryOut(context, {
      declaration,
      plan: () => planConnector(services, guid, null, request),
    });
    if (made) await context.output(showObject(services.directory, declaration, made));
  },
});
