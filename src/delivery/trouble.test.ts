// Every failure, and what becomes of it: the codes of delivery.md as one table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { smtpReply } from '#mail/smtp-reply.ts';
import {
  judgeTrouble,
  toConnectTrouble,
  toDeliveryStatus,
  type Phase,
  type Trouble,
  worthierVerdict,
} from './trouble.ts';

type Row = readonly [trouble: Trouble, verdict: string];

const detail = 'words';
const reply = (
  phase: Phase,
  code: number,
  enhanced: `${4 | 5 | 2}.${number}.${number}` | null = null,
): Trouble => ({
  kind: 'reply',
  phase,
  reply: smtpReply(code, enhanced, 'words'),
});

const ROWS: readonly Row[] = [
  [{ kind: 'dns', of: 'domain', outcome: 'null-mx', detail }, 'final failed 5.1.10'],
  [{ kind: 'dns', of: 'domain', outcome: 'no-domain', detail }, 'final failed 5.1.2'],
  [{ kind: 'dns', of: 'domain', outcome: 'no-host', detail }, 'final failed 5.4.4'],
  [{ kind: 'dns', of: 'domain', outcome: 'failed', detail }, 'final deferred 4.4.312'],
  [{ kind: 'dns', of: 'exchanger', outcome: 'no-host', detail }, 'next-host failed 5.4.4'],
  [{ kind: 'dns', of: 'exchanger', outcome: 'failed', detail }, 'next-host deferred 4.4.312'],
  [{ kind: 'dns', of: 'smart-host', outcome: 'no-domain', detail }, 'next-host deferred 4.4.312'],
  [{ kind: 'dns', of: 'smart-host', outcome: 'failed', detail }, 'next-host deferred 4.4.312'],
  [{ kind: 'own-listener', detail }, 'next-host failed 5.4.6'],
  [{ kind: 'connect', outcome: 'timeout', detail }, 'next-host deferred 4.4.315 down'],
  [{ kind: 'connect', outcome: 'refused', detail }, 'next-host deferred 4.4.316 down'],
  [{ kind: 'connect', outcome: 'unreachable', detail }, 'next-host deferred 4.4.316 down'],
  [{ kind: 'dropped', phase: 'greeting', detail }, 'next-host deferred 4.4.318 down'],
  [{ kind: 'dropped', phase: 'mail', detail }, 'next-host deferred 4.4.318'],
  [{ kind: 'dropped', phase: 'content', detail }, 'next-host deferred 4.4.318'],
  [{ kind: 'dropped', phase: 'final', detail }, 'final deferred 4.4.318'],
  [{ kind: 'timeout', phase: 'greeting', detail }, 'next-host deferred 4.4.317 down'],
  [{ kind: 'timeout', phase: 'rcpt', detail }, 'next-host deferred 4.4.318'],
  [{ kind: 'timeout', phase: 'final', detail }, 'final deferred 4.4.318'],
  [{ kind: 'protocol', phase: 'mail', detail }, 'next-host deferred 4.4.317'],
  [{ kind: 'protocol', phase: 'final', detail }, 'final deferred 4.5.0'],
  [{ kind: 'tls-not-offered', detail }, 'next-host deferred 4.4.317'],
  [{ kind: 'handshake', detail }, 'next-host deferred 4.4.317'],
  [{ kind: 'certificate', reason: 'SubjectMismatch', detail }, 'next-host deferred 4.7.320'],
  [{ kind: 'policy', status: '4.7.324', detail }, 'next-host deferred 4.7.324'],
  [{ kind: 'auth-not-offered', detail }, 'next-host deferred 4.7.0'],
  [{ kind: 'no-credential', detail }, 'final deferred 4.7.0'],
  [{ kind: 'too-large', detail }, 'next-host failed 5.3.4'],
  [{ kind: 'no-8bitmime', detail }, 'next-host failed 5.6.3'],
  [{ kind: 'no-smtputf8', detail }, 'next-host failed 5.6.7'],
  [{ kind: 'no-requiretls', detail }, 'next-host failed 5.7.30'],
  [{ kind: 'content-unreadable', detail }, 'final deferred 4.3.0'],
  [{ kind: 'internal', detail }, 'final deferred 4.3.0'],
  [reply('greeting', 421), 'next-host deferred 4.4.317 down'],
  [reply('greeting', 554, '5.7.1'), 'next-host deferred 4.4.317 down'],
  [reply('ehlo', 550), 'next-host deferred 4.4.317 down'],
  [reply('starttls', 454), 'next-host deferred 4.4.317'],
  [reply('auth', 535, '5.7.8'), 'next-host deferred 4.7.8'],
  [reply('mail', 451), 'final deferred 4.3.0'],
  [reply('mail', 421, '4.3.2'), 'next-host deferred 4.3.2'],
  [reply('mail', 552), 'final failed 5.3.4'],
  [reply('mail', 550, '5.7.64'), 'final failed 5.7.64'],
  [reply('rcpt', 450), 'final deferred 4.2.0'],
  [reply('rcpt', 550), 'final failed 5.1.1'],
  [reply('rcpt', 550, '5.7.1'), 'final failed 5.7.1'],
  // RFC 2034 §4: an enhanced code of another class than the reply's is a mistake.
  [reply('rcpt', 550, '2.1.5'), 'final failed 5.1.1'],
  [reply('rcpt', 599), 'final failed 5.0.0'],
  [reply('data', 451), 'final deferred 4.3.0'],
  [reply('final', 554), 'final failed 5.6.0'],
  [reply('final', 421), 'final deferred 4.3.2'],
  [reply('final', 452, '4.3.1'), 'final deferred 4.3.1'],
];

