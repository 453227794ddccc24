// A report is made whatever becomes of the original's content.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportsFor } from '#dsn/planned-report.ts';
import { testMessage } from '../../test/support/stored-mail.ts';
import { REMOVED } from './removal-report.ts';
import { reportMessage } from './report-message.ts';

test('a content that can not be read any more keeps no report from its sender', async () => {
  const message = testMessage();
  const [report] = reportsFor(message.envelope, [{ recipient: 0, status: REMOVED }], []);
  assert.ok(report !== undefined);
  const parts = {
    hostname: 'relay.test',
    postmaster: () => ({ localPart: 'postmaster', domain: 'relay.test' }),
    nextId: () => message.id + 1,
    now: Date.now,
    token: () => 'token',
    expirationTimeout: () => 86_400_000,
  };
  const lost = { kind: 'file', path: '/nowhere/at/all', size: 280_000 } as const;
  const { content } = await reportMessage(parts, report, message, lost, false);
  assert.match(
    content.kind === 'memory' ? Buffer.from(content.bytes).toString() : '',
    /^Final-Recipient: rfc822; ?ann@fabrikam\.com/m,
  );
});
