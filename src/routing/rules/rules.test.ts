// What rules ask for beside a route: edits, copies, verdicts and the trace, what they read and when, and what they do when
// something can't be read. Which rule matches what is in the conformance table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Configuration } from '#directory/configuration.ts';
import {
  address,
  configuration,
  type GivenMessage,
  type GivenRule,
  message,
  outboundConnector,
  transportRule,
} from '../../../test/support/configurations.ts';
import type { RoutedGroup } from '../routed-group.ts';
import { contentOf, type MessageContent, routeMessage } from '../select-route.ts';
import { createRoutingSnapshot } from '../snapshot.ts';
import { createGroupMembers } from './group-members.ts';

function world(rules: readonly GivenRule[], given: Partial<Configuration> = {}): Configuration {
  return configuration({
    outboundConnectors: [outboundConnector({ Name: 'Scoped', IsTransportRuleScoped: true })],
    transportRules: rules.map((rule, index) =>
      transportRule({ Name: `R${index}`, Priority: index, ...rule }),
    ),
    ...given,
  });
}

function route(
  given: Configuration,
  sent: GivenMessage,
  options: { content?: MessageContent; firstAttempt?: boolean } = {},
): readonly RoutedGroup[] | Promise<readonly RoutedGroup[]> {
  const made = message(sent);
  return routeMessage(
    {
      message: made,
      recipients: made.envelope.recipients.map((_, position) => position),
      content: options.content ?? contentOf(Buffer.from(sent.content ?? 'Subject: Hi\r\n\r\n')),
      now: 0,
      firstAttempt: options.firstAttempt ?? true,
    },
    createRoutingSnapshot(given),
  );
}

test('edits come in the order of the rules', async () => {
  const given = world([
    {
      Actions: {
        SetHeaderName: 'X-A',
        SetHeaderValue: '1',
        RemoveHeader: 'X-B',
        PrependSubject: '[1] ',
        SetSCL: 5,
      },
    },
    { Actions: { SetHeaderName: 'X-A', SetHeaderValue: '2' } },
  ]);
  const [group] = await route(given, {});
  assert.deepEqual(group?.headerEdits, [
    { kind: 'set', name: 'X-A', value: '1' },
    { kind: 'remove', name: 'X-B' },
    { kind: 'prepend-subject', text: '[1] ' },
    { kind: 'set', name: 'X-MS-Exchange-Organization-SCL', value: '5' },
    { kind: 'set', name: 'X-A', value: '2' },
  ]);
});

test('recipients with different edits part, even on the same way', async () => {
  const given = world([
    { Conditions: { SentTo: ['b@x.test'] }, Actions: { SetHeaderName: 'X-A', SetHeaderValue: '1' } },
  ]);
  const groups = await route(given, { to: ['a@x.test', 'b@x.test', 'c@x.test'] });
  assert.deepEqual(
    groups.map(({ recipients, headerEdits }) => [recipients, headerEdits.length]),
    [
      [[1], 1],
      [[0, 2], 0],
    ],
  );
});

test('blind copies: once, at the first attempt, not for those who get the message anyway', async () => {
  const given = world([
    { Conditions: { SentTo: ['a@x.test'] }, Actions: { BlindCopyTo: ['Archive@own.test', 'b@x.test'] } },
    { Actions: { BlindCopyTo: ['archive@own.test', 'audit@own.test'] } },
  ]);
  const sent = { to: ['a@x.test', 'B@x.test'] };
  const groups = await route(given, sent);
  assert.deepEqual(
    groups.map(({ blindCopies }) => blindCopies),
    [[address('Archive@own.test'), address('audit@own.test')], []],
  );
  const later = await route(given, sent, { firstAttempt: false });
  assert.ok(later.every(({ blindCopies }) => blindCopies.length === 0));
  const forked = await route(given, { ...sent, forked: true });
  assert.ok(forked.every(({ blindCopies }) => blindCopies.length === 0));
});

