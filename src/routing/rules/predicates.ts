// The conditions of a transport rule, each made into a test once, when the rule is first seen. A condition and its
// exception are the same test; what differs is only whether it must hold or must not. Owns what each condition means.
import type { RulePredicates, TransportRule } from '#directory/configuration.ts';
import { findAcceptedDomain } from '../accepted-domains.ts';
import { createRangeIndex, parseAddressRange } from '../address-ranges.ts';
import type { ComparedAddress, MessageView, RuleContext } from './message-view.ts';
import { hasMessageType } from './message-type.ts';
import { compilePatterns } from './patterns.ts';
import { compileWords } from './words.ts';

/** What a test has to read; those that read less are asked first. */
export const COST = { envelope: 0, header: 1, body: 2 } as const;

/** About the message as a whole. null: something must be read first; the view says what. */
export interface MessageTest {
  readonly cost: number;
  readonly holds: (view: MessageView) => boolean | null;
}

/** About one recipient. */
export type RecipientTest = (recipient: ComparedAddress, context: RuleContext) => boolean;

export interface CompiledPredicates {
  /** One each for every condition that is set. */
  readonly message: readonly MessageTest[];
  readonly recipient: readonly RecipientTest[];
}

type Location = TransportRule['SenderAddressLocation'];

export function compilePredicates(predicates: RulePredicates, location: Location): CompiledPredicates {
  return {
    message: [
      ...senderTests(predicates, location),
      ...envelopeTests(predicates),
      ...headerTests(predicates),
      ...bodyTests(predicates),
    ],
    recipient: recipientTests(predicates),
  };
}

/** Whether any address fulfils the test. */
function anySender(
  location: Location,
  test: (sender: ComparedAddress, context: RuleContext) => boolean,
): MessageTest {
  return {
    cost: location === 'Envelope' ? COST.envelope : COST.header,
    holds: (view) => view.senders(location)?.some((sender) => test(sender, view.context)) ?? null,
  };
}

function senderTests(predicates: RulePredicates, location: Location): readonly MessageTest[] {
  const tests: MessageTest[] = [];
  const { FromScope, From, FromMemberOf, SenderDomainIs } = predicates;
  if (FromScope !== null) {
    const inside = handedInFromInside(anySender(location, isInOrganization));
    tests.push(FromScope === 'InOrganization' ? inside : negated(inside));
  }
  if (From.length > 0) {
    const wanted = new Set(From);
    tests.push(anySender(location, ({ address }) => wanted.has(address)));
  }
  if (FromMemberOf.length > 0) tests.push(anySender(location, memberOf(FromMemberOf)));
  if (SenderDomainIs.length > 0) tests.push(anySender(location, domainIs(SenderDomainIs)));
  if (predicates.FromAddressContainsWords.length > 0) {
    const matches = compileWords(predicates.FromAddressContainsWords);
    tests.push(anySender(location, ({ text }) => matches(text)));
  }
  if (predicates.FromAddressMatchesPatterns.length > 0) {
    const matches = compilePatterns(predicates.FromAddressMatchesPatterns);
    tests.push(anySender(location, ({ text }) => matches(text)));
  }
  return tests;
}

function recipientTests(predicates: RulePredicates): readonly RecipientTest[] {
  const tests: RecipientTest[] = [];
  const { SentToScope, SentTo, SentToMemberOf, RecipientDomainIs } = predicates;
  if (SentToScope !== null) {
    const wanted = SentToScope === 'InOrganization';
    tests.push((recipient, context) => isInOrganization(recipient, context) === wanted);
  }
  if (SentTo.length > 0) {
    const wanted = new Set(SentTo);
    tests.push(({ address }) => wanted.has(address));
  }
  if (SentToMemberOf.length > 0) tests.push(memberOf(SentToMemberOf));
  if (RecipientDomainIs.length > 0) tests.push(domainIs(RecipientDomainIs));
  if (predicates.RecipientAddressContainsWords.length > 0) {
    const matches = compileWords(predicates.RecipientAddressContainsWords);
    tests.push(({ text }) => matches(text));
  }
  if (predicates.RecipientAddressMatchesPatterns.length > 0) {
    const matches = compilePatterns(predicates.RecipientAddressMatchesPatterns);
    tests.push(({ text }) => matches(text));
  }
  return tests;
}

/**
 * Exchange: who claims to be one of us is only if a user signed in, or one of our servers handed the message in; anybody
 * can write our domain into a From field.
 */
function handedInFromInside(test: MessageTest): MessageTest {
  return {
    cost: test.cost,
    holds(view) {
      const { authenticatedUser, fromOnPremises, remoteAddress } = view.message.origin;
      const isInside = authenticatedUser !== null || fromOnPremises || remoteAddress === '';
      return isInside ? test.holds(view) : false;
    },
  };
}

/** routing.md: the accepted domains decide the scopes. */
function isInOrganization({ domain }: ComparedAddress, { accepted }: RuleContext): boolean {
  return findAcceptedDomain(accepted, domain) !== null;
}

function memberOf(groups: readonly string[]): RecipientTest {
  return ({ address }, { members }) => groups.some((guid) => members.of(guid).has(address));
}

