// Get-MessageTraceV2 and Get-MessageTraceDetailV2: what became of a message, with Exchange Online's parameters and
// properties, over the events that were written as they happened.
import { parseMessageId, printMessageId } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import { DateTime } from '#parameters/date-time.ts';
import { dateTimeType } from '#parameters/date-time-type.ts';
import type { TypeView } from '#parameters/metadata.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { enumeration, listOf, textType, wholeNumber } from '#parameters/scalar-types.ts';
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import type { Store, TraceQuery, TraceRow } from '#store/store.ts';
import type { TraceEvent } from '#tracking/trace-event.ts';
import { mistakes } from '../cmdlet-error.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';

export interface TraceServices {
  readonly traceStore: Pick<Store, 'trace' | 'traceEvents'>;
  readonly now: () => number;
}

export const traceViews: readonly TypeView[] = [
  {
    typeName: 'MessageTrace',
    table: ['Received', 'SenderAddress', 'RecipientAddress', 'Subject', 'Status', 'MessageTraceId'],
  },
  { typeName: 'MessageTraceDetail', table: ['Date', 'Event', 'Detail'] },
];

const STATUSES = ['Pending', 'Delivered', 'Failed', 'Expanded', 'Removed', 'GettingStatus'] as const;
const HOUR = 3_600_000;

const dates = {
  StartDate: parameter(dateTimeType, {
    help: 'The beginning of the time in which the messages came in (UTC).',
    defaultText: '48 hours before EndDate',
  }),
  EndDate: parameter(dateTimeType, { help: 'The end of that time (UTC).', defaultText: 'now' }),
};

export const getMessageTrace = defineCmdlet({
  name: 'Get-MessageTraceV2',
  synopsis: 'Finds messages by sender, recipient, time, subject or status, and says what became of them.',
  description:
    'One line for each recipient of each message, the newest first: also messages that are still on their way (Pending). The trace is kept as long as MessageTraceRetention of Get-TransportConfig says, 90 days unless it was changed.\n\nTo see the next page of a long result, repeat the command with -EndDate and -StartingRecipientAddress of the last line, as the warning shows.',
  parameters: {
    ...dates,
    SenderAddress: parameter(listOf(textType), {
      help: 'Envelope senders; * stands for any text, as in *@contoso.com. <> is the null sender.',
    }),
    RecipientAddress: parameter(listOf(textType), { help: 'Envelope recipients; * stands for any text.' }),
    MessageTraceId: parameter(textType, {
      help: "Postern's own identity of the message, as this cmdlet and the reply to the sender show it.",
      pipeline: { byPropertyName: true },
    }),
    MessageId: parameter(textType, {
      help: "The message's Message-ID field, with or without angle brackets.",
    }),
    Subject: parameter(textType, {
      help: 'Text of the subject; -SubjectFilterType says how it is compared.',
    }),
    SubjectFilterType: parameter(enumeration('SubjectFilterType', ['Contains', 'StartsWith', 'EndsWith']), {
      help: 'How -Subject is compared.',
      default: 'Contains',
    }),
    Status: parameter(listOf(enumeration('MessageTraceStatus', STATUSES)), {
      help: 'Only recipients with one of these states. GettingStatus is another word for Pending.',
    }),
    FromIP: parameter(textType, { help: 'The address from which the message came.' }),
    ToIP: parameter(textType, { help: 'The address to which it was delivered.' }),
    StartingRecipientAddress: parameter(textType, {
      help: 'Goes on behind this recipient of the message received at EndDate: for the next page.',
    }),
    ResultSize: parameter(wholeNumber(1, 5000), { help: 'How many lines are shown at most.', default: 1000 }),
  },
  outputType: 'MessageTrace',
  examples: [
    {
      title: 'Mail to a partner that failed',
      command: 'Get-MessageTraceV2 -RecipientAddress *@fabrikam.com -Status Failed',
      description: 'What could not be delivered in the last two days.',
    },
    {
      title: 'Everything about one message',
      command: 'Get-MessageTraceV2 -MessageTraceId 1PK29QDS00 | Get-MessageTraceDetailV2',
      description: 'Each step of the message, with the evidence of each attempt.',
    },
  ],
  async run(bound, context: CmdletContext<TraceServices>) {
    const to = bound.EndDate ?? context.services.now() + 1000;
    const from = bound.StartDate ?? to - 48 * HOUR;
    if (from > to)
      throw mistakes.invalidArgument('StartDate', 'StartDate is later than EndDate. Exchange the two.');
    const query: TraceQuery = {
      from: bound.MessageTraceId === undefined ? from : 0,
      to,
      ...(bound.SenderAddress && { senders: bound.SenderAddress }),
      ...(bound.RecipientAddress && { recipients: bound.RecipientAddress }),
      ...(bound.MessageTraceId !== undefined && { messageId: readTraceId(bound.MessageTraceId) }),
      ...(bound.MessageId !== undefined && {
        messageIdHeader: bound.MessageId.replace(/^<?(.*?)>?$/, '<$1>'),
      }),
      ...(bound.Status && { status: bound.Status.map((one) => (one === 'GettingStatus' ? 'Pending' : one)) }),
      ...(bound.Subject !== undefined && { subject: { text: bound.Subject, how: bound.SubjectFilterType } }),
      ...(bound.FromIP !== undefined && { fromIp: bound.FromIP }),
      ...(bound.ToIP !== undefined && { toIp: bound.ToIP }),
      limit: bound.ResultSize + 1,
    };
    const rows = await rowsAfter(context.services.traceStore, query, bound.StartingRecipientAddress);
    for (const row of rows.slice(0, bound.ResultSize)) await context.output(traceObject(row, from, to));
    const last = rows[bound.ResultSize - 1];
    if (rows.length > bound.ResultSize && last) {
      const end = new Date(last.receivedAt).toISOString();
      context.warning(
        `There are more results. For the next page, add -EndDate "${end}" -StartingRecipientAddress "${last.recipientAddress}".`,
      );
    }
  },
});

