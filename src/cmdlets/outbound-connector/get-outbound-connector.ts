// Get-OutboundConnector.
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { booleanType } from '#parameters/scalar-types.ts';
import { findObject, showObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { optionalIdentityParameter, resultSizeParameter } from '../object-parameters.ts';
import { writeObjects } from '../written-objects.ts';

const declaration = outboundConnectorObject;

/** Exchange's words. */
const TEST_MODE_LEFT_OUT =
  'There is at least one test mode connector which is not included in the result. Please use -IncludeTestModeConnectors to view test mode connectors.';

export const getOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Get-OutboundConnector',
  synopsis: 'Shows outbound connectors.',
  description:
    'Without -Identity all connectors are returned, those in test mode only with -IncludeTestModeConnectors $true. What is returned can be given to Set-OutboundConnector and New-OutboundConnector as it is.',
  parameters: {
    Identity: optionalIdentityParameter(declaration),
    IncludeTestModeConnectors: parameter(booleanType, {
      default: false,
      help: 'With $true connectors in test mode are returned too.',
    }),
    IsTransportRuleScoped: parameter(booleanType, {
      help: 'Only connectors that are for transport rules ($true), or only the others ($false).',
    }),
    ResultSize: resultSizeParameter,
  },
  outputType: 'OutboundConnector',
  examples: [
    {
      title: 'One connector in full',
      command: 'Get-OutboundConnector "Contoso Outbound Connector" | Format-List',
      description: 'Shows every property of the connector.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    const show = (object: ReturnType<typeof findObject<typeof declaration.properties>>) =>
      showObject(directory, declaration, object);
    if (bound.Identity !== undefined) {
      await context.output(show(findObject(directory, declaration, bound.Identity)));
      return;
    }
    const scoped = bound.IsTransportRuleScoped;
    const all = directory
      .list(declaration)
      .filter(({ values }) => scoped === undefined || values.IsTransportRuleScoped === scoped);
    const wanted = bound.IncludeTestModeConnectors ? all : all.filter(({ values }) => !values.TestMode);
    await writeObjects(context, wanted, bound.ResultSize, show);
    if (wanted.length < all.length) context.warning(TEST_MODE_LEFT_OUT);
  },
});