test('a copy asked for before the message is rejected is still made', async () => {
  const given = world([
    { Actions: { BlindCopyTo: ['archive@own.test'] } },
    { Actions: { RejectMessageReasonText: 'Not this', RejectMessageEnhancedStatusCode: '5.7.1' } },
    { Actions: { BlindCopyTo: ['late@own.test'] } },
  ]);
  const [group] = await route(given, {});
  assert.deepEqual(group?.decision, { kind: 'rejected', status: '5.7.1', text: 'Not this', rule: 'R1' });
  assert.deepEqual(group?.blindCopies, [address('archive@own.test')]);
});

test('every rule that matched is told, with what it did or would have done', async () => {
  const given = world([
    { Actions: { RouteMessageOutboundConnector: 'Scoped', RouteMessageOutboundRequireTls: true } },
    { Mode: 'Audit', Actions: { DeleteMessage: true, BlindCopyTo: ['x@own.test'] } },
    { Conditions: { SentTo: ['nobody@x.test'] }, Actions: { DeleteMessage: true } },
    { Actions: { RouteMessageOutboundConnector: 'gone' } },
  ]);
  const [group] = await route(given, {});
  assert.deepEqual(
    group?.ruleMatches.map(({ name, mode, actions, error }) => [name, mode, actions, error]),
    [
      ['R0', 'Enforce', ['RouteMessageOutboundConnector: Scoped', 'RouteMessageOutboundRequireTls'], null],
      ['R1', 'Audit', ['BlindCopyTo: x@own.test', 'DeleteMessage'], null],
      ['R3', 'Enforce', [], 'the connector it names no longer exists.'],
    ],
  );
  assert.deepEqual(group?.blindCopies, []);
});

/** Content that counts how often it is read. */
function counted(bytes: Uint8Array): MessageContent & { readonly reads: { header: number; body: number } } {
  const reads = { header: 0, body: 0 };
  return {
    reads,
    header() {
      reads.header += 1;
      return bytes;
    },
    content() {
      reads.body += 1;
      return [bytes];
    },
  };
}

test('nothing is read that no rule looks at', async () => {
  const bytes = Buffer.from('From: ada@contoso.com\r\nSubject: Hi\r\n\r\nsecret\r\n');
  const envelopeOnly = world([
    { Conditions: { SentTo: ['a@x.test'] }, Actions: { DeleteMessage: true } },
    { SenderAddressLocation: 'Envelope', Conditions: { SenderDomainIs: ['x.test'] }, Actions: {} },
    { Conditions: { SubjectContainsWords: ['lottery'] }, Actions: {} },
    { Conditions: { SubjectOrBodyContainsWords: ['hi'] }, Actions: {} },
    {
      Conditions: { SubjectOrBodyContainsWords: ['secret'], RecipientDomainIs: ['nobody.test'] },
      Actions: {},
    },
    { State: 'Disabled', Conditions: { SubjectOrBodyContainsWords: ['secret'] } },
    { ActivationDate: 5, Conditions: { SubjectOrBodyContainsWords: ['secret'] } },
  ]);
  const first = counted(bytes);
  await route(envelopeOnly, { content: bytes }, { content: first });
  assert.deepEqual(first.reads, { header: 0, body: 0 });

  const withHeader = world([
    { Conditions: { From: ['ada@contoso.com'] }, Actions: {} },
    { Conditions: { From: ['bob@contoso.com'], SubjectOrBodyContainsWords: ['secret'] }, Actions: {} },
    { Conditions: { WithImportance: 'High', AttachmentSizeOver: 1 }, Actions: {} },
  ]);
  const second = counted(bytes);
  await route(withHeader, { content: bytes }, { content: second });
  assert.deepEqual(second.reads, { header: 1, body: 0 });

  const withBody = world([
    { Conditions: { SubjectOrBodyContainsWords: ['secret'] }, Actions: {} },
    { Exceptions: { AttachmentExtensionMatchesWords: ['exe'] }, Actions: {} },
  ]);
  const third = counted(bytes);
  await route(withBody, { content: bytes }, { content: third });
  assert.deepEqual(third.reads, { header: 0, body: 1 });
});

