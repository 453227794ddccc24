// Get-Message: the messages that wait, streamed from the store page by page.
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { unlimited } from '#parameters/quantity-types.ts';
import { booleanType, listOf, switchType, textType, wholeNumber } from '#parameters/scalar-types.ts';
import type { PsObject } from '#parameters/value.ts';
import type { QueuedMessage } from '#store/store.ts';
import { mistakes } from '../cmdlet-error.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { findQueue } from '../queue/queue-services.ts';
import { writeSelected } from '../sorted-output.ts';
import type { MessageServices } from './message-services.ts';
import { MESSAGE_PROPERTIES, queuedMessageObject, readMessageIdentity } from './queued-message.ts';

export const getMessage = defineCmdlet({
  name: 'Get-Message',
  synopsis: 'Shows the messages that wait in the queues.',
  description:
    'Each message is shown once, with the queue in which its first waiting recipient is, why the last attempt failed and when the next is. Delivered messages are no longer in a queue: Get-MessageTraceV2 finds them.',
  parameters: {
    Identity: parameter(identity('Message'), {
      help: 'One message: the identity that Get-Message shows, or its last part.',
      position: 0,
      pipeline: { byPropertyName: true, byValue: true },
    }),
    Queue: parameter(textType, {
      help: 'Only the messages of this queue, as Get-Queue names it.',
      pipeline: { byPropertyName: true },
    }),
    Filter: parameter(textType, {
      help: `Only messages for which the filter holds, for example "FromAddress -like '*@contoso.com' -and Size -gt '1MB'". What can be compared: ${MESSAGE_PROPERTIES.join(', ')}.`,
    }),
    SortOrder: parameter(listOf(textType), {
      help: 'Sorts by these properties; a sign before the name says which way, as in -DateReceived,+Size. Without it, the oldest come first.',
    }),
    ResultSize: parameter(unlimited(wholeNumber(1, 10_000_000)), {
      help: 'How many are shown at most, or Unlimited.',
      default: 1000,
    }),
    IncludeRecipientInfo: parameter(booleanType, {
      help: 'Shows each recipient with its state and last error in Recipients, not the address alone.',
      default: false,
    }),
  },
  outputType: 'ExtensibleMessageInfo',
  examples: [
    {
      title: 'What waits for a partner',
      command: 'Get-Message -Queue fabrikam.com',
      description: 'The messages in the queue for fabrikam.com.',
    },
    {
      title: 'The five oldest',
      command: 'Get-Message -ResultSize Unlimited | Select-Object -First 5',
      description: 'Reading stops as soon as five were shown.',
    },
  ],
  async run(bound, context: CmdletContext<MessageServices>) {
    const { mailQueue } = context.services;
    const expiration = context.services.expirationTimeout();
    const toObject = (entry: QueuedMessage): PsObject =>
      queuedMessageObject(entry, mailQueue, expiration, bound.IncludeRecipientInfo);
    if (bound.Identity !== undefined) {
      const found = await mailQueue.message(readMessageIdentity(bound.Identity));
      if (!found) throw mistakes.objectNotFound(bound.Identity);
      await context.output(toObject(found));
      return;
    }
    const queue = bound.Queue === undefined ? null : (await findQueue(mailQueue, bound.Queue)).key;
    await writeSelected(
      mapped(mailQueue.messages(queue), toObject),
      MESSAGE_PROPERTIES,
      { filter: bound.Filter, sortOrder: bound.SortOrder, resultSize: bound.ResultSize },
      context,
    );
  },
});

async function* mapped(
  entries: AsyncIterable<QueuedMessage>,
  toObject: (entry: QueuedMessage) => PsObject,
): AsyncGenerator<PsObject> {
  for await (const entry of entries) yield toObject(entry);
}

export const exportMessage = defineCmdlet({
  name: 'Export-Message',
  synopsis: 'Returns the content of a queued message, as it came in.',
  description:
    "The whole message as text, octet by octet (ISO 8859-1), header first. Postern's own Received field is part of it. Suspend the message first if it must not be delivered meanwhile.",
  parameters: {
    Identity: parameter(identity('Message'), {
      help: 'The message: the identity that Get-Message shows, or its last part.',
      position: 0,
      mandatory: true,
      pipeline: { byPropertyName: true, byValue: true },
    }),
    HeadersOnly: parameter(switchType, { help: 'Leaves the body out.' }),
  },
  outputType: 'String',
  examples: [
    {
      title: 'Into a file',
      command: 'Export-Message 8KQ1V2XW0A > message.eml',
      description: 'Writes the message to a file of the shell that runs the cmdlet.',
    },
  ],
  async run(bound, context: CmdletContext<MessageServices>) {
    const found = await context.services.readContent(readMessageIdentity(bound.Identity));
    if (!found) throw mistakes.objectNotFound(bound.Identity);
    if (found.size > MAX_EXPORT && !bound.HeadersOnly) {
      throw mistakes.invalidOperation(
        `The message has ${found.size} octets; at most ${MAX_EXPORT} can be exported. Use -HeadersOnly.`,
        'Identity',
      );
    }
    await context.output(await (bound.HeadersOnly ? found.header() : found.text()));
  },
});

const MAX_EXPORT = 32 * 1024 ** 2;
