import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectingHost, widgetCmdlets, widgetServices } from '../../../test/support/widget-cmdlets.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { createInvoke } from '../invoke.ts';
import { createRegistry } from '../registry.ts';
import type { Session } from '../session.ts';
import { unrestrictedSession } from '../session.ts';
import { getCommand } from './get-command.ts';
import { getHelp } from './get-help.ts';
import { referencePage } from './reference-page.ts';

const registry = createRegistry([...widgetCmdlets, getHelp, getCommand]);
const invoke = createInvoke(registry, widgetServices());
const everything = unrestrictedSession('ada');
const limited: Session = {
  user: 'bob',
  roleGroups: () => [],
  allows: (cmdlet) => cmdlet.toLowerCase() !== 'remove-widget',
  allowsParameter: (_cmdlet, name) => name !== 'Colour',
};

async function run(
  cmdlet: string,
  parameters: Record<string, Value>,
  session = everything,
): Promise<Value[]> {
  const host = collectingHost();
  await invoke({ cmdlet, parameters, line: '' }, session, host);
  return host.outputs;
}

async function text(parameters: Record<string, Value>, session = everything): Promise<string> {
  const lines = await run('Get-Help', parameters, session);
  return lines.map((line) => (typeof line === 'string' ? line : '')).join('\n');
}

describe('Get-Help', () => {
  test('says where to begin', async () => assert.match(await text({}), /Get-Command +lists the cmdlets/));

  test('shows name, synopsis, syntax and description', async () => {
    const shown = await text({ Name: 'set-widget' });
    assert.match(shown, /^NAME\n {4}Set-Widget\n\nSYNOPSIS\n {4}Changes a widget\.\n/);
    assert.match(
      shown,
      /Set-Widget \[-Identity\] <WidgetIdParameter> \[-Comment <String>\] \[-Enabled <Boolean>\]/,
    );
    assert.match(shown, /\[-Colour <Red \| Green>\]/);
    assert.match(shown, /\[-WhatIf\] \[-Confirm\] \[<CommonParameters>\]/);
    assert.doesNotMatch(shown, /PARAMETERS/);
  });
  test('-Full shows every parameter with its facts', async () => {
    const shown = await text({ Name: 'Set-Widget', Full: true });
    for (const { name } of registry.describe('Set-Widget', everything)?.parameters ?? []) {
      assert.ok(shown.includes(`    -${name} `), name);
    }
    assert.match(shown, /Accept pipeline input\? +true \(ByValue, ByPropertyName\)/);
    assert.match(shown, /Aliases +On/);
  });
  test('-Examples shows the examples', async () => {
    assert.match(
      await text({ Name: 'Get-Widget', Examples: true }),
      /EXAMPLE 1: Three[^]*PS> Get-Widget -Count 3/,
    );
  });
  test('-Parameter shows one, with wildcards several', async () => {
    assert.match(await text({ Name: 'Set-Widget', Parameter: 'colour' }), /Valid values: Red, Green\./);
    assert.match(await text({ Name: 'Set-Widget', Parameter: 'C*' }), /-Comment[^]*-Colour[^]*-Confirm/);
    await assert.rejects(
      text({ Name: 'Set-Widget', Parameter: 'nope' }),
      /No parameter of Set-Widget matches 'nope'/,
    );
  });
  test('searches names and descriptions', async () => {
    const names = (await run('Get-Help', { Name: '*widget*' })).map((v) =>
      v instanceof PsObject ? v.get('Name') : v,
    );
    assert.deepEqual(names, ['Get-Widget', 'Remove-Widget', 'Set-Widget', 'Wait-Widget']);
    await assert.rejects(text({ Name: 'zebra' }), /could not find zebra/);
  });
  test('what is hidden is not there', async () => {
    await assert.rejects(text({ Name: 'Remove-Widget' }, limited), /could not find Remove-Widget/);
    assert.doesNotMatch(await text({ Name: 'Set-Widget', Full: true }, limited), /Colour/);
    const commands = await run('Get-Command', { Noun: 'widget' }, limited);
    assert.deepEqual(
      commands.map((v) => (v instanceof PsObject ? v.get('Name') : v)),
      ['Get-Widget', 'Set-Widget', 'Wait-Widget'],
    );
  });
});

describe('Get-Command', () => {
  test('by verb, noun and parameter', async () => {
    const named = async (parameters: Record<string, Value>): Promise<unknown[]> =>
      (await run('Get-Command', parameters)).map((v) => (v instanceof PsObject ? v.get('Name') : v));
    assert.deepEqual(await named({ Verb: 'Get', Noun: 'W*' }), ['Get-Widget']);
    assert.deepEqual(await named({ ParameterName: 'Colour' }), ['Set-Widget']);
    assert.deepEqual(await run('Get-Command', { Name: 'Wait-Widget', Syntax: true }), [
      'Wait-Widget [<CommonParameters>]',
    ]);
  });
  test('a name that is not there is an error with a hint, and the others are shown', async () => {
    const host = collectingHost();
    await invoke(
      { cmdlet: 'Get-Command', parameters: { Name: ['Set-Wigdet', 'Get-Widget'] }, line: '' },
      everything,
      host,
    );
    assert.equal(host.outputs.length, 1);
    assert.match(
      host.errors[0]?.message ?? '',
      /'Set-Wigdet' is not recognized .* Did you mean Set-Widget\?/,
    );
  });
});

test('the reference page has every parameter with its facts', () => {
  const metadata = registry.describe('Set-Widget', everything);
  assert.ok(metadata);
  const page = referencePage(metadata);
  assert.match(page, /^# Set-Widget\n\n## SYNOPSIS\n\nChanges a widget\.\n/);
  for (const { name } of metadata.parameters) assert.ok(page.includes(`### -${name}\n`), name);
  assert.match(
    page,
    /### -Colour\n\nThe colour\.\n\n```yaml\nType: WidgetColour\n[^]*?Accepted values: Red, Green\n/,
  );
});
