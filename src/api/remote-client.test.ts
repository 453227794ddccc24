import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { after, before, test } from 'node:test';
import { collectingHost, widgetCmdlets, widgetServices } from '../../test/support/widget-cmdlets.ts';
import { CmdletError } from '#cmdlets/cmdlet-error.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import { DateTime } from '#parameters/date-time.ts';
import { Hashtable, PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { createAdminApi } from './admin-api.ts';
import { NoDaemonError } from './control-client.ts';
import type { CmdletSource } from './control-client.ts';
import { createEventHub } from './event-stream.ts';
import { connectToGateway } from './remote-client.ts';

const services = widgetServices();
const registry = createRegistry(widgetCmdlets, [{ typeName: 'Widget', table: ['Name'] }]);
const events = createEventHub();
let server: Server;
let url: string;
let source: CmdletSource;

before(async () => {
  const api = createAdminApi({
    registry,
    invoke: createInvoke(registry, services),
    signIn: {
      byToken: (token) => (token === 'good' ? unrestrictedSession('ada') : null),
      byPassword: async () => null,
    },
    complete: (kind, prefix) => [`${kind}/${prefix}`],
    events,
    version: '1.2.3',
    organization: () => 'contoso.com',
    isTenant: (tenant) => tenant === 'contoso.com',
    isOwnName: () => false,
    logRequest: () => undefined,
    log: () => undefined,
  });
  server = createServer((request, response) => void api(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  source = await connectToGateway(url, 'good');
});
after(() => {
  events.close();
  server.close();
  server.closeAllConnections();
});

const call = (cmdlet: string, parameters: Record<string, Value>) => ({ cmdlet, parameters, line: '' });

test('a far gateway has the same metadata, names and values as a near one', async () => {
  assert.equal(source.hello.organization, 'contoso.com');
  assert.deepEqual(source.hello.views, registry.views);
  assert.deepEqual(
    await source.describe('set-widget'),
    registry.describe('Set-Widget', unrestrictedSession('x')),
  );
  assert.deepEqual(await source.complete('Widget', 'a&b'), ['Widget/a&b']);
  const host = collectingHost();
  await source.invoke(call('Get-Widget', { Count: 2500 }), host);
  assert.equal(host.outputs.length, 2500);
  const [first] = host.outputs;
  assert.ok(first instanceof PsObject && first.typeName === 'Widget');
  const created = first.get('WhenCreated');
  assert.ok(created instanceof DateTime && created.kind === 'Utc');
  assert.equal(created.toUtcMilliseconds(), 1_462_545_000_000);
  assert.deepEqual(
    [first.get('Enabled'), first.get('Number'), first.get('Tags'), first.get('Comment')],
    [true, 0, ['a', 'b'], null],
  );
});

test('changes, dates, warnings and -WhatIf cross', async () => {
  const host = collectingHost();
  const tags = new Hashtable().set('Add', ['x']);
  await source.invoke(
    call('Set-Widget', { Identity: 'a', Tags: tags, Seen: DateTime.fromUtcMilliseconds(0), Comment: 'warn' }),
    host,
  );
  assert.deepEqual(host.warnings, ['Be careful.']);
  assert.match(services.lines.at(-1) ?? '', /-Tags @\{Add='x'\} -Seen '1970-01-01T00:00:00\.0000000Z'/);
  await source.invoke(call('Remove-Widget', { Identity: 'a', WhatIf: true }), host);
  assert.deepEqual(host.whatIfs, ['What if: Performing the operation "Remove" on target "a".']);
  await assert.rejects(
    source.invoke(call('Set-Widget', { Identity: { opaque: 'ScriptBlock' } }), host),
    /A ScriptBlock can't be given/,
  );
});

test('what must be asked is asked before anything is sent', async () => {
  await assert.rejects(
    source.invoke(call('Remove-Widget', { Identity: 'a' }), collectingHost()),
    /no prompt can be shown/,
  );
  await source.invoke(call('Remove-Widget', { Identity: 'a' }), collectingHost({ answer: 'No' }));
  await assert.rejects(
    source.invoke(call('Set-Widget', { Identity: 'a', Confirm: true }), collectingHost()),
    /no prompt/,
  );
  assert.deepEqual(services.removed, []);
  await source.invoke(call('Remove-Widget', { Identity: 'yes' }), collectingHost({ answer: 'Yes' }));
  await source.invoke(call('Remove-Widget', { Identity: 'forced', Force: true }), collectingHost());
  await source.invoke(call('Remove-Widget', { Identity: 'unasked', Confirm: false }), collectingHost());
  assert.deepEqual(services.removed, ['yes', 'forced', 'unasked']);
});

test('errors come back as they were', async () => {
  await assert.rejects(
    source.invoke(call('Set-Widget', { Identity: 'a', Colour: 'Blue' }), collectingHost()),
    (error: unknown) => {
      assert.ok(error instanceof CmdletError);
      assert.deepEqual(
        [error.errorId, error.category, error.parameter, error.exception],
        [
          'ParameterArgumentTransformationError',
          'InvalidData',
          'Colour',
          'ParameterBindingArgumentTransformationException',
        ],
      );
      return true;
    },
  );
});

test('no gateway, a wrong token, an unprotected way: each is said', async () => {
  await assert.rejects(connectToGateway('http://127.0.0.1:1', 'good'), NoDaemonError);
  await assert.rejects(connectToGateway(url, 'bad'), /did not accept the token/);
  await assert.rejects(connectToGateway('http://gateway.contoso.com', 'good'), /unprotected. Use https/);
  await assert.rejects(connectToGateway('gateway', 'good'), /not the address of a gateway/);
});
