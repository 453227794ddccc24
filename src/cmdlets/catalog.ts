// Every cmdlet of Postern and every view, in one list: what the registry is made of. A new noun is added here.
import type { TypeView } from '#parameters/metadata.ts';
import type { Cmdlet } from './cmdlet.ts';
import { directoryCmdlets, directoryViews } from './directory-cmdlets.ts';
import type { DirectoryServices } from './directory-services.ts';
import { getCommand } from './help/get-command.ts';
import { getHelp } from './help/get-help.ts';
import { removeMessage, resumeMessage, suspendMessage } from './message/change-message.ts';
import { exportMessage, getMessage } from './message/get-message.ts';
import type { MessageServices } from './message/message-services.ts';
import {
  getMessageTrace,
  getMessageTraceDetail,
  type TraceServices,
  traceViews,
} from './message-trace/get-message-trace.ts';
import { validateOutboundConnector } from './outbound-connector/validate-outbound-connector.ts';
import {
  getOutboundConnectorReport,
  outboundConnectorReportViews,
} from './outbound-connector-report/get-outbound-connector-report.ts';
import type { OutboundServices } from './outbound-route/outbound-services.ts';
import { outboundRouteViews } from './outbound-route/outbound-route-views.ts';
import { testOutboundRoute } from './outbound-route/test-outbound-route.ts';
import { permissionCmdlets, permissionViews } from './permissions/permission-cmdlets.ts';
import { resumeQueue, retryQueue, suspendQueue } from './queue/change-queue.ts';
import { getQueue, getQueueDigest } from './queue/get-queue.ts';
import { queueViews } from './queue/queue-services.ts';

export type CatalogServices = DirectoryServices & MessageServices & TraceServices & OutboundServices;

export const cmdlets: readonly Cmdlet<CatalogServices>[] = [
  getHelp,
  getCommand,
  ...directoryCmdlets,
  validateOutboundConnector,
  testOutboundRoute,
  getOutboundConnectorReport,
  getQueue,
  getQueueDigest,
  retryQueue,
  suspendQueue,
  resumeQueue,
  getMessage,
  exportMessage,
  suspendMessage,
  resumeMessage,
  removeMessage,
  getMessageTrace,
  getMessageTraceDetail,
  ...permissionCmdlets,
];

export const views: readonly TypeView[] = [
  ...directoryViews,
  ...outboundRouteViews,
  ...outboundConnectorReportViews,
  ...queueViews,
  ...traceViews,
  ...permissionViews,
];
