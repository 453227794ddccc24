// Get-Queue and Get-QueueDigest: the queues by next hop, and their sum.
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { unlimited } from '#parameters/quantity-types.ts';
import { enumeration, listOf, textType, wholeNumber } from '#parameters/scalar-types.ts';
import { textOf } from '#parameters/parameter-type.ts';
import { PsObject } from '#parameters/value.ts';
import type { MailQueueEntry } from '#queue/mail-queue.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { selectObjects, writeSelected } from '../sorted-output.ts';
import { findQueue, QUEUE_PROPERTIES, queueObject, type QueueServices } from './queue-services.ts';

const shared = {
  Filter: parameter(textType, {
    help: `Shows only the queues for which the filter holds, for example "Status -eq 'Retry' -and MessageCount -gt 100". What can be compared: ${QUEUE_PROPERTIES.join(', ')}.`,
  }),
  SortOrder: parameter(listOf(textType), {
    help: 'Sorts by these properties; a sign before the name says which way, as in +MessageCount,-NextRetryTime.',
  }),
  ResultSize: parameter(unlimited(wholeNumber(1, 1_000_000)), {
    help: 'How many are shown at most, or Unlimited.',
    default: 1000,
  }),
};

export const getQueue = defineCmdlet({
  name: 'Get-Queue',
  synopsis: 'Shows the queues: where mail waits, for which next hop, and why.',
  description:
    'Every next hop has a queue of its own: each connector with smart hosts, and each recipient domain of a connector, or of the default route, that goes by MX. The queue named Submission holds what nobody has tried yet.\n\nMessageCount counts recipients. Status is Active (being delivered), Ready (will be tried as soon as there is a free connection), Retry (waits for its next attempt) or Suspended.',
  parameters: {
    Identity: parameter(identity('Queue'), {
      help: "The queue: the server's name, a backslash and the queue's name, or the name alone.",
      position: 0,
      pipeline: { byPropertyName: true, byValue: true },
    }),
    ...shared,
  },
  outputType: 'ExtensibleQueueInfo',
  examples: [
    { title: 'What waits, and for whom', command: 'Get-Queue', description: 'All queues with mail in them.' },
    {
      title: 'Only what fails',
      command: 'Get-Queue -Filter "Status -eq \'Retry\'" | Format-List Identity, LastError, NextRetryTime',
      description: 'The queues whose next hop has not taken the mail, each with the last answer.',
    },
  ],
  async run(bound, context: CmdletContext<QueueServices>) {
    const { mailQueue } = context.services;
    const entries =
      bound.Identity === undefined ? await mailQueue.list() : [await findQueue(mailQueue, bound.Identity)];
    await writeSelected(
      objectsOf(entries),
      QUEUE_PROPERTIES,
      { filter: bound.Filter, sortOrder: bound.SortOrder, resultSize: bound.ResultSize },
      context,
    );
  },
});

async function* objectsOf(entries: readonly MailQueueEntry[]): AsyncGenerator<PsObject> {
  for (const entry of entries) yield queueObject(entry);
}

const GROUPS = [
  'NextHopDomain',
  'NextHopCategory',
  'DeliveryType',
  'Status',
  'LastError',
  'ServerName',
] as const;

export const getQueueDigest = defineCmdlet({
  name: 'Get-QueueDigest',
  synopsis: 'Adds the queues up by next hop, status, error or delivery type.',
  description: 'Shows at a glance where mail piles up: one line a group, the largest first.',
  parameters: {
    GroupBy: parameter(enumeration('QueueDigestGroupBy', GROUPS), {
      help: 'What is added up.',
      default: 'NextHopDomain',
    }),
    Filter: shared.Filter,
    ResultSize: shared.ResultSize,
  },
  outputType: 'QueueDigest',
  examples: [
    {
      title: 'By error',
      command: 'Get-QueueDigest -GroupBy LastError',
      description: 'How many recipients wait for which reason.',
    },
  ],
  async run(bound, context: CmdletContext<QueueServices>) {
    const groups = new Map<string, { messages: number; deferred: number; queues: string[] }>();
    const entries = await context.services.mailQueue.list();
    for await (const queue of selectObjects(objectsOf(entries), QUEUE_PROPERTIES, { filter: bound.Filter })) {
      collect(groups, queue, bound.GroupBy);
    }
    const sorted = [...groups]
      .sort(([, a], [, b]) => b.messages - a.messages)
      .slice(0, bound.ResultSize === 'Unlimited' ? undefined : bound.ResultSize);
    for (const [value, group] of sorted) {
      await context.output(
        new PsObject('QueueDigest', [
          ['GroupByValue', value],
          ['MessageCount', group.messages],
          ['DeferredMessageCount', group.deferred],
          ['QueueCount', group.queues.length],
          ['Details', group.queues],
        ]),
      );
    }
  },
});

type Groups = Map<string, { messages: number; deferred: number; queues: string[] }>;

function collect(groups: Groups, queue: PsObject, groupBy: (typeof GROUPS)[number]): void {
  const identity = textOf(queue.get('Identity') ?? null) ?? '';
  const key =
    groupBy === 'ServerName' ? (identity.split('\\')[0] ?? '') : (textOf(queue.get(groupBy) ?? null) ?? '');
  const group = groups.get(key) ?? { messages: 0, deferred: 0, queues: [] };
  group.messages += Number(queue.get('MessageCount'));
  group.deferred += Number(queue.get('DeferredMessageCount'));
  group.queues.push(identity);
  groups.set(key, group);
}
