// What an attempt leaves behind, as tables.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryAction, DeliveryStatus } from '#mail/delivery-status.ts';
import type { EnhancedStatus } from '#mail/enhanced-status.ts';
import type { Notify } from '#mail/envelope.ts';
import type { Message } from '#mail/message.ts';
import type { WaitingRecipient } from '#store/store.ts';
import { type SettleInput, settle } from './settle.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const config = {
  MessageRetryInterval: MINUTE,
  MaxMessageRetryInterval: 60 * MINUTE,
  MessageExpirationTimeout: 24 * HOUR,
  DelayNotificationTimeout: 4 * HOUR,
};

function message(notify: readonly (readonly Notify[] | null)[], sender: string | null = 'anna'): Message {
  return {
    id: 1,
    receivedAt: 0,
    envelope: {
      returnPath: sender === null ? null : { localPart: sender, domain: 'contoso.test' },
      recipients: notify.map((value, index) => ({
        address: { localPart: `r${index}`, domain: 'fabrikam.test' },
        notify: value,
        orcpt: null,
      })),
      body: '7BIT',
      smtpUtf8: false,
      requireTls: false,
      ret: null,
      envid: null,
    },
    origin: {
      remoteAddress: '',
      helo: '',
      tls: null,
      inboundConnector: null,
      fromOnPremises: false,
      authenticatedUser: null,
    },
    facts: { subject: '', messageId: '', hopCount: 0, exchangeHeaders: false },
    size: 100,
  };
}

function status(action: DeliveryAction, code: EnhancedStatus, diagnostic = 'words'): DeliveryStatus {
  return {
    action,
    status: code,
    diagnostic,
    diagnosticType: 'smtp',
    remoteMta: 'mx.test',
    remoteAddress: '192.0.2.1:25',
  };
}

function waiting(recipient: number, more: Partial<WaitingRecipient> = {}): WaitingRecipient {
  return { recipient, queue: '', due: 0, attempts: 0, lastStatus: null, delayReported: false, ...more };
}

function outcome(recipient: number, value: DeliveryStatus) {
  return { recipient, queue: 'guid', connector: 'C', status: value };
}

function run(more: Partial<SettleInput> & Pick<SettleInput, 'inHand' | 'outcomes'>) {
  return settle({ message: message([null, null, null]), now: MINUTE, config, random: () => 0, ...more });
}

test('delivered, failed and deferred recipients part ways in one settlement', () => {
  const {
    finished,
    waiting: left,
    reports,
    events,
  } = run({
    inHand: [waiting(0), waiting(1), waiting(2)],
    outcomes: [
      outcome(0, status('relayed', '2.0.0')),
      outcome(1, status('failed', '5.1.1')),
      outcome(2, status('deferred', '4.2.0')),
    ],
  });
  assert.deepEqual(
    finished.map(({ recipient, outcome: what, connector }) => [recipient, what, connector]),
    [
      [0, 'Delivered', 'C'],
      [1, 'Failed', 'C'],
    ],
  );
  assert.deepEqual(left, [
    {
      recipient: 2,
      queue: 'guid',
      due: 2 * MINUTE,
      attempts: 1,
      lastStatus: status('deferred', '4.2.0'),
      delayReported: false,
    },
  ]);
  assert.deepEqual(
    reports.map((report) => [report.kind, report.recipients.map((entry) => entry.recipient)]),
    [['failure', [1]]],
  );
  assert.deepEqual(
    events.map(({ kind, recipients }) => [kind, recipients]),
    [
      ['Deliver', [0]],
      ['Fail', [1]],
      ['Defer', [2]],
      ['Dsn', [1]],
    ],
  );
});

test('recipients with the same fate share an event and the next attempt', () => {
  let draws = 0;
  const { waiting: left, events } = run({
    inHand: [waiting(0), waiting(1)],
    outcomes: [outcome(0, status('deferred', '4.4.316')), outcome(1, status('deferred', '4.4.316'))],
    random: () => draws++,
  });
  assert.deepEqual(
    events.map((event) => event.recipients),
    [[0, 1]],
  );
  assert.equal(left[0]?.due, left[1]?.due);
});

