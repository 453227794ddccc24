// Test-OutboundRoute: which way mail would go, and why. Asks the very functions that route and deliver; sends nothing.
import { setImmediate } from 'node:timers/promises';
import type { Configuration } from '#directory/configuration.ts';
import { type Address, printAddress } from '#mail/address.ts';
import { canonicalAddress } from '#mail/ip-address.ts';
import type { PreviewedHost } from '#delivery/host-preview.ts';
import { invalidValue } from '#parameters/parameter-type.ts';
import { parameter } from '#parameters/parameter-declaration.ts';
import { hashtableType, listOf, textLike, textType } from '#parameters/scalar-types.ts';
import type { Hashtable } from '#parameters/value.ts';
import type { ExplainedRecipient } from '#routing/explain-route.ts';
import { mistakes } from '../cmdlet-error.ts';
import { type CmdletContext, defineCmdlet } from '../cmdlet.ts';
import { proposedConfiguration } from '../outbound-connector/proposed-connector.ts';
import type { Outward, OutboundServices } from './outbound-services.ts';
import { messageContentType, type TestedMessage, toTestedMessage } from './tested-message.ts';
import { addressType, senderType, validationSender } from './validation-sender.ts';

const MAX_RECIPIENTS = 200;

const ipAddressType = textLike(
  'IPAddress',
  (text) => {
    const address = canonicalAddress(text.trim());
    if (address === null)
      throw invalidValue(`"${text.slice(0, 80)}" is not an IP address. Give one such as 192.0.2.1.`);
    return address;
  },
  (address) => address,
);

export const testOutboundRoute = defineCmdlet({
  name: 'Test-OutboundRoute',
  synopsis: 'Shows which way mail would go, and why; sends nothing.',
  description:
    'For each recipient: the connector that would take it (MX where none does), the reason, every other connector with why not, the transport rules that match, the next hosts in order with their addresses, how well connections must be protected and who asks for it, and what would happen in the end.\n\nThe answer comes from the same functions that route and deliver mail, at this moment: names are looked up, but no mail server is connected to. Validate-OutboundConnector does that.\n\nWith -Proposed a connector is taken to be changed as Set-OutboundConnector would change it. -Verbose then also says what the change would do to the mail of the last 7 days.\n\nTransport rules look into the message: give it with -MessageFile or -MessageContent, or rules see one without content.',
  parameters: {
    Recipients: parameter(listOf(addressType, false), {
      mandatory: true,
      position: 0,
      pipeline: { byValue: true },
      help: `The recipients, up to ${MAX_RECIPIENTS}, as of one message.`,
    }),
    Sender: parameter(senderType, {
      help: 'The envelope sender; <> is the null sender.',
      defaultText: 'connector-validation@<the default accepted domain>',
    }),
    MessageFile: parameter(textType, {
      fileFor: 'MessageContent',
      help: 'A file with the message. The shell reads it; over the network give -MessageContent.',
    }),
    MessageContent: parameter(messageContentType, {
      help: 'The message itself, header first: its text, or its lines as Get-Content gives them.',
    }),
    SourceIP: parameter(ipAddressType, {
      help: 'The address from which the message would come in. It decides over which inbound connector, so whether it counts as coming from on-premises, and is what SenderIpRanges of rules looks at. Without it the message counts as one that a user hands in who signed in: it is let in, from inside the organization (FromScope of rules), and does not come from on-premises.',
    }),
    Proposed: parameter(hashtableType, {
      help: 'A change of a connector that is only thought of: Identity and parameters of Set-OutboundConnector, such as @{Identity="Contoso"; TlsSettings="EncryptionOnly"}.',
    }),
  },
  outputType: 'OutboundRoute',
  examples: [
    {
      title: 'Why a connector is not used',
      command: 'Test-OutboundRoute ada@sales.fabrikam.com | Select-Object -ExpandProperty OtherConnectors',
      description: 'Every connector that was not chosen, with the reason.',
    },
    {
      title: 'A change before it is made',
      command:
        'Test-OutboundRoute ada@fabrikam.com -Proposed @{Identity="Fabrikam"; RecipientDomains="*.fabrikam.com"} -Verbose',
      description: 'The way with the change, and what it would do to other mail.',
    },
  ],
  async run(bound, context: CmdletContext<OutboundServices>) {
    const { services } = context;
    if (bound.Recipients.length > MAX_RECIPIENTS) {
      throw mistakes.invalidArgument(
        'Recipients',
        `${bound.Recipients.length} recipients are more than ${MAX_RECIPIENTS}. Test them in parts.`,
      );
    }
    if (bound.MessageFile !== undefined && bound.MessageContent === undefined) {
      throw mistakes.invalidArgument(
        'MessageFile',
        'Files are read by the postern shell only. Give the message itself with -MessageContent.',
      );
    }
    const present = services.directory.configuration();
    const configuration = await configurationFor(bound.Proposed, context);
    const { Sender } = bound;
    const sender =
      Sender === undefined ? validationSender(configuration, services.directory.hostname) : Sender;
    const arrival =
      bound.SourceIP === undefined ? null : await services.arrival(bound.SourceIP, sender?.domain ?? null);
    const tested = toTestedMessage({
      sender,
      recipients: bound.Recipients,
      content: bound.MessageContent ?? null,
      sourceAddress: bound.SourceIP ?? null,
      arrival,
      now: services.now(),
    });
    const refusalFor = (address: Address): string | null =>
      tooLarge(tested, configuration) ?? arrival?.refusalFor(address.domain) ?? null;
    if (bound.MessageContent === undefined && configuration.transportRules.length > 0)
      context.verbose('No message was given: transport rules see one without content.');
    await writeRoutes(context, bound.Recipients, configuration, tested, refusalFor);
    if (configuration !== present) await services.impact?.(present, configuration, context);
  },
});