/** Exchange: the domain and every name below it. */
function domainIs(domains: readonly string[]): RecipientTest {
  const wanted = new Set(domains);
  return ({ domain }) => {
    for (let name = domain; ; ) {
      if (wanted.has(name)) return true;
      const dot = name.indexOf('.');
      if (dot < 0) return false;
      name = name.slice(dot + 1);
    }
  };
}

function negated(test: MessageTest): MessageTest {
  return {
    cost: test.cost,
    holds: (view) => {
      const held = test.holds(view);
      return held === null ? null : !held;
    },
  };
}

function envelopeTests(predicates: RulePredicates): readonly MessageTest[] {
  const tests: MessageTest[] = [];
  const { MessageSizeOver, SenderIpRanges } = predicates;
  if (MessageSizeOver !== null) {
    tests.push({ cost: COST.envelope, holds: (view) => view.message.size >= MessageSizeOver });
  }
  if (SenderIpRanges.length > 0) {
    const ranges = SenderIpRanges.map(parseAddressRange).filter((range) => range !== null);
    const index = createRangeIndex(ranges.map((range) => ({ range, value: true })));
    tests.push({
      cost: COST.envelope,
      holds: ({ peer }) => {
        let found = false;
        if (peer !== null) index.visit(peer, () => (found = true));
        return found;
      },
    });
  }
  return tests;
}

function headerTests(predicates: RulePredicates): readonly MessageTest[] {
  const tests: MessageTest[] = [];
  const { HeaderContainsMessageHeader, HeaderMatchesMessageHeader, WithImportance, SCLOver } = predicates;
  if (HeaderContainsMessageHeader !== null) {
    const matches = compileWords(predicates.HeaderContainsWords);
    const name = HeaderContainsMessageHeader.toLowerCase();
    tests.push({ cost: COST.header, holds: (view) => view.values(name)?.some(matches) ?? null });
  }
  if (HeaderMatchesMessageHeader !== null) {
    const matches = compilePatterns(predicates.HeaderMatchesPatterns);
    const name = HeaderMatchesMessageHeader.toLowerCase();
    tests.push({ cost: COST.header, holds: (view) => view.values(name)?.some(matches) ?? null });
  }
  // The subject was read when the message came in: looking at it reads nothing.
  if (predicates.SubjectContainsWords.length > 0) {
    const matches = compileWords(predicates.SubjectContainsWords);
    tests.push({ cost: COST.envelope, holds: (view) => matches(view.subject) });
  }
  if (predicates.SubjectMatchesPatterns.length > 0) {
    const matches = compilePatterns(predicates.SubjectMatchesPatterns);
    tests.push({ cost: COST.envelope, holds: (view) => matches(view.subject) });
  }
  if (WithImportance !== null) {
    tests.push({
      cost: COST.header,
      holds: (view) => {
        const importance = importanceOf(view);
        return importance === null ? null : importance === WithImportance;
      },
    });
  }
  if (SCLOver !== null) tests.push({ cost: COST.header, holds: (view) => isSclOver(view, SCLOver) });
  return tests;
}

// RFC 2156 §5.3.6 (Importance); X-Priority is what mailers without it write.
function importanceOf(view: MessageView): RulePredicates['WithImportance'] {
  const importance = view.value('importance');
  if (importance === null) return null;
  switch (importance.toLowerCase()) {
    case 'high':
      return 'High';
    case 'low':
      return 'Low';
    case 'normal':
      return 'Normal';
  }
  const priority = /^[1-5]/.exec(view.value('x-priority') ?? '')?.[0] ?? '3';
  return priority < '3' ? 'High' : priority > '3' ? 'Low' : 'Normal';
}

/** Exchange: a message that nobody rated has no level, so no level is over. */
function isSclOver(view: MessageView, level: number): boolean | null {
  const value = view.value('x-ms-exchange-organization-scl');
  return value === null ? null : /^-?\d{1,2}$/.test(value) && Number(value) >= level;
}

function bodyTests(predicates: RulePredicates): readonly MessageTest[] {
  const tests: MessageTest[] = [];
  const { MessageTypeMatches, AttachmentSizeOver, AttachmentExtensionMatchesWords } = predicates;
  if (MessageTypeMatches !== null) {
    const cost = MessageTypeMatches === 'Calendaring' ? COST.body : COST.header;
    tests.push({ cost, holds: (view) => hasMessageType(view, MessageTypeMatches) });
  }
  if (predicates.SubjectOrBodyContainsWords.length > 0) {
    const matches = compileWords(predicates.SubjectOrBodyContainsWords);
    tests.push({
      cost: COST.body,
      holds: (view) => {
        if (matches(view.subject)) return true;
        const { bodyText } = view;
        return bodyText === null ? null : matches(bodyText);
      },
    });
  }
  if (AttachmentSizeOver !== null) {
    tests.push({
      cost: COST.body,
      holds: (view) => view.mime?.attachments.some(({ size }) => size >= AttachmentSizeOver) ?? null,
    });
  }
  if (AttachmentExtensionMatchesWords.length > 0) {
    const wanted = new Set(AttachmentExtensionMatchesWords);
    tests.push({
      cost: COST.body,
      holds: (view) =>
        view.mime?.attachments.some(({ fileName }) => wanted.has(extensionOf(fileName))) ?? null,
    });
  }
  return tests;
}

function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot < 0
    ? ''
    : fileName
        .slice(dot + 1)
        .trim()
        .toLowerCase();
}
