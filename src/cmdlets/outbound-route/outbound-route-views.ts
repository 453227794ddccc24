// How the parts of routes and validations are shown in tables. A route itself has too much to say for a line.
import type { TypeView } from '#parameters/metadata.ts';

export const outboundRouteViews: readonly TypeView[] = [
  { typeName: 'ConsideredConnector', table: ['Name', 'Why'] },
  { typeName: 'NextHop', table: ['Host', 'Port', 'Addresses', 'TlsLevel', 'TlsRaisedBy', 'Problem'] },
  { typeName: 'MatchedRule', table: ['Name', 'Mode', 'Actions', 'Error'] },
  {
    typeName: 'OutboundConnectorValidationTask',
    table: ['TaskName', 'IsTaskSuccessful', 'Target', 'Detail'],
  },
];
