// The report to the sender of a message that an administrator takes out of the queue.
import { reportsFor } from '#dsn/planned-report.ts';
import type { DeliveryStatus } from '#mail/delivery-status.ts';
import type { Message } from '#mail/message.ts';
import type { NewMessage, Store } from '#store/store.ts';
import { reportMessage, type ReportParts } from './report-message.ts';

/** What such a recipient's trace and report say. */
export const REMOVED: DeliveryStatus = {
  action: 'failed',
  status: '5.7.1',
  diagnostic: 'Removed from the queue by an administrator',
  diagnosticType: 'x-postern',
  remoteMta: null,
  remoteAddress: null,
};

/** null: none is owed (null sender, NOTIFY=NEVER), or the message is gone. It waits for the queue manager. */
export async function removalReport(
  parts: ReportParts,
  store: Pick<Store, 'load'>,
  message: Message,
  recipients: readonly number[],
): Promise<NewMessage | null> {
  const ended = recipients.map((recipient) => ({ recipient, status: REMOVED }));
  const [report] = reportsFor(message.envelope, ended, []);
  const loaded = report === undefined ? null : await store.load(message.id);
  if (report === undefined || loaded === null) return null;
  return reportMessage(parts, report, message, loaded.content, false);
}
