import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { directoryCmdlets } from '../directory-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  const run = createRunner(directoryCmdlets, fixture);
  await run('New-AcceptedDomain', { Name: 'contoso.com', DomainName: 'contoso.com' });
  return { ...fixture, run };
}

test('a group has an address of its own or one made of its name, and is found by it', async () => {
  const { run } = await start();
  const { objects } = await run('New-DistributionGroup', {
    Name: 'Legal & Co',
    Members: ['Ada@Contoso.com', 'ada@contoso.com'],
  });
  assert.equal(objects[0]?.get('PrimarySmtpAddress'), 'LegalCo@contoso.com');
  assert.deepEqual(objects[0]?.get('Members'), ['Ada@Contoso.com']);
  await run('Set-DistributionGroup', {
    Identity: 'legalco@CONTOSO.com',
    PrimarySmtpAddress: 'legal@contoso.com',
  });
  assert.equal((await run('Get-DistributionGroup', { Identity: 'legal@contoso.com' })).objects.length, 1);
  await assert.rejects(
    run('New-DistributionGroup', { Name: 'X', PrimarySmtpAddress: 'LEGAL@contoso.com' }),
    /address of the distribution group "Legal & Co" already/,
  );
});

test('members come and go; routing sees them in one spelling', async () => {
  const { run, directory } = await start();
  await run('New-DistributionGroup', { Name: 'Legal' });
  await run('Add-DistributionGroupMember', {
    Identity: 'Legal',
    Member: ['Zoe@contoso.com', 'ada@Bücher.example'],
  });
  assert.deepEqual(directory.configuration().distributionGroups[0]?.Members, [
    'ada@xn--bcher-kva.example',
    'zoe@contoso.com',
  ]);
  await assert.rejects(
    run('Add-DistributionGroupMember', { Identity: 'Legal', Member: 'ZOE@contoso.com' }),
    /already a member/,
  );
  await assert.rejects(
    run('Add-DistributionGroupMember', { Identity: 'Legal', Member: 'legal@contoso.com' }),
    /is the address of the distribution group "Legal" itself/,
  );
  await assert.rejects(
    run('Remove-DistributionGroupMember', { Identity: 'Legal', Member: 'x@y.example', Confirm: false }),
    /isn't a member/,
  );
  await run('Remove-DistributionGroupMember', {
    Identity: 'Legal',
    Member: 'zoe@contoso.com',
    Confirm: false,
  });
  const { objects } = await run('Get-DistributionGroupMember', { Identity: 'Legal' });
  assert.deepEqual(
    objects.map((member) => member.get('PrimarySmtpAddress')),
    ['ada@Bücher.example'],
  );
});

test('a group that rules ask for is not removed by accident', async () => {
  const { run } = await start();
  await run('New-DistributionGroup', { Name: 'Legal' });
  await run('New-TransportRule', { Name: 'R', FromMemberOf: 'Legal', SetSCL: 5 });
  await assert.rejects(run('Remove-DistributionGroup', { Identity: 'Legal', Confirm: false }), /"R".*-Force/);
  await run('Remove-DistributionGroup', { Identity: 'Legal', Force: true });
});
