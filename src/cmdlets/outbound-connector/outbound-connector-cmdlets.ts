// The cmdlets of outbound connectors, and how connectors are shown in a table.
import type { TypeView } from '#parameters/metadata.ts';
import type { Cmdlet } from '../cmdlet.ts';
import type { DirectoryServices } from '../directory-services.ts';
import { exportOutboundConnector } from './export-outbound-connector.ts';
import { getOutboundConnector } from './get-outbound-connector.ts';
import { importOutboundConnector } from './import-outbound-connector.ts';
import { newOutboundConnector } from './new-outbound-connector.ts';
import { removeOutboundConnector } from './remove-outbound-connector.ts';
import { restoreOutboundConnector } from './restore-outbound-connector.ts';
import { setOutboundConnector } from './set-outbound-connector.ts';

export const outboundConnectorCmdlets: readonly Cmdlet<DirectoryServices>[] = [
  getOutboundConnector,
  newOutboundConnector,
  setOutboundConnector,
  removeOutboundConnector,
  restoreOutboundConnector,
  exportOutboundConnector,
  importOutboundConnector,
];

export const outboundConnectorViews: readonly TypeView[] = [
  // Exchange's columns for lists.
  {
    typeName: 'OutboundConnector',
    table: ['Name', 'ConnectorType', 'Enabled', 'RecipientDomains', 'SmartHosts', 'TlsSettings'],
  },
  { typeName: 'ImportedConnector', table: ['Name', 'Action', 'UnknownProperties', 'Detail'] },
];
