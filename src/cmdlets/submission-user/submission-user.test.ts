import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { verifyPassword } from '#directory/password-hash.ts';
import { submissionUserCmdlets } from './submission-user-cmdlets.ts';

test('a user signs in with the password that was set last; it is shown and recorded nowhere', async () => {
  const fixture = await createDirectoryFixture();
  const run = createRunner(submissionUserCmdlets, fixture);
  const line = 'New-SubmissionUser scanner -Password sesame-42';
  const made = await run('New-SubmissionUser', { Name: 'scanner', Password: 'sesame-42' }, { line });
  const configured = () => fixture.directory.configuration().submissionUsers[0];
  assert.equal(await verifyPassword(configured()?.PasswordHash ?? '', 'sesame-42'), true);
  await run('Set-SubmissionUser', { Identity: 'SCANNER', Password: 'other-secret', Comment: 'x' });
  assert.equal(await verifyPassword(configured()?.PasswordHash ?? '', 'sesame-42'), false);
  assert.equal(await verifyPassword(configured()?.PasswordHash ?? '', 'other-secret'), true);
  await run('Set-SubmissionUser', { Identity: 'scanner', Enabled: false });
  assert.equal(configured()?.Enabled, false);
  const shown = JSON.stringify([...(made.objects[0]?.properties.entries() ?? [])]);
  for (const secret of ['sesame', 'argon2', 'other-secret']) assert.ok(!shown.includes(secret), secret);
  assert.ok(!/sesame|other-secret/.test(JSON.stringify(fixture.store.records)));
});

test('names are unique, passwords long enough', async () => {
  const run = createRunner(submissionUserCmdlets, await createDirectoryFixture());
  await run('New-SubmissionUser', { Name: 'a', Password: 'long enough' });
  await assert.rejects(
    run('New-SubmissionUser', { Name: 'A', Password: 'long enough' }),
    /already a submission user/,
  );
  await assert.rejects(run('New-SubmissionUser', { Name: 'b', Password: 'short' }), (error: Error) => {
    assert.match(error.message, /8 to 256 characters/);
    return !error.message.includes('short');
  });
  await assert.rejects(run('New-SubmissionUser', { Name: 'b' }), /Password/);
  await run('Remove-SubmissionUser', { Identity: 'a', Confirm: false });
  assert.equal((await run('Get-SubmissionUser')).objects.length, 0);
});
