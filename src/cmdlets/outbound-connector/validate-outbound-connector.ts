// Validate-OutboundConnector (Exchange): looks at every host of a connector and sends a test mail over it. Changes nothing
// but, where -UpdateStatus asks for it, what the connector says of its own validation.
import type { OutboundConnector } from '#directory/configuration.ts';
import { update } from '#directory/directory.ts';
import { outboundConnectorObject, toOutboundConnector } from '#directory/outbound-connector.ts';
import type { OutboundConnectorObject } from '#directory/outbound-connector.ts';
import type { Address } from '#mail/address.ts';
import { parseAddress, printAddress } from '#mail/address.ts';
import { printMessageId } from '#mail/message-id.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { listOf, switchType } from '#parameters/scalar-types.ts';
import { mistakes } from '../cmdlet-error.ts';
import { commit, findObject } from '../configured-object.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { identityParameter } from '../object-parameters.ts';
import type { Outward, OutboundServices } from '../outbound-route/outbound-services.ts';
import { addressType, validationSender } from '../outbound-route/validation-sender.ts';

const declaration = outboundConnectorObject;
const MAX_RECIPIENTS = 50;

type Context = CmdletContext<OutboundServices>;

interface Validation {
  readonly context: Context;
  readonly connector: OutboundConnector;
  readonly outward: Outward;
  readonly sender: Address;
}

export const validateOutboundConnector = defineCmdlet({
  name: 'Validate-OutboundConnector',
  synopsis: 'Tests an outbound connector: its hosts, their protection, and a real test mail.',
  description:
    'One object for each task, as it ends. For each smart host, or each mail exchanger of the recipients\' domains: Resolve, Connect, EHLO, STARTTLS, Certificate, and AUTH where the connector has a credential. Then "Send test email" for each recipient: a real message over this very connector, also if it is disabled or in TestMode, followed until the next hop\'s final answer. What is not delivered at once is not tried again.\n\nThe test mail is traced like any other; its MessageTraceId is in Detail. The connector is not changed, unless -UpdateStatus is given.',
  supportsShouldProcess: true,
  parameters: {
    Identity: identityParameter(declaration),
    Recipients: parameter(listOf(addressType, false), {
      position: 1,
      help: `Who gets the test mail, up to ${MAX_RECIPIENTS} addresses: real mailboxes behind the connector.`,
      defaultText: "the connector's ValidationRecipients",
    }),
    Sender: parameter(addressType, {
      help: 'The sender of the test mail.',
      defaultText: 'connector-validation@<the default accepted domain>',
    }),
    UpdateStatus: parameter(switchType, {
      default: false,
      help: 'Sets IsValidated of the connector to whether every task was successful, and LastValidationTimestamp to now.',
    }),
  },
  outputType: 'OutboundConnectorValidationTask',
  examples: [
    {
      title: 'Before a connector is used',
      command:
        'Validate-OutboundConnector "Contoso Outbound Connector" -Recipients ada@contoso.com -UpdateStatus',
      description: 'Tests the connector, and keeps on it whether it is validated.',
    },
    {
      title: 'Only what went wrong',
      command:
        'Validate-OutboundConnector Contoso -Recipients ada@contoso.com | Where-Object { -not $_.IsTaskSuccessful } | Format-List',
      description: 'Shows the tasks that failed, in full.',
    },
  ],
  async run(bound, context: Context) {
    const { services } = context;
    const object = findObject(services.directory, declaration, bound.Identity);
    const recipients = bound.Recipients ?? validationRecipients(object);
    assertRecipients(recipients, object.values.Name);
    if (!(await context.shouldProcess(object.values.Name))) return;
    const configuration = services.directory.configuration();
    const sender = bound.Sender ?? validationSender(configuration, services.directory.hostname);
    const outward = await services.outward();
    let successful: boolean;
    try {
      const validation = { context, connector: toOutboundConnector(object), outward, sender };
      const hosts = await testHosts(validation, recipients);
      const mail = await testMails(validation, recipients);
      successful = hosts && mail;
    } finally {
      await outward.close();
    }
    if (bound.UpdateStatus) await updateStatus(context, object, successful);
  },
});