const unreadable: MessageContent = {
  header: () => Promise.reject(new Error('EIO: i/o error')),
  async *content() {
    yield Buffer.from('Subject');
    await Promise.resolve();
    throw new Error('EIO: i/o error');
  },
};

test('a message that cannot be read fails the rules that look into it, as their RuleErrorAction says', async () => {
  const rules = (RuleErrorAction: 'Ignore' | 'Defer'): Configuration =>
    world([
      { RuleErrorAction, Conditions: { From: ['ada@contoso.com'] }, Actions: { DeleteMessage: true } },
      {
        RuleErrorAction,
        Exceptions: { SubjectOrBodyContainsWords: ['x'] },
        Actions: { DeleteMessage: true },
      },
      { Actions: { RouteMessageOutboundConnector: 'Scoped' } },
    ]);
  const [ignored] = await route(rules('Ignore'), {}, { content: unreadable });
  assert.equal(ignored?.decision.kind === 'route' && ignored.decision.route.connector?.name, 'Scoped');
  assert.deepEqual(
    ignored?.ruleMatches.map(({ name, error }) => [name, error]),
    [
      ['R0', "the message can't be read: EIO: i/o error"],
      ['R1', "the message can't be read: EIO: i/o error"],
      ['R2', null],
    ],
  );
  const [deferred] = await route(rules('Defer'), {}, { content: unreadable });
  assert.deepEqual(deferred?.decision, {
    kind: 'deferred',
    status: '4.3.5',
    diagnostic: `The transport rule "R0" can't be carried out: the message can't be read: EIO: i/o error`,
  });
});

test('a rule with a broken pattern does not stop mail', async () => {
  const given = world([
    { Conditions: { SubjectMatchesPatterns: ['[a'] }, Actions: { DeleteMessage: true } },
    { Actions: { RouteMessageOutboundConnector: 'Scoped' } },
  ]);
  const [group] = await route(given, { content: 'Subject: a\r\n\r\n' });
  assert.equal(group?.decision.kind, 'route');
  assert.match(group?.ruleMatches[0]?.error ?? '', /missing closing/);
});

test('every recipient is in exactly one group, whatever the rules', async () => {
  const letters = ['a', 'b', 'c', 'd'];
  const given = world([
    ...letters.flatMap((letter): GivenRule[] => [
      { Conditions: { RecipientAddressContainsWords: [letter] }, Actions: { SetSCL: 1 } },
      { Exceptions: { RecipientDomainIs: [`${letter}.test`] }, Actions: { PrependSubject: letter } },
    ]),
    { Conditions: { SentTo: ['a@b.test'] }, Actions: { DeleteMessage: true } },
    { Conditions: { SentTo: ['b@a.test'] }, Actions: { RedirectMessageTo: ['x@y.test'] } },
  ]);
  const to = letters.flatMap((local) => letters.map((domain) => `${local}@${domain}.test`));
  const groups = await route(given, { to });
  assert.deepEqual(
    groups.flatMap(({ recipients }) => recipients).sort((a, b) => a - b),
    to.map((_, position) => position),
  );
});

test('nested groups count, and those that hold each other do no harm', () => {
  const members = createGroupMembers([
    { Guid: '1', Name: 'A', PrimarySmtpAddress: 'A@own.test', Members: ['b@own.test', 'x@own.test'] },
    { Guid: '2', Name: 'B', PrimarySmtpAddress: 'b@own.test', Members: ['a@own.test', 'y@own.test'] },
    { Guid: '3', Name: 'C', PrimarySmtpAddress: 'c@own.test', Members: ['z@own.test'] },
  ]);
  assert.deepEqual([...members.of('1')].sort(), ['a@own.test', 'b@own.test', 'x@own.test', 'y@own.test']);
  assert.deepEqual([...members.of('3')], ['z@own.test']);
  assert.equal(members.of('4').size, 0);
  assert.equal(members.of('1'), members.of('1'));
});
