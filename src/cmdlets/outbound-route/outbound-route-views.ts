// How the parts of routes and validations are shown in tables.
import type { TypeView } from '#parameters/metadata.ts';

export const outboundRouteViews: readonly TypeView[] = [
  // Everything of a route at once: a list.
  { typeName: 'OutboundRoute', table: [] },
  { typeName: 'ConsideredConnector', table: ['Name', 'Why'] },
  { typeName: 'NextHop', table: ['Host', 'Port', 'Addresses', 'TlsLevel', 'TlsRaisedBy', 'Problem'] },
  { typeName: 'MatchedRule', table: ['Name', 'Mode', 'Actions', 'Error'] },
  {
    typeName: 'OutboundConnectorValidationTask',
    table: ['TaskName', 'IsTaskSuccessful', 'Target', 'Detail'],
  },
];
