// Suspend-Message, Resume-Message and Remove-Message.
import { identity } from '#parameters/identity.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { booleanType, textType } from '#parameters/scalar-types.ts';
import { printMessageId } from '#mail/message-id.ts';
import type { MessageId } from '#mail/message.ts';
import type { MessageChange } from '#queue/mail-queue.ts';
import { mistakes } from '../cmdlet-error.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { readFilter } from '../sorted-output.ts';
import type { MessageServices } from './message-services.ts';
import { MESSAGE_PROPERTIES, queuedMessageObject, readMessageIdentity } from './queued-message.ts';

const which = {
  Identity: parameter(identity('Message'), {
    help: 'The message: the identity that Get-Message shows, or its last part. Give either this or -Filter.',
    position: 0,
    pipeline: { byPropertyName: true, byValue: true },
  }),
  Filter: parameter(textType, {
    help: 'All messages for which the filter holds, for example "FromAddress -eq \'news@contoso.com\'".',
  }),
};

/** The messages that were asked for, one after the other; the queue may be longer than memory. */
async function* chosen(
  bound: { readonly Identity?: string; readonly Filter?: string },
  context: CmdletContext<MessageServices>,
): AsyncGenerator<MessageId> {
  if ((bound.Identity === undefined) === (bound.Filter === undefined)) {
    throw mistakes.invalidArgument(
      'Identity',
      'Say which messages: give -Identity, or -Filter for several (not both).',
    );
  }
  if (bound.Identity !== undefined) {
    yield readMessageIdentity(bound.Identity);
    return;
  }
  const { mailQueue } = context.services;
  const passes = readFilter(bound.Filter ?? '', MESSAGE_PROPERTIES);
  for await (const entry of mailQueue.messages(null)) {
    if (context.signal.aborted) return;
    if (passes(queuedMessageObject(entry, mailQueue, context.services.expirationTimeout(), false)))
      yield entry.message.id;
  }
}

/** Applies the change; of several messages, one that can't be changed is an error of its own. */
async function applyToEach(
  bound: { readonly Identity?: string; readonly Filter?: string },
  context: CmdletContext<MessageServices>,
  change: (id: MessageId) => Promise<MessageChange>,
): Promise<void> {
  for await (const id of chosen(bound, context)) {
    const name = printMessageId(id);
    if (!(await context.shouldProcess(name))) continue;
    const result = await change(id);
    if (result === 'done') continue;
    const error =
      result === 'gone'
        ? mistakes.objectNotFound(name)
        : mistakes.invalidOperation(
            `Message '${name}' is being delivered at this moment. Try again when the attempt has ended, or suspend its queue first.`,
            'Identity',
            name,
          );
    if (bound.Identity !== undefined) throw error;
    context.error(error);
  }
}

export const suspendMessage = defineCmdlet({
  name: 'Suspend-Message',
  synopsis: 'Holds a message: it is not delivered until it is resumed.',
  description: 'A message that is being delivered at this moment cannot be held.',
  supportsShouldProcess: true,
  parameters: which,
  outputType: null,
  examples: [
    {
      title: 'All mail of one sender',
      command: 'Suspend-Message -Filter "FromAddress -eq \'news@contoso.com\'"',
      description: 'Holds what waits from that address.',
    },
  ],
  run: (bound, context: CmdletContext<MessageServices>) =>
    applyToEach(bound, context, (id) => context.services.mailQueue.suspendMessage(id, true)),
});

export const resumeMessage = defineCmdlet({
  name: 'Resume-Message',
  synopsis: 'Lets a suspended message go on.',
  description: 'It is delivered at its next attempt.',
  supportsShouldProcess: true,
  parameters: which,
  outputType: null,
  examples: [
    {
      title: 'All that are held',
      command: 'Resume-Message -Filter "Status -eq \'Suspended\'"',
      description: 'Lets every suspended message go on.',
    },
  ],
  run: (bound, context: CmdletContext<MessageServices>) =>
    applyToEach(bound, context, (id) => context.services.mailQueue.suspendMessage(id, false)),
});

export const removeMessage = defineCmdlet({
  name: 'Remove-Message',
  synopsis: 'Takes a message out of the queue for good.',
  description:
    'Its sender gets a report unless -WithNDR $false is given. The message trace keeps who removed it. What is being delivered at this moment cannot be removed.',
  supportsShouldProcess: true,
  confirmImpact: 'High',
  parameters: {
    ...which,
    WithNDR: parameter(booleanType, {
      help: 'Whether the sender gets a non-delivery report.',
      default: true,
    }),
  },
  outputType: null,
  examples: [
    {
      title: 'A mailing that went wrong',
      command: 'Remove-Message -Filter "Subject -eq \'Oops\'" -WithNDR $false -Confirm:$false',
      description: 'Removes all of it, without reports and without asking.',
    },
  ],
  run: (bound, context: CmdletContext<MessageServices>) =>
    applyToEach(bound, context, (id) =>
      context.services.mailQueue.removeMessage(id, bound.WithNDR, context.session.user),
    ),
});