test('on expiry 4.4.x becomes 5.4.x and everything else 5.4.300', () => {
  const table: readonly [EnhancedStatus, EnhancedStatus][] = [
    ['4.4.316', '5.4.316'],
    ['4.4.312', '5.4.312'],
    ['4.4.1', '5.4.1'],
    ['4.7.320', '5.4.300'],
    ['4.2.2', '5.4.300'],
  ];
  for (const [before, after] of table) {
    const {
      finished,
      waiting: left,
      reports,
    } = run({
      now: 24 * HOUR,
      inHand: [waiting(0, { attempts: 30 })],
      outcomes: [outcome(0, status('deferred', before, 'no luck'))],
    });
    assert.equal(finished[0]?.status.status, after);
    assert.match(
      finished[0]?.status.diagnostic ?? '',
      /could not be delivered within 24 hours\. Last answer: no luck/,
    );
    assert.deepEqual(left, []);
    assert.deepEqual(
      reports.map((report) => report.kind),
      ['failure'],
    );
  }
});

test('a success after the expiry is a success', () => {
  const { finished } = run({
    now: 30 * HOUR,
    inHand: [waiting(0)],
    outcomes: [outcome(0, status('relayed', '2.0.0'))],
  });
  assert.equal(finished[0]?.outcome, 'Delivered');
});

test('a delay is told once, when its time has come, to those who want to hear of it', () => {
  const deferred = status('deferred', '4.4.316');
  const first = run({
    message: message([null, ['FAILURE'], ['DELAY']]),
    now: 4 * HOUR,
    inHand: [waiting(0), waiting(1), waiting(2)],
    outcomes: [outcome(0, deferred), outcome(1, deferred), outcome(2, deferred)],
  });
  assert.deepEqual(
    first.reports.map((report) => [report.kind, report.recipients.map((entry) => entry.recipient)]),
    [['delay', [0, 2]]],
  );
  assert.deepEqual(
    first.waiting.map((entry) => entry.delayReported),
    [true, true, true],
  );
  const second = run({
    now: 5 * HOUR,
    inHand: first.waiting,
    outcomes: [outcome(0, deferred), outcome(1, deferred), outcome(2, deferred)],
  });
  assert.deepEqual(second.reports, []);
  const never = run({
    config: { ...config, DelayNotificationTimeout: 0 },
    now: 20 * HOUR,
    inHand: [waiting(0)],
    outcomes: [outcome(0, deferred)],
  });
  assert.deepEqual(never.reports, []);
});

test('NOTIFY decides: never, failure only, success only when the next hop cannot say so itself', () => {
  const rows: readonly [readonly Notify[] | null, DeliveryStatus, readonly string[]][] = [
    [null, status('failed', '5.1.1'), ['failure']],
    [['NEVER'], status('failed', '5.1.1'), []],
    [['SUCCESS'], status('failed', '5.1.1'), []],
    [['SUCCESS'], status('relayed', '2.0.0'), ['success']],
    [['SUCCESS'], status('delivered', '2.0.0'), []],
    [null, status('relayed', '2.0.0'), []],
  ];
  for (const [notify, value, kinds] of rows) {
    const { reports } = run({
      message: message([notify]),
      inHand: [waiting(0)],
      outcomes: [outcome(0, value)],
    });
    assert.deepEqual(
      reports.map((report) => report.kind),
      kinds,
      `${notify?.join(',') ?? 'none'} ${value.action}`,
    );
  }
});

test('nothing is ever reported to a null sender', () => {
  const { reports, finished } = run({
    message: message([['SUCCESS', 'FAILURE', 'DELAY']], null),
    now: 24 * HOUR,
    inHand: [waiting(0)],
    outcomes: [outcome(0, status('failed', '5.1.1'))],
  });
  assert.deepEqual(reports, []);
  assert.equal(finished[0]?.outcome, 'Failed');
});

test('a recipient without an outcome waits', () => {
  const { waiting: left, finished } = run({
    inHand: [waiting(0, { queue: 'guid', attempts: 2 })],
    outcomes: [],
  });
  assert.deepEqual(finished, []);
  assert.equal(left[0]?.attempts, 3);
  assert.equal(left[0]?.lastStatus?.status, '4.3.0');
  assert.equal(left[0]?.queue, 'guid');
});