test('every trouble has its end', () => {
  for (const [trouble, expected] of ROWS) {
    const verdict = judgeTrouble(trouble);
    const text = `${verdict.end} ${verdict.action} ${verdict.status}${verdict.hostIsDown ? ' down' : ''}`;
    assert.equal(text, expected, JSON.stringify(trouble));
    assert.match(verdict.diagnostic, /words/);
    assert.equal(verdict.diagnosticType, trouble.kind === 'reply' ? 'smtp' : 'x-postern');
  }
});

test('a certificate that was refused names the reason in the way Exchange does', () => {
  const { diagnostic } = judgeTrouble({
    kind: 'certificate',
    reason: 'SubjectMismatch',
    detail: 'It is for b.test',
  });
  assert.equal(diagnostic, 'Certificate validation failed [Message=SubjectMismatch]: It is for b.test');
});

test('the class of the status always says what the action says', () => {
  const phases: readonly Phase[] = [
    'greeting',
    'ehlo',
    'starttls',
    'auth',
    'mail',
    'rcpt',
    'data',
    'content',
    'final',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...phases), fc.integer({ min: 200, max: 599 }), (phase, code) => {
      const { action, status } = judgeTrouble(reply(phase, code));
      assert.equal(status.startsWith(action === 'failed' ? '5.' : '4.'), true);
      // A code that doesn't say "permanent" never loses mail.
      if (code < 500) assert.equal(action, 'deferred');
    }),
  );
});

test('what may pass weighs more than what cannot', () => {
  const down = judgeTrouble({ kind: 'connect', outcome: 'refused', detail });
  const never = judgeTrouble({ kind: 'no-smtputf8', detail });
  const slow = judgeTrouble({ kind: 'connect', outcome: 'timeout', detail });
  assert.equal(worthierVerdict(down, never), down);
  assert.equal(worthierVerdict(never, down), down);
  assert.equal(worthierVerdict(down, slow), slow);
});

test('connect errors and remote ends find their way into the status', () => {
  assert.equal(judgeTrouble(toConnectTrouble('ETIMEDOUT', 'a')).status, '4.4.315');
  assert.equal(judgeTrouble(toConnectTrouble('ECONNREFUSED', 'a')).status, '4.4.316');
  assert.equal(judgeTrouble(toConnectTrouble('ENETUNREACH', 'a')).status, '4.4.316');
  const verdict = judgeTrouble(reply('rcpt', 550));
  assert.deepEqual(toDeliveryStatus(verdict, { remoteMta: 'mx.test', remoteAddress: '192.0.2.1:25' }), {
    action: 'failed',
    status: '5.1.1',
    diagnostic: '550 words',
    diagnosticType: 'smtp',
    remoteMta: 'mx.test',
    remoteAddress: '192.0.2.1:25',
  });
});
