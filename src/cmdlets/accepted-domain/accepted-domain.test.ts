import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunner } from '../../../test/support/cmdlet-runner.ts';
import { createDirectoryFixture } from '../../../test/support/directory-fixture.ts';
import { acceptedDomainCmdlets } from './accepted-domain-cmdlets.ts';

async function start() {
  const fixture = await createDirectoryFixture();
  const run = createRunner(acceptedDomainCmdlets, fixture);
  await run('New-AcceptedDomain', { Name: 'Contoso', DomainName: 'contoso.com' });
  await run('New-AcceptedDomain', {
    Name: 'Fabrikam',
    DomainName: 'Bücher.example',
    DomainType: 'InternalRelay',
    MatchSubDomains: true,
  });
  const defaults = () =>
    fixture.directory
      .configuration()
      .acceptedDomains.filter(({ Default }) => Default)
      .map(({ Name }) => Name);
  return { ...fixture, run, defaults };
}

test('domains are kept in A-labels for routing and shown as typed; the first is the default', async () => {
  const { run, directory, defaults } = await start();
  assert.deepEqual(defaults(), ['Contoso']);
  assert.equal(directory.configuration().acceptedDomains[1]?.DomainName, 'xn--bcher-kva.example');
  const { objects } = await run('Get-AcceptedDomain', { Identity: 'xn--bcher-kva.example' });
  assert.deepEqual(
    ['Name', 'DomainName', 'DomainType', 'MatchSubDomains', 'Default'].map((name) => objects[0]?.get(name)),
    ['Fabrikam', 'Bücher.example', 'InternalRelay', true, false],
  );
});

test('there is one default: another one is made it, and it goes last', async () => {
  const { run, defaults } = await start();
  await assert.rejects(
    run('Set-AcceptedDomain', { Identity: 'Contoso', MakeDefault: false }),
    /always one default/,
  );
  const shown = await run('Set-AcceptedDomain', { Identity: 'Fabrikam', MakeDefault: true, WhatIf: true });
  assert.deepEqual(shown.whatIf[1], 'What if: Default: False -> True');
  await run('Set-AcceptedDomain', { Identity: 'Fabrikam', MakeDefault: true });
  assert.deepEqual(defaults(), ['Fabrikam']);
  await run('Set-AcceptedDomain', { Identity: 'contoso.com', MakeDefault: true });
  assert.deepEqual(defaults(), ['Contoso']);
  await assert.rejects(
    run('Remove-AcceptedDomain', { Identity: 'Contoso', Confirm: false }),
    /MakeDefault \$true first/,
  );
  await run('Remove-AcceptedDomain', { Identity: 'Fabrikam', Confirm: false });
  await run('Remove-AcceptedDomain', { Identity: 'Contoso', Confirm: false });
  assert.deepEqual(defaults(), []);
});

test('a domain is accepted once, under one name, and is a domain', async () => {
  const { run } = await start();
  const make = (Name: string, DomainName: string) => run('New-AcceptedDomain', { Name, DomainName });
  await assert.rejects(make('X', 'CONTOSO.com'), /accepted already, as "Contoso"/);
  await assert.rejects(make('contoso', 'x.example'), /already an accepted domain named/);
  await assert.rejects(make('X', '*.x.example'), /not a domain name/);
  await assert.rejects(run('New-AcceptedDomain', { Name: 'X' }), /DomainName/);
});
