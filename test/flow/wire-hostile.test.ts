// What somebody hostile can send to the wire API: other sites' pages, rebound names, bodies that are too large, too slow, too
// deep or poisoned, thousands of parameters, torn requests. The gateway refuses in words or hangs up, and goes on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { command, type Json, sendRequest, type WireResponse } from '../support/wire-client.ts';
import { startWireGateway } from '../support/wire-gateway.ts';

test('hostile requests are refused, and the gateway goes on', async (t) => {
  const { gateway, client, token, tokenOf } = await startWireGateway(t);
  const invoke = `${client.url}/adminapi/beta/${client.tenant}/InvokeCommand`;
  const fine = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const get = command('Get-OutboundConnector');
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<WireResponse> =>
    sendRequest(invoke, { method: 'POST', headers: { ...fine, ...headers }, body });

  const { port } = new URL(client.url);
  const began = performance.now();
  const slow = connect(Number(port), '127.0.0.1');
  slow.on('error', () => undefined).resume();
  slow.write(
    `POST /adminapi/beta/${client.tenant}/InvokeCommand HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`,
  );
  const drip = setInterval(() => slow.write('{'), 1_000);
  const hungUp = once(slow, 'close').then(() => performance.now() - began);

  const headers: readonly (readonly [string, Record<string, string>, number])[] = [
    ['a rebound name', { host: 'attacker.test' }, 421],
    ['a rebound name with our port', { host: `attacker.test:${port}` }, 421],
    ['a suffix of our name', { host: 'gateway.test.attacker.test' }, 421],
    ['user info in the Host', { host: 'localhost@attacker.test' }, 421],
    ['another site', { origin: 'https://attacker.test' }, 403],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form as text', { 'content-type': 'text/plain' }, 415],
    ['JSON that is none', { 'content-type': 'application/jsonp' }, 415],
    ['our own name', { host: 'gateway.test' }, 200],
  ];
  for (const [name, given, status] of headers)
    await t.test(name, async () => {
      const response = await post(get, given);
      assert.equal(response.status, status);
      if (status !== 200) assert.equal(typeof response.body.error.message, 'string');
      assert.match(String(response.headers['request-id']), /^[0-9a-f-]{36}$/);
      assert.equal(response.headers['access-control-allow-origin'], undefined);
    });

  await t.test('a preflight is answered with no leave', async () => {
    const response = await sendRequest(invoke, {
      method: 'OPTIONS',
      headers: { origin: 'https://attacker.test', 'access-control-request-method': 'POST' },
    });
    assert.ok(response.status >= 400);
    assert.equal(response.headers['access-control-allow-origin'], undefined);
  });

  await t.test('a body beyond the limit, announced or not', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, 'x');
    const refused = await post(large).catch(() => null);
    assert.ok(refused === null || refused.status === 413);
    const answer = await dialogue(Number(port), [
      `POST /adminapi/beta/${client.tenant}/InvokeCommand HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`,
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      ...Array.from({ length: 80 }, () => `10000\r\n${'x'.repeat(65_536)}\r\n`),
    ]);
    assert.match(answer, /^$|^HTTP\/1\.1 413 /);
  });

  await t.test('a body that never ends is not read before one is signed in', async () => {
    const answer = await dialogue(Number(port), [
      `POST /adminapi/beta/${client.tenant}/InvokeCommand HTTP/1.1\r\nHost: localhost\r\n`,
      'Content-Type: application/json\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{',
    ]);
    assert.match(answer, /^HTTP\/1\.1 401 /);
  });

  const POISON = [
    '{"__proto__":{"polluted":1}}',
    '{"Identity":"x","__proto__":{"polluted":1}}',
    '{"Identity":"x","constructor":{"prototype":{"polluted":1}}}',
    '{"Identity":"x","RecipientDomains":{"__proto__":{"polluted":1},"Add":["a.test"]}}',
    '{"toString":"x","hasOwnProperty":1,"valueOf":{}}',
  ];
  for (const parameters of POISON)
    await t.test(`poison: ${parameters}`, async () => {
      const response = await post(
        `{"CmdletInput":{"CmdletName":"Set-OutboundConnector","Parameters":${parameters}}}`,
      );
      assert.ok(response.status === 400 || response.status === 404, response.text);
      assert.equal(typeof response.body.error.message, 'string');
      assert.equal((await post(get)).status, 200);
    });
  await t.test('poison in the envelope and the batch', async () => {
    for (const body of [
      '{"__proto__":{"CmdletInput":{"CmdletName":"Get-OutboundConnector"}}}',
      '{"CmdletInput":{"__proto__":{"CmdletName":"Get-OutboundConnector"}}}',
    ])
      assert.equal((await post(body)).status, 400);
    const batch = await sendRequest(invoke.replace('InvokeCommand', '$batch'), {
      method: 'POST',
      headers: fine,
      body: '{"requests":[{"__proto__":{"id":"1","method":"POST","url":"/InvokeCommand","body":{}}}]}',
    });
    assert.equal(batch.body.responses[0].status, 400);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      assert.equal((await post(command(name))).status, 404);
  });

  await t.test('nesting, breadth and strange scalars', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const texts: readonly (readonly [string, number])[] = [
      [`{"CmdletInput":{"CmdletName":"Get-OutboundConnector","Parameters":{"Identity":${deep}}}}`, 400],
      [deep, 400],
      [`{"a":`.repeat(100_000), 400],
      ['', 400],
      ['null', 400],
      ['"x"', 400],
      ['\u0000', 400],
      ['{"CmdletInput":{"CmdletName":"Get-OutboundConnector","Parameters":{"ResultSize":1e400}}}', 400],
      ['{"CmdletInput":{"CmdletName":"Get-OutboundConnector","Parameters":{"ResultSize":-1}}}', 400],
      ['{"CmdletInput":{"CmdletName":"Get-OutboundConnector","Parameters":{"Identity":"\\ud800"}}}', 404],
    ];
    for (const [text, status] of texts) {
      const response = await post(text);
      assert.equal(response.status, status, `${text.slice(0, 80)}: ${response.text.slice(0, 300)}`);
      assert.equal(typeof response.body.error.message, 'string');
    }
  });

  await t.test('thousands of parameters and values', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`P${n}`, n]));
    const began = performance.now();
    const response = await post(command('Set-OutboundConnector', many));
    assert.equal(response.status, 400);
    assert.ok(response.text.length < 10_000);
    const values = Array.from({ length: 200_000 }, (_, n) => `d${n}.test`);
    const domains = await post(command('New-OutboundConnector', { Name: 'x', RecipientDomains: values }));
    assert.equal(domains.status, 400);
    assert.ok(performance.now() - began < 5_000);
    const long = await post(command('Get-OutboundConnector', { Identity: 'x'.repeat(1_000_000) }));
    assert.ok([400, 404].includes(long.status));
    assert.ok(long.text.length < 100_000, `${long.text.length} characters come back`);
  });

  await t.test('a refusal tells nothing of secrets or of the inside', async () => {
    const response = await post(
      command('New-SubmissionUser', { Name: 'x', Password: 'short7!', Nonsense: 'secret-9' }),
    );
    assert.equal(response.status, 400);
    assert.doesNotMatch(response.text, /short7!|\bat .*\.ts:\d+|node:internal/);
    assert.doesNotMatch(gateway.log(), /short7!|postern_[A-Za-z0-9]{10}/);
  });

  await t.test('request smuggling is refused', async () => {
    const answer = await dialogue(Number(port), [
      'POST /adminapi/cmdlets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ]);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    const long = await dialogue(Number(port), [
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    ]);
    assert.match(long, /^HTTP\/1\.1 431 /);
  });

  await t.test('a token that is nearly right is refused as any other', async () => {
    const near = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const far = `postern_${'A'.repeat(token.length - 8)}`;
    const answers = await Promise.all(
      [near, far].map((wrong) => client.as(`Bearer ${wrong}`).post('Get-OutboundConnector')),
    );
    for (const { status } of answers) assert.ok(status === 401 || status === 429);
  });

  await t.test('a body that comes too slowly is hung up on', { timeout: 60_000 }, async () => {
    const milliseconds = await hungUp;
    clearInterval(drip);
    assert.ok(milliseconds < 40_000, `${milliseconds} ms`);
  });

  await t.test('it still works', async () => {
    const view = client.as(`Bearer ${await tokenOf('view', ['View-Only Organization Management'])}`);
    assert.equal((await view.post('Get-OutboundConnector')).status, 200);
    assert.equal((await sendRequest(`${client.url}/healthz`)).status, 200);
    const polluted: Json = {};
    assert.equal(polluted.polluted, undefined);
  });
});

/** Sends the pieces; resolves with what came until the other side hung up or had answered and fell silent. */
async function dialogue(port: number, pieces: readonly string[]): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.includes('\r\n\r\n')) socket.destroy();
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const piece of pieces) if (!socket.destroyed) socket.write(piece);
  await closed;
  return text;
}