function validationRecipients({ values }: OutboundConnectorObject): readonly Address[] {
  return values.ValidationRecipients.map((text) => parseAddress(text)).filter((one) => one !== null);
}

function assertRecipients(recipients: readonly Address[], name: string): void {
  if (recipients.length === 0) {
    throw mistakes.invalidArgument(
      'Recipients',
      `'${name}' has no ValidationRecipients. Give -Recipients, or set them with Set-OutboundConnector -ValidationRecipients.`,
      name,
    );
  }
  if (recipients.length > MAX_RECIPIENTS) {
    throw mistakes.invalidArgument(
      'Recipients',
      `${recipients.length} recipients are more than ${MAX_RECIPIENTS}. Validate with fewer.`,
      name,
    );
  }
}

/** Smart hosts once; with MX, the exchangers of each domain. Resolves with whether every task was successful. */
async function testHosts(
  { context, connector, outward }: Validation,
  recipients: readonly Address[],
): Promise<boolean> {
  const [{ validationRoute }, { hostTasks }] = await Promise.all([
    import('#routing/destinations.ts'),
    import('./validation-tasks.ts'),
  ]);
  const domains = [...new Set(recipients.map(({ domain }) => domain))];
  let successful = true;
  for (const domain of connector.UseMXRecord ? domains : domains.slice(0, 1)) {
    const where = connector.UseMXRecord ? domain : null;
    for await (const inspection of outward.inspect(validationRoute(connector, domain))) {
      for (const task of hostTasks(inspection, where)) await context.output(task);
      if (inspection.failure !== null) successful = false;
      if (context.signal.aborted) throw mistakes.stopped();
    }
  }
  return successful;
}

async function testMails(validation: Validation, recipients: readonly Address[]): Promise<boolean> {
  let successful = true;
  for (const recipient of recipients) {
    validation.context.progress('Validate-OutboundConnector', printAddress(recipient), null);
    if (!(await testMail(validation, recipient))) successful = false;
    if (validation.context.signal.aborted) throw mistakes.stopped();
  }
  return successful;
}

async function testMail(
  { context, connector, outward, sender }: Validation,
  recipient: Address,
): Promise<boolean> {
  const { services, session } = context;
  const { buildValidationMail, validationTrace } = await import('./validation-mail.ts');
  const { validationRoute } = await import('#routing/destinations.ts');
  const { mailTask } = await import('./validation-tasks.ts');
  const startTime = services.now();
  const id = services.nextMessageId();
  const mail = buildValidationMail({
    id,
    sender,
    recipient,
    connector: { name: connector.Name, guid: connector.Guid },
    hostname: services.directory.hostname,
    now: startTime,
  });
  const result = await outward.deliverer.deliver({
    message: mail.message,
    content: { kind: 'memory', bytes: mail.content },
    route: validationRoute(connector, recipient.domain),
    recipients: [0],
    headerEdits: [],
  });
  const now = services.now();
  const { entry, settlement } = validationTrace(mail, result, connector.Name, session.user, now);
  try {
    // What arrives at the store together is committed together: the test mail is never in the queue by itself.
    await Promise.all([services.mailStore.enqueue(entry), services.mailStore.settle(settlement)]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.warning(`The test mail could not be traced: ${why}`);
  }
  const status = result.results[0]?.status;
  if (status === undefined) throw new TypeError('A delivery ended without a result.');
  await context.output(mailTask(recipient, status, printMessageId(id), startTime, now - startTime));
  return status.action === 'delivered' || status.action === 'relayed';
}

/** What was validated is the connector as it was: one that was changed meanwhile keeps its status. */
async function updateStatus(
  context: Context,
  validated: OutboundConnectorObject,
  successful: boolean,
): Promise<void> {
  const { directory, now } = context.services;
  await commit(context, () => {
    const before = directory.get(declaration, validated.guid);
    if (before === null) throw mistakes.objectNotFound(validated.values.Name);
    if (before.version !== validated.version) throw mistakes.conflict(validated.values.Name);
    const status = { IsValidated: successful, LastValidationTimestamp: now() };
    return [update(declaration, before, { ...before.values, ...status })];
  });
}