/** Exchange's paging: begins behind the recipient of the message received at EndDate that was shown last. */
async function rowsAfter(
  store: TraceServices['traceStore'],
  query: TraceQuery,
  starting: string | undefined,
): Promise<readonly TraceRow[]> {
  if (starting === undefined) return store.trace(query);
  const rows = await store.trace({ ...query, to: query.to + 1 });
  const shown = rows.findIndex(
    (row) => row.receivedAt <= query.to && row.recipientAddress.toLowerCase() === starting.toLowerCase(),
  );
  const after = rows[shown];
  if (!after) return rows;
  return store.trace({
    ...query,
    to: query.to + 1,
    after: { messageId: after.messageId, recipient: after.recipient },
  });
}

function readTraceId(text: string): MessageId {
  const id = parseMessageId(text);
  if (id === null) throw mistakes.objectNotFound(text, 'MessageTraceId');
  return id;
}

function traceObject(row: TraceRow, from: number, to: number): PsObject {
  return new PsObject('MessageTrace', [
    ['MessageTraceId', printMessageId(row.messageId)],
    ['MessageId', row.messageIdHeader],
    ['Received', DateTime.fromUtcMilliseconds(row.receivedAt)],
    ['SenderAddress', row.sender],
    ['RecipientAddress', row.recipientAddress],
    ['Subject', row.subject],
    ['Status', row.status],
    ['FromIP', row.fromIp],
    ['ToIP', row.toIp],
    ['Size', row.size],
    ['ConnectorName', row.connector],
    ['Detail', row.detail],
    ['StartDate', DateTime.fromUtcMilliseconds(from)],
    ['EndDate', DateTime.fromUtcMilliseconds(to)],
  ]);
}

export const getMessageTraceDetail = defineCmdlet({
  name: 'Get-MessageTraceDetailV2',
  synopsis:
    'Shows every step of one message: received, rules, route, each attempt with its evidence, and the end.',
  description:
    'The events are shown in the order in which they happened. Data holds the facts of each: the connector and why it was chosen, the host and address, the TLS version, cipher and certificate, the reply of the other side.',
  parameters: {
    MessageTraceId: parameter(textType, {
      help: 'The message, as Get-MessageTraceV2 names it.',
      mandatory: true,
      position: 0,
      pipeline: { byPropertyName: true, byValue: true },
    }),
    RecipientAddress: parameter(textType, {
      help: 'Only the steps that concern this recipient.',
      position: 1,
      pipeline: { byPropertyName: true },
    }),
    ...dates,
    Event: parameter(listOf(textType), {
      help: 'Only these events: Receive, Rule, Route, Attempt, Deliver, Defer, Fail, Expand, Remove, Dsn, Warning.',
    }),
  },
  outputType: 'MessageTraceDetail',
  examples: [
    {
      title: 'Why it took so long',
      command: 'Get-MessageTraceDetailV2 1PK29QDS00 | Format-List Date, Event, Detail, Data',
      description: 'All steps with their facts.',
    },
  ],
  async run(bound, context: CmdletContext<TraceServices>) {
    const id = readTraceId(bound.MessageTraceId);
    const rows = await context.services.traceStore.trace({
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      messageId: id,
      limit: 5000,
    });
    const recipient =
      bound.RecipientAddress === undefined
        ? undefined
        : rows.find((row) => row.recipientAddress.toLowerCase() === bound.RecipientAddress?.toLowerCase());
    if (rows.length === 0) throw mistakes.objectNotFound(bound.MessageTraceId, 'MessageTraceId');
    if (bound.RecipientAddress !== undefined && !recipient)
      throw mistakes.objectNotFound(bound.RecipientAddress, 'RecipientAddress');
    const events = bound.Event?.map((one) => one.toLowerCase());
    for (const event of await context.services.traceStore.traceEvents(id)) {
      if (recipient && event.recipients && !event.recipients.includes(recipient.recipient)) continue;
      if (events && !events.includes(event.kind.toLowerCase())) continue;
      if (event.time < (bound.StartDate ?? 0) || event.time > (bound.EndDate ?? Number.MAX_SAFE_INTEGER))
        continue;
      await context.output(eventObject(event, id, rows, recipient));
    }
  },
});

function eventObject(
  event: TraceEvent,
  id: MessageId,
  rows: readonly TraceRow[],
  recipient: TraceRow | undefined,
): PsObject {
  const concerned = recipient
    ? [recipient]
    : event.recipients === null
      ? rows
      : rows.filter((row) => event.recipients?.includes(row.recipient));
  return new PsObject('MessageTraceDetail', [
    ['Date', DateTime.fromUtcMilliseconds(event.time)],
    ['Event', event.kind],
    ['Detail', event.detail],
    ['Data', toValue(event.data, 0)],
    ['MessageTraceId', printMessageId(id)],
    ['MessageId', rows[0]?.messageIdHeader ?? ''],
    ['SenderAddress', rows[0]?.sender || '<>'],
    ['RecipientAddress', concerned.map((row) => row.recipientAddress)],
  ]);
}

const MAX_DEPTH = 6;

/** JSON as the shell's values: objects become hashtables. */
function toValue(data: unknown, depth: number): Value {
  if (data === null || data === undefined || depth > MAX_DEPTH) return null;
  if (typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean') return data;
  if (Array.isArray(data)) return data.map((one) => toValue(one, depth + 1));
  const table = new Hashtable();
  for (const [key, value] of Object.entries(data)) table.set(key, toValue(value, depth + 1));
  return table;
}