async function configurationFor(
  proposed: Hashtable | undefined,
  context: CmdletContext<OutboundServices>,
): Promise<Configuration> {
  const { services } = context;
  if (proposed === undefined) return services.directory.configuration();
  const { configuration, warnings } = proposedConfiguration(services, proposed);
  for (const text of warnings) context.warning(text);
  return configuration;
}

function tooLarge({ message }: TestedMessage, { transportConfig }: Configuration): string | null {
  if (message.size <= transportConfig.MaxSendSize) return null;
  return `552 5.3.4 The message has ${message.size} octets; MaxSendSize is ${transportConfig.MaxSendSize}`;
}

async function writeRoutes(
  context: CmdletContext<OutboundServices>,
  recipients: readonly Address[],
  configuration: Configuration,
  { message, content }: TestedMessage,
  refusalFor: (address: Address) => string | null,
): Promise<void> {
  const { services } = context;
  const [{ explainRoute }, { contentOf }, { MAX_OTHERS, outboundRouteObject }] = await Promise.all([
    import('#routing/explain-route.ts'),
    import('#routing/select-route.ts'),
    import('./outbound-route-object.ts'),
  ]);
  const snapshot = await services.snapshotOf(configuration);
  const explain = (positions: readonly number[]): Promise<readonly ExplainedRecipient[]> =>
    explainRoute(
      {
        message,
        recipients: positions,
        content: contentOf(content),
        now: services.now(),
        firstAttempt: true,
      },
      snapshot,
    );
  const connectors = configuration.outboundConnectors.length;
  if (connectors - 1 > MAX_OTHERS)
    context.warning(`OtherConnectors shows the first ${MAX_OTHERS} by name of ${connectors} connectors.`);
  const outward = await services.outward();
  try {
    const hostsOf = previews(outward);
    for (const positions of inSteps(recipients.length, connectors)) {
      for (const one of await explain(positions)) {
        const address = recipients[one.recipient];
        if (address === undefined) continue;
        context.progress('Test-OutboundRoute', printAddress(address), null);
        const hosts = await hostsOf(one);
        await context.output(
          outboundRouteObject({ address, explained: one, hosts, refusal: refusalFor(address) }),
        );
      }
      await setImmediate();
    }
  } finally {
    await outward.close();
  }
}

/** Connectors looked at in one go: some 50 ms. */
const MAX_CONSIDERED = 100_000;

/** Every connector is looked at for every recipient: the main thread has other things to do in between. */
function* inSteps(recipients: number, connectors: number): Generator<readonly number[]> {
  const step = Math.max(1, Math.floor(MAX_CONSIDERED / Math.max(1, connectors)));
  for (let first = 0; first < recipients; first += step)
    yield Array.from({ length: Math.min(step, recipients - first) }, (_, index) => first + index);
}

/** Recipients that share a way share its hosts. */
function previews(outward: Outward): (one: ExplainedRecipient) => Promise<readonly PreviewedHost[]> {
  const known = new Map<string, Promise<readonly PreviewedHost[]>>();
  return ({ decision, route }) => {
    if (decision.kind !== 'route' || route === null) return Promise.resolve([]);
    let hosts = known.get(decision.key);
    if (hosts === undefined) {
      hosts = outward.preview(route, false);
      known.set(decision.key, hosts);
    }
    return hosts;
  };
}
