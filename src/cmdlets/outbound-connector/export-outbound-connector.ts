// Export-OutboundConnector: connectors as a script that makes them again, or as JSON that Import-OutboundConnector reads.
import { sameStored } from '#directory/declared-object.ts';
import type { AnyProperty, Stored } from '#directory/declared-object.ts';
import { outboundConnectorObject } from '#directory/outbound-connector.ts';
import type { OutboundConnectorObject } from '#directory/outbound-connector.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { plainValue } from '#parameters/plain-value.ts';
import { enumeration } from '#parameters/scalar-types.ts';
import type { Value } from '#parameters/value.ts';
import { findObject } from '../configured-object.ts';
import { defineCmdlet } from '../cmdlet.ts';
import type { Cmdlet, CmdletContext } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { powerShellLine } from '../invocation-record.ts';
import { optionalIdentityParameter } from '../object-parameters.ts';

const declaration = outboundConnectorObject;

export const exportOutboundConnector: Cmdlet<DirectoryServices> = defineCmdlet({
  name: 'Export-OutboundConnector',
  synopsis: 'Writes outbound connectors as a script or as JSON.',
  description:
    'The script holds one New-OutboundConnector for each connector, with the properties that differ from the defaults. The JSON holds all properties and can be given to Import-OutboundConnector, here or on another gateway.\n\nPasswords are never written: where a connector has a SmartHostCredential, the script says so.',
  parameters: {
    Identity: optionalIdentityParameter(declaration),
    As: parameter(enumeration('ExportFormat', ['Script', 'Json']), {
      default: 'Script',
      help: 'Script: PowerShell commands, one a line. Json: a list of objects.',
    }),
  },
  outputType: 'String',
  examples: [
    {
      title: 'A backup of all connectors',
      command: 'Export-OutboundConnector -As Json',
      description: 'Writes every connector, those in test mode too, as one JSON text.',
    },
  ],
  async run(bound, context: CmdletContext<DirectoryServices>) {
    const { directory } = context.services;
    const connectors =
      bound.Identity === undefined
        ? directory.list(declaration)
        : [findObject(directory, declaration, bound.Identity)];
    if (bound.As === 'Json') {
      await context.output(JSON.stringify(connectors.map(toJson), null, 2));
      return;
    }
    for (const connector of connectors) for (const line of toScript(connector)) await context.output(line);
  },
});

const shown = Object.entries<AnyProperty>(declaration.properties).filter(([, property]) => !property.hidden);

function printed(connector: OutboundConnectorObject, [name, property]: (typeof shown)[number]): Value {
  return property.print((connector.values as Readonly<Record<string, Stored>>)[name]);
}

function toJson(connector: OutboundConnectorObject): Readonly<Record<string, unknown>> {
  const properties = shown.map((entry) => [entry[0], plainValue(printed(connector, entry))]);
  return Object.fromEntries([['Name', connector.values.Name], ...properties]);
}

function toScript(connector: OutboundConnectorObject): readonly string[] {
  const values: Readonly<Record<string, Stored>> = connector.values;
  const differing = shown.filter(([name, { initial }]) => !sameStored(values[name], initial));
  const taken = (by: string): readonly (readonly [string, Value])[] =>
    differing
      .filter(([, { takenBy }]) => takenBy === by || (by === 'New' && takenBy === 'both'))
      .map((entry) => [entry[0], printed(connector, entry)]);
  const lines = [powerShellLine('New-OutboundConnector', [['Name', connector.values.Name], ...taken('New')])];
  const later = taken('Set');
  if (later.length > 0) {
    lines.push(powerShellLine('Set-OutboundConnector', [['Identity', connector.values.Name], ...later]));
  }
  if (connector.values.SealedCredential !== null) {
    lines.push(
      `# ${JSON.stringify(connector.values.Name)} has a SmartHostCredential, which is not exported: set it again.`,
    );
  }
  return lines;
}
