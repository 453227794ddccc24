// Daemon and console over a real socket: every stream, flow control, prompts, cancelling, and consoles that misbehave.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { collectingHost, widgetCmdlets, widgetServices } from '../../test/support/widget-cmdlets.ts';
import { CmdletError } from '#cmdlets/cmdlet-error.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import { PsObject } from '#parameters/value.ts';
import type { Value } from '#parameters/value.ts';
import { connectToDaemon, DaemonGoneError, NoDaemonError } from './control-client.ts';
import type { CmdletSource } from './control-client.ts';
import { MAX_REQUEST_LINE, OUTPUT_WINDOW } from './control-protocol.ts';
import { controlSocketPath, ControlSocketError } from './control-path.ts';
import { startControlSocket } from './control-socket.ts';
import type { ControlSocket } from './control-socket.ts';

const services = widgetServices();
const registry = createRegistry(widgetCmdlets, [{ typeName: 'Widget', table: ['Name', 'Number'] }]);
let directory: string;
let daemon: ControlSocket;
let client: CmdletSource;
const logged: string[] = [];

function start(path: string): Promise<ControlSocket> {
  return startControlSocket({
    path,
    version: '1.2.3',
    organization: () => 'contoso.com',
    catalogue: registry,
    invoke: createInvoke(registry, services),
    complete: (kind, prefix) => [`${kind}:${prefix}`],
    session: unrestrictedSession,
    log: (message) => logged.push(message),
  });
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-control-'));
  daemon = await start(controlSocketPath(directory));
  client = await connectToDaemon(daemon.path, 'ada');
});
after(async () => {
  client.close();
  await daemon.stop();
  await rm(directory, { recursive: true, force: true });
});

const invocation = (cmdlet: string, parameters: Record<string, Value> = {}) => ({
  cmdlet,
  parameters,
  line: 'typed',
});

describe('a console and its daemon', () => {
  test('greet each other', () => {
    assert.equal(client.hello.version, '1.2.3');
    assert.equal(client.hello.organization, 'contoso.com');
    assert.deepEqual(client.hello.views, registry.views);
  });
  test('share metadata and names', async () => {
    assert.deepEqual(
      await client.describe('get-WIDGET'),
      registry.describe('Get-Widget', unrestrictedSession('x')),
    );
    assert.equal(await client.describe('Get-Nothing'), null);
    assert.deepEqual(
      (await client.list()).map(({ name }) => name),
      ['Get-Widget', 'Remove-Widget', 'Set-Widget', 'Wait-Widget'],
    );
    assert.deepEqual(await client.complete('Widget', 'W'), ['Widget:W']);
  });
  test('share values and warnings', async () => {
    const host = collectingHost();
    await client.invoke(invocation('Get-Widget', { Count: 2 }), host);
    assert.equal(host.outputs.length, 2);
    const [first] = host.outputs;
    assert.ok(first instanceof PsObject);
    assert.equal(first.typeName, 'Widget');
    assert.deepEqual([...first.properties.entries()].map(([name]) => name).slice(0, 3), [
      'Name',
      'Number',
      'Enabled',
    ]);
    await client.invoke(invocation('Set-Widget', { Identity: 'a', Comment: 'warn' }), host);
    assert.deepEqual(host.warnings, ['Be careful.']);
    assert.deepEqual(host.verboses, ['Performing the operation "Set" on target "a".']);
    await client.invoke(invocation('Set-Widget', { Identity: 'a', WhatIf: true }), host);
    assert.deepEqual(host.whatIfs, ['What if: Performing the operation "Set" on target "a".']);
    await client.invoke(invocation('Set-Widget', { Identity: 'a', Comment: 'twice' }), host);
    assert.equal(host.errors[0]?.exception, 'ManagementObjectNotFoundException');
  });
  test('share errors, and a bug tells no details', async () => {
    const failing = (parameters: Record<string, Value>) =>
      client.invoke(invocation('Set-Widget', parameters), collectingHost()).then(
        () => assert.fail('it must fail'),
        (error: unknown) => {
          assert.ok(error instanceof CmdletError);
          return error;
        },
      );
    const wrong = await failing({ Identity: 'a', Colour: 'Blue' });
    assert.equal(wrong.parameter, 'Colour');
    assert.match(wrong.message, /try again: Red, Green/);
    const bug = await failing({ Identity: 'a', Comment: 'bug' });
    assert.equal(bug.errorId, 'InternalError');
    assert.doesNotMatch(bug.message, /secret detail/);
    assert.ok(logged.some((message) => message.includes('fault of Postern')));
  });
  test('a prompt goes to the console and its answer back', async () => {
    await client.invoke(invocation('Remove-Widget', { Identity: 'kept' }), collectingHost({ answer: 'No' }));
    await client.invoke(invocation('Remove-Widget', { Identity: 'gone' }), collectingHost({ answer: 'Yes' }));
    await client.invoke(invocation('Remove-Widget', { Identity: 'forced', Force: true }), collectingHost());
    assert.deepEqual(services.removed, ['gone', 'forced']);
    await assert.rejects(
      client.invoke(invocation('Remove-Widget', { Identity: 'x' }), collectingHost()),
      /no prompt can be shown here/,
    );
  });
  test('many invocations run side by side', async () => {
    const hosts = Array.from({ length: 20 }, () => collectingHost());
    await Promise.all(
      hosts.map((host, n) => client.invoke(invocation('Get-Widget', { Count: n * 50 }), host)),
    );
    assert.deepEqual(
      hosts.map(({ outputs }) => outputs.length),
      hosts.map((_, n) => n * 50),
    );
  });
});

