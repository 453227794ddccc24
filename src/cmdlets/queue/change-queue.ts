// Retry-Queue, Suspend-Queue and Resume-Queue.
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { textType } from '#parameters/scalar-types.ts';
import type { MailQueueEntry } from '#queue/mail-queue.ts';
import { mistakes } from '../cmdlet-error.ts';
import { type Cmdlet, type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { readFilter } from '../sorted-output.ts';
import { findQueue, QUEUE_PROPERTIES, queueObject, type QueueServices } from './queue-services.ts';

interface QueueChange {
  readonly name: string;
  readonly synopsis: string;
  readonly description: string;
  readonly example: { readonly title: string; readonly command: string; readonly description: string };
  readonly apply: (entry: MailQueueEntry, context: CmdletContext<QueueServices>) => Promise<void>;
}

function queueCmdlet(change: QueueChange): Cmdlet<QueueServices> {
  return defineCmdlet({
    name: change.name,
    synopsis: change.synopsis,
    description: change.description,
    supportsShouldProcess: true,
    parameters: {
      Identity: parameter(identity('Queue'), {
        help: 'The queue, as Get-Queue shows it. Give either this or -Filter.',
        position: 0,
        pipeline: { byPropertyName: true, byValue: true },
      }),
      Filter: parameter(textType, {
        help: 'All queues for which the filter holds, for example "Status -eq \'Retry\'".',
      }),
    },
    outputType: null,
    examples: [change.example],
    async run(bound, context: CmdletContext<QueueServices>) {
      for (const entry of await chosenQueues(bound.Identity, bound.Filter, context)) {
        if (await context.shouldProcess(entry.identity)) await change.apply(entry, context);
      }
    },
  });
}

async function chosenQueues(
  identityText: string | undefined,
  filter: string | undefined,
  context: CmdletContext<QueueServices>,
): Promise<readonly MailQueueEntry[]> {
  const { mailQueue } = context.services;
  if ((identityText === undefined) === (filter === undefined)) {
    throw mistakes.invalidArgument(
      'Identity',
      'Say which queues: give -Identity, or -Filter for several (not both).',
    );
  }
  if (identityText !== undefined) return [await findQueue(mailQueue, identityText)];
  const passes = readFilter(filter ?? '', QUEUE_PROPERTIES);
  return (await mailQueue.list()).filter((entry) => passes(queueObject(entry)));
}

export const retryQueue = queueCmdlet({
  name: 'Retry-Queue',
  synopsis: 'Tries the mail of a queue now, instead of at its next attempt.',
  description:
    'Makes everything that waits in the queue due at once and forgets that its next hop did not answer. Suspended messages stay suspended. Routing is done anew at every attempt, so a connector that was corrected meanwhile takes effect.',
  example: {
    title: 'After a partner repaired its server',
    command: 'Retry-Queue fabrikam.com',
    description: 'Delivers what waits for fabrikam.com.',
  },
  async apply(entry, context) {
    const due = await context.services.mailQueue.retry(entry);
    context.verbose(`${due} recipients in '${entry.identity}' are due now.`);
  },
});

export const suspendQueue = queueCmdlet({
  name: 'Suspend-Queue',
  synopsis: 'Holds a queue: nothing in it is delivered until it is resumed.',
  description:
    'Mail that comes for the same next hop meanwhile waits as well. What is being delivered at this moment is finished. Suspended mail neither expires nor causes reports of delay.',
  example: {
    title: 'Before maintenance',
    command: 'Suspend-Queue "Contoso Outbound Connector"',
    description: 'Holds the mail for the smart hosts of this connector.',
  },
  apply: (entry, context) => context.services.mailQueue.suspend(entry, true),
});

export const resumeQueue = queueCmdlet({
  name: 'Resume-Queue',
  synopsis: 'Lets a suspended queue go on.',
  description:
    'What waits in it is delivered again, as its next attempts become due. Messages that were suspended one by one stay so.',
  example: {
    title: 'After maintenance',
    command: 'Resume-Queue "Contoso Outbound Connector"',
    description: 'Delivery goes on.',
  },
  apply: (entry, context) => context.services.mailQueue.suspend(entry, false),
});
