import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { collectingHost, widgetCmdlets, widgetServices } from '../../test/support/widget-cmdlets.ts';
import type { CollectingHost } from '../../test/support/widget-cmdlets.ts';
import { Hashtable } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { CmdletError } from './cmdlet-error.ts';
import { powerShellLine } from './invocation-record.ts';
import { createInvoke } from './invoke.ts';
import { createRegistry } from './registry.ts';
import { unrestrictedSession } from './session.ts';
import type { Session } from './session.ts';

const services = widgetServices();
const invoke = createInvoke(createRegistry(widgetCmdlets), services);
const everything = unrestrictedSession('ada');

async function run(
  cmdlet: string,
  parameters: Record<string, Value>,
  host: CollectingHost = collectingHost(),
  session: Session = everything,
): Promise<CollectingHost> {
  await invoke({ cmdlet, parameters, line: 'as typed' }, session, host);
  return host;
}

describe('mistakes, each with its words, id and category', () => {
  const rows: [string, Record<string, Value>, string, string, string][] = [
    ['Get-Gadget', {}, 'CommandNotFoundException', 'ObjectNotFound', "'Get-Gadget' is not recognized"],
    ['Get-Mailbox', {}, 'CommandNotFoundException', 'ObjectNotFound', 'It is not part of Postern'],
    ['Get-Widgets', {}, 'CommandNotFoundException', 'ObjectNotFound', 'Did you mean Get-Widget?'],
    [
      'Set-Widget',
      { Identity: 'a', Size: 1 },
      'NamedParameterNotFound',
      'InvalidArgument',
      "A parameter cannot be found that matches parameter name 'Size'.",
    ],
    [
      'Set-Widget',
      { Identity: 'a', identity: 'b' },
      'ParameterAlreadyBound',
      'InvalidArgument',
      'specified more than once',
    ],
    [
      'Set-Widget',
      { Comment: 'x' },
      'MissingMandatoryParameter',
      'InvalidArgument',
      'Cannot process command because of one or more missing mandatory parameters: Identity.',
    ],
    [
      'Set-Widget',
      { Identity: null },
      'ParameterArgumentValidationErrorNullNotAllowed',
      'InvalidData',
      "Cannot bind argument to parameter 'Identity' because it is null.",
    ],
    [
      'Set-Widget',
      { Identity: '' },
      'ParameterArgumentValidationErrorEmptyStringNotAllowed',
      'InvalidData',
      "Cannot bind argument to parameter 'Identity' because it is an empty string.",
    ],
    [
      'Set-Widget',
      { Identity: 'a', Colour: 'Blue' },
      'ParameterArgumentTransformationError',
      'InvalidData',
      'Cannot process argument transformation on parameter \'Colour\'. Cannot convert value "Blue" to type "WidgetColour".',
    ],
    [
      'Set-Widget',
      { Identity: 'a', Comment: 'x'.repeat(21) },
      'ParameterArgumentValidationError',
      'InvalidData',
      "Cannot validate argument on parameter 'Comment'.",
    ],
    ['Get-Widget', { WhatIf: true }, 'NamedParameterNotFound', 'InvalidArgument', "'WhatIf'"],
    [
      'Get-Widget',
      { ErrorAction: 'Maybe' },
      'ParameterArgumentTransformationError',
      'InvalidData',
      'SilentlyContinue, Stop',
    ],
  ];
  for (const [cmdlet, parameters, errorId, category, words] of rows) {
    test(`${cmdlet}: ${words}`, async () => {
      await assert.rejects(run(cmdlet, parameters), (error: unknown) => {
        assert.ok(error instanceof CmdletError);
        assert.equal(error.errorId, errorId);
        assert.equal(error.category, category);
        assert.ok(error.message.includes(words), error.message);
        return true;
      });
    });
  }
});

describe('WhatIf and Confirm', () => {
  test('WhatIf prints PowerShell’s line and changes nothing, even where Confirm is given', async () => {
    const host = await run('Remove-Widget', { Identity: 'a', WhatIf: true, Confirm: true });
    assert.deepEqual(host.whatIfs, ['What if: Performing the operation "Remove" on target "a".']);
    assert.deepEqual(services.removed, []);
  });
  test('a prompt that can’t be shown is an error, never a silent yes', async () => {
    await assert.rejects(run('Remove-Widget', { Identity: 'a' }), /Give -Confirm:\$false/);
    await assert.rejects(run('Set-Widget', { Identity: 'a', Confirm: true }), /no prompt can be shown/);
    assert.deepEqual(services.removed, []);
  });
  test('Confirm:$false and Force are yes; Confirm asks in spite of Force', async () => {
    await run('Remove-Widget', { Identity: 'one', Confirm: false });
    await run('Remove-Widget', { Identity: 'two', Force: true });
    await run(
      'Remove-Widget',
      { Identity: 'three', Force: true, Confirm: true },
      collectingHost({ answer: 'No' }),
    );
    assert.deepEqual(services.removed, ['one', 'two']);
  });
});

describe('the record for the history', () => {
  test('keeps the line as typed', async () => {
    await run('Set-Widget', { Identity: 'a', Comment: 'x' });
    assert.equal(services.lines.at(-1), 'as typed');
  });
  test('has no secret in it, however it was typed', async () => {
    await invoke(
      {
        cmdlet: 'set-widget',
        parameters: { Identity: "O'Hara", Password: 'hunter2', On: false },
        line: "… -Password ('hunt'+'er2')",
      },
      everything,
      collectingHost(),
    );
    assert.equal(
      services.lines.at(-1),
      "Set-Widget -Identity 'O''Hara' -Password '********' -Enabled:$false",
    );
  });
  test('writes values as PowerShell reads them', () => {
    const change = new Hashtable().set('Add', ['a', 'b']).set('odd key', null);
    assert.equal(
      powerShellLine('Set-Widget', [
        ['Tags', change],
        ['Count', 3],
        ['List', []],
      ]),
      "Set-Widget -Tags @{Add='a','b'; 'odd key'=$null} -Count 3 -List @()",
    );
  });
});

test('what a session may not use does not exist for it', async () => {
  const limited: Session = {
    user: 'bob',
    roleGroups: () => [],
    allows: (name) => name !== 'Remove-Widget',
    allowsParameter: (_cmdlet, name) => name !== 'Colour',
  };
  await assert.rejects(
    run('Remove-Widget', { Identity: 'a' }, collectingHost(), limited),
    /is not recognized/,
  );
  await assert.rejects(
    run('Set-Widget', { Identity: 'a', Colour: 'Red' }, collectingHost(), limited),
    /A parameter cannot be found that matches parameter name 'Colour'/,
  );
});

test('a stopped cmdlet puts nothing out any more', async () => {
  const abort = new AbortController();
  const host = collectingHost({ signal: abort.signal, take: async () => abort.abort() });
  await assert.rejects(run('Get-Widget', { Count: 5 }, host), /stopped/);
  assert.equal(host.outputs.length, 1);
});