describe('flow', () => {
  test('the daemon makes no more than the console takes, and stops when it stops', async () => {
    services.produced = 0;
    let producedAtFifth = 0;
    class Enough extends Error {}
    const host = collectingHost({
      take: () => {
        if (host.outputs.length < 5) return Promise.resolve();
        producedAtFifth = services.produced;
        throw new Enough();
      },
    });
    await assert.rejects(client.invoke(invocation('Get-Widget', { Count: 100_000 }), host), Enough);
    assert.ok(producedAtFifth <= OUTPUT_WINDOW, `${producedAtFifth} were made for five`);
    // The connection goes on to serve, and the abandoned cmdlet doesn't come back to life.
    await client.invoke(invocation('Get-Widget'), collectingHost());
    assert.ok(services.produced <= 2 * OUTPUT_WINDOW);
  });
  test('cancelling stops the cmdlet', async () => {
    const abort = new AbortController();
    const host = collectingHost({ signal: abort.signal, take: async () => abort.abort() });
    await assert.rejects(client.invoke(invocation('Wait-Widget'), host), /stopped/);
    while (!services.removed.includes('stopped')) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the socket', () => {
  test('is for its owner alone', async () => {
    assert.equal((await stat(daemon.path)).mode & 0o777, 0o600);
  });
  test('a second daemon is refused, a leftover socket is replaced', async () => {
    await assert.rejects(start(daemon.path), ControlSocketError);
    const stale = join(directory, 'stale.sock');
    const dead = createServer().listen(stale);
    await new Promise((resolve) => dead.once('listening', resolve));
    // Closing would remove the file: what a crash leaves behind is made by moving it away first.
    const { rename } = await import('node:fs/promises');
    await rename(stale, `${stale}.kept`);
    await new Promise((resolve) => dead.close(resolve));
    await rename(`${stale}.kept`, stale);
    const second = await start(stale);
    (await connectToDaemon(stale, 'ada')).close();
    await second.stop();
  });
  test('a file that is no socket is left alone', async () => {
    const file = join(directory, 'file.sock');
    await writeFile(file, 'precious');
    await assert.rejects(start(file), ControlSocketError);
    assert.equal((await stat(file)).size, 8);
  });
  test('no daemon is a clear error', async () => {
    await assert.rejects(connectToDaemon(join(directory, 'none.sock'), 'ada'), (error: unknown) => {
      assert.ok(error instanceof NoDaemonError);
      assert.match(error.message, /Start one with "postern serve"/);
      return true;
    });
  });
  test('a path too long for a socket is refused with the reason', () => {
    assert.throws(() => controlSocketPath(`/${'d'.repeat(120)}`), /too long for a socket/);
  });
  test('garbage and endless lines end that connection only', async () => {
    for (const bytes of [
      Buffer.from('not json\n'),
      Buffer.alloc(MAX_REQUEST_LINE + 2, 0x61),
      Buffer.from('{"op":"list"}\n'),
    ]) {
      const socket = connect(daemon.path);
      socket.on('error', () => undefined);
      socket.write(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await client.invoke(invocation('Get-Widget'), collectingHost());
  });
  test('a daemon that goes away ends what runs with DaemonGoneError', async () => {
    const path = join(directory, 'short.sock');
    const short = await start(path);
    const doomed = await connectToDaemon(path, 'ada');
    const host = collectingHost({ take: () => short.stop() });
    await assert.rejects(doomed.invoke(invocation('Wait-Widget'), host), DaemonGoneError);
    await assert.rejects(doomed.list(), DaemonGoneError);
  });
});
