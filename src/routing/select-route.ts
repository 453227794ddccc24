// Which way a message's recipients go: transport rules first, then the selection of a connector for each recipient. The
// one place where both come together; serves delivery at each attempt, Test-OutboundRoute and the impact report. Pure but
// for reading the message, which happens only if a rule asks. Never changes anything: the answer is for the caller to act on.
import type { Address } from '#mail/address.ts';
import type { Message } from '#mail/message.ts';
import { createMimeReader, type MimeFacts } from '#mail/mime-reader.ts';
import type { Destination, WayOrNone } from './destinations.ts';
import type { RoutedGroup } from './routed-group.ts';
import { MessageView } from './rules/message-view.ts';
import { type RuleGroup, startRules } from './rules/rule-set.ts';
import type { RuleState } from './rules/rule-state.ts';
import type { RoutingSnapshot } from './snapshot.ts';

/** How rules read the message. Both are called at most once, and only when a rule looks into it. */
export interface MessageContent {
  /** The header block (as headerEnd finds it; more does no harm). */
  header(): Uint8Array | Promise<Uint8Array>;
  /** The whole content from its first octet, in chunks of any size. */
  content(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface RoutingInput {
  readonly message: Message;
  /** Positions in the envelope's recipients, ascending; at least one. */
  readonly recipients: readonly number[];
  readonly content: MessageContent;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** These recipients have not been attempted before: only then are blind copies asked for. */
  readonly firstAttempt: boolean;
}

const NOTHING: readonly never[] = Object.freeze([]);

/** RFC 5321 §6.3; Exchange: 5.4.14. */
const LOOP: WayOrNone = {
  kind: 'unroutable',
  unroutable: {
    status: '5.4.14',
    diagnostic: 'Hop count exceeded - possible mail loop: the message has too many Received fields',
  },
};

/** Content that is in memory. */
export function contentOf(bytes: Uint8Array): MessageContent {
  return { header: () => bytes, content: () => [bytes] };
}

/**
 * The message's recipients in groups, each recipient in exactly one. A promise only where a rule has to read something that
 * isn't in memory. Never throws or rejects for anything that is in a message or a rule.
 */
export function routeMessage(
  input: RoutingInput,
  snapshot: RoutingSnapshot,
): readonly RoutedGroup[] | Promise<readonly RoutedGroup[]> {
  if (input.message.facts.hopCount > snapshot.configuration.transportConfig.MaxHopCount)
    return [{ recipients: input.recipients, decision: LOOP, ...NO_EXTRAS }];
  if (snapshot.rules.length === 0) return routeWithoutRules(input, snapshot);
  const view = new MessageView(input.message, { accepted: snapshot.accepted, members: snapshot.members });
  const run = startRules(snapshot.rules, view, input.recipients, {
    now: input.now,
    // Rules may route what a rule made, not redirect, copy or end it again; Exchange: nor Postern's own reports.
    forked: input.message.forked === true || input.message.origin.remoteAddress === '',
    connectorByGuid: (guid) => snapshot.connectorByGuid(guid),
  });

  function proceed(): readonly RoutedGroup[] | Promise<readonly RoutedGroup[]> {
    while (!run.advance()) {
      const reading = read(view, input.content);
      if (reading !== null) return reading.then(proceed);
    }
    return onceEach(
      run.groups.flatMap((group) => finish(group, input, snapshot)),
      input,
    );
  }
  return proceed();
}

function routeWithoutRules(input: RoutingInput, snapshot: RoutingSnapshot): readonly RoutedGroup[] {
  const { recipients } = input;
  if (recipients.length === 1 && recipients[0] === 0) return destinationOf(input, snapshot, 0).alone;
  return group(recipients, (position) => destinationOf(input, snapshot, position));
}

function destinationOf({ message }: RoutingInput, snapshot: RoutingSnapshot, position: number): Destination {
  const recipient = message.envelope.recipients[position];
  if (recipient === undefined) throw new RangeError(`The message has no recipient ${position}.`);
  const found = snapshot.destinations.ofDomain(recipient.address.domain, message.origin.fromOnPremises);
  return message.tlsReport === true ? found.ofReport : found;
}

/** Recipients that go the same way together, in the order of their first. */
function group(
  recipients: readonly number[],
  destinationOfRecipient: (position: number) => Destination,
  extras: Pick<RoutedGroup, 'headerEdits' | 'blindCopies' | 'ruleMatches'> = NO_EXTRAS,
): readonly RoutedGroup[] {
  const groups = new Map<string, { readonly recipients: number[]; readonly decisions: WayOrNone[] }>();
  for (const position of recipients) {
    const { groupKey, decision } = destinationOfRecipient(position);
    const known = groups.get(groupKey);
    if (known === undefined) groups.set(groupKey, { recipients: [position], decisions: [decision] });
    else {
      known.recipients.push(position);
      known.decisions.push(decision);
    }
  }
  return [...groups.values()].flatMap(({ recipients: together, decisions }) =>
    decisions.slice(0, 1).map((first) => ({
      recipients: together,
      decision: withEveryRoute(first, decisions),
      ...extras,
    })),
  );
}

const NO_EXTRAS = { headerEdits: NOTHING, blindCopies: NOTHING, ruleMatches: NOTHING };

/** The first decision, with the routes of all where they aren't one. */
function withEveryRoute(first: WayOrNone, decisions: readonly WayOrNone[]): WayOrNone {
  if (first.kind !== 'route' || decisions.every((decision) => decision === first)) return first;
  return {
    ...first,
    routes: decisions.flatMap((decision) => (decision.kind === 'route' ? [decision.route] : [])),
  };
}

/** What the rules left of a group, sent its way. */
function finish(
  { recipients, state }: RuleGroup,
  input: RoutingInput,
  snapshot: RoutingSnapshot,
): readonly RoutedGroup[] {
  const { headerEdits, ruleMatches } = state;
  const { blindCopies } = state;
  const extras = { headerEdits, ruleMatches, blindCopies };
  if (state.verdict !== null) return [{ recipients, decision: state.verdict, ...extras }];
  return group(
    recipients,
    (position) => {
      const destination = ruledDestination(state, input, snapshot, position);
      return state.requireTls ? destination.withTls : destination;
    },
    extras,
  );
}

function ruledDestination(
  state: RuleState,
  input: RoutingInput,
  snapshot: RoutingSnapshot,
  position: number,
): Destination {
  if (state.connector === null) return destinationOf(input, snapshot, position);
  const domain = input.message.envelope.recipients[position]?.address.domain ?? '';
  const found = snapshot.destinations.ofRule(state.connector.connector, state.connector.rule, domain);
  return input.message.tlsReport === true ? found.ofReport : found;
}

/** Blind copies only at the first attempt, only for those who aren't recipients anyway, and each in one group only. */
function onceEach(groups: readonly RoutedGroup[], input: RoutingInput): readonly RoutedGroup[] {
  if (groups.every(({ blindCopies }) => blindCopies.length === 0)) return groups;
  const known = new Set(input.message.envelope.recipients.map(({ address }) => compared(address)));
  return groups.map((group) => ({
    ...group,
    blindCopies: input.firstAttempt
      ? group.blindCopies.filter((address) => known.size < known.add(compared(address)).size)
      : NOTHING,
  }));
}

function compared({ localPart, domain }: Address): string {
  return `${localPart.toLowerCase()}@${domain}`;
}

/** Reads what the view wants; a promise where that takes time. A failure is the view's to keep: it fails the rules that look. */
function read(view: MessageView, content: MessageContent): Promise<void> | null {
  return view.wanted === 'header' ? readHeader(view, content) : readBody(view, content);
}

function readHeader(view: MessageView, content: MessageContent): Promise<void> | null {
  try {
    const header = content.header();
    if (header instanceof Promise) {
      return header.then(
        (bytes) => view.provideHeader(bytes),
        (error: unknown) => view.provideHeader(toError(error)),
      );
    }
    view.provideHeader(header);
  } catch (error) {
    view.provideHeader(toError(error));
  }
  return null;
}

function readBody(view: MessageView, content: MessageContent): Promise<void> | null {
  try {
    const chunks = content.content();
    if (Symbol.asyncIterator in chunks) {
      return readMime(chunks).then(
        (facts) => view.provideBody(facts),
        (error: unknown) => view.provideBody(toError(error)),
      );
    }
    const reader = createMimeReader();
    for (const chunk of chunks) reader.write(chunk);
    view.provideBody(reader.end());
  } catch (error) {
    view.provideBody(toError(error));
  }
  return null;
}

async function readMime(chunks: AsyncIterable<Uint8Array>): Promise<MimeFacts> {
  const reader = createMimeReader();
  for await (const chunk of chunks) reader.write(chunk);
  return reader.end();
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
