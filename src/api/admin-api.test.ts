// The wire API over real HTTP, by a client that knows only the shapes of the specification.
import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { widgetCmdlets, widgetServices } from '../../test/support/widget-cmdlets.ts';
import { createInvoke } from '#cmdlets/invoke.ts';
import { createRegistry } from '#cmdlets/registry.ts';
import { unrestrictedSession } from '#cmdlets/session.ts';
import type { Session } from '#cmdlets/session.ts';
import { createAdminApi } from './admin-api.ts';
import type { RequestLine } from './admin-api.ts';
import { createEventHub } from './event-stream.ts';
import { MAX_BODY } from './request-body.ts';
import { createRateLimit } from './rate-limit.ts';
import { guardRequest } from './request-guard.ts';
import type { RequestFacts } from './request-guard.ts';

const services = widgetServices();
const registry = createRegistry(widgetCmdlets);
const events = createEventHub();
const lines: RequestLine[] = [];
let passwordsLookedAt = 0;
const problems: unknown[] = [];
const viewer: Session = {
  user: 'viewer',
  roleGroups: () => [],
  allows: (name) => name === 'Get-Widget' || name === 'Set-Widget',
  allowsParameter: (_cmdlet, name) => name !== 'Colour',
};
const sessions: Readonly<Record<string, Session>> = {
  full: unrestrictedSession('ada'),
  view: viewer,
  busy: unrestrictedSession('busy'),
};
let server: Server;
let port: number;

before(async () => {
  const api = createAdminApi({
    registry,
    invoke: createInvoke(registry, services),
    signIn: {
      byToken: (token) => (Object.hasOwn(sessions, token) ? (sessions[token] ?? null) : null),
      byPassword: async (user, password) => {
        passwordsLookedAt += 1;
        return user === 'ada' && password === 'p:w' ? unrestrictedSession('ada') : null;
      },
    },
    complete: (kind, prefix) => [`${kind}/${prefix}`],
    events,
    version: '1.2.3',
    organization: () => 'contoso.com',
    isTenant: (tenant) => tenant === 'contoso.com',
    isOwnName: (name) => name === 'gateway.contoso.com',
    logRequest: (line) => lines.push(line),
    log: (_message, error) => problems.push(error),
    limits: { requests: 300, failedSignIns: 5 },
  });
  server = createServer((request, response) => {
    if (!api(request, response)) response.writeHead(404).end('not ours');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
after(() => {
  events.close();
  server.close();
  server.closeAllConnections();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: the client takes what comes, as clients do
  readonly body: any;
}

function send(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const all = { authorization: 'Bearer full', 'content-type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: isJson ? JSON.parse(text) : text,
        });
      });
    });
    request.on('error', reject);
    request.end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body));
  });
}

const INVOKE = '/adminapi/beta/contoso.com/InvokeCommand';
const command = (CmdletName: string, Parameters: unknown = {}) => ({
  CmdletInput: { CmdletName, Parameters },
});
const invoke = (name: string, parameters: unknown = {}, headers: Readonly<Record<string, string>> = {}) =>
  send('POST', INVOKE, command(name, parameters), headers);

describe('InvokeCommand', () => {
  test('answers in Exchange’s envelope, with typing sidecars', async () => {
    const { status, body, headers } = await invoke('get-widget', { COUNT: '2' });
    assert.equal(status, 200);
    assert.equal(
      body['@odata.context'],
      `http://127.0.0.1:${port}/adminapi/beta/contoso.com/$metadata#Collection(Exchange.GenericHashTable)`,
    );
    assert.equal(body['adminapi.warnings@odata.type'], '#Collection(String)');
    assert.deepEqual(body['@adminapi.warnings'], []);
    assert.equal(body['@odata.nextLink'], undefined);
    assert.equal(body.value.length, 2);
    assert.deepEqual(body.value[1], {
      Name: 'W1',
      'Number@data.type': 'System.Int32',
      'Number@odata.type': '#Int32',
      Number: 1,
      'Enabled@data.type': 'System.Boolean',
      'Enabled@odata.type': '#Boolean',
      Enabled: true,
      'Tags@odata.type': '#Collection(String)',
      Tags: ['a', 'b'],
      Comment: null,
      'WhenCreated@data.type': 'System.DateTime',
      'WhenCreated@odata.type': '#DateTimeOffset',
      WhenCreated: '2016-05-06T14:30:00.0000000Z',
    });
    assert.match(String(headers['request-id']), /^[0-9a-f-]{36}$/);
    assert.equal(headers['rate-limit-limit'], '300');
    assert.equal(lines.at(-1)?.requestId, headers['request-id']);
  });
  test('takes changes of lists, dates and the envelope in any case', async () => {
    const tags = { '@odata.type': '#Exchange.GenericHashTable', add: ['x'], Remove: 'y' };
    const body = {
      cmdletInput: {
        cmdletname: 'Set-Widget',
        parameters: {
          Identity: 'a',
          Tags: tags,
          'Tags@odata.type': '#x',
          Seen: '2016-05-06 14:30:00z',
          Enabled: 'false',
        },
      },
    };
    assert.equal((await send('POST', INVOKE, body)).status, 200);
    assert.equal(
      services.lines.at(-1),
      "Set-Widget -Identity 'a' -Tags @{add='x'; Remove='y'} -Seen '2016-05-06 14:30:00z' -Enabled 'false'",
    );
  });
  test('warnings and WhatIf come back as warnings', async () => {
    const { body } = await invoke('Set-Widget', { Identity: 'a', Comment: 'warn' });
    assert.deepEqual(body['@adminapi.warnings'], ['Be careful.']);
    const whatIf = await invoke('Set-Widget', { Identity: 'a', WhatIf: true });
    assert.deepEqual(whatIf.body['@adminapi.warnings'], [
      'What if: Performing the operation "Set" on target "a".',
    ]);
  });
  test('Confirm counts as given', async () => {
    assert.equal((await invoke('Remove-Widget', { Identity: 'wired' })).status, 200);
    assert.deepEqual(services.removed, ['wired']);
  });
  test('pages by a link to which the same body is posted', async () => {
    const names: string[] = [];
    let path: string | null = INVOKE;
    let pages = 0;
    while (path !== null) {
      const answer = await send('POST', path, command('Get-Widget', { Count: 25 }), {
        prefer: 'odata.maxpagesize=10',
      });
      names.push(...answer.body.value.map((row: { Name: string }) => row.Name));
      const next: string | undefined = answer.body['@odata.nextLink'];
      path = next === undefined ? null : next.replace(`http://127.0.0.1:${port}`, '');
      pages += 1;
    }
    assert.equal(pages, 3);
    assert.deepEqual(
      names,
      Array.from({ length: 25 }, (_, n) => `W${n}`),
    );
  });
});

describe('errors', () => {
  test('are readable, and where Exchange’s clients look', async () => {
    const { status, body } = await invoke('Get-Widget', { Identity: 'missing' });
    assert.equal(status, 404);
    const text = "The operation couldn't be performed because object 'missing' couldn't be found.";
    assert.equal(body.error.code, 'NotFound');
    assert.equal(body.error.message, text);
    assert.match(
      body.error.details[0].message,
      /^Ex[0-9A-F]{6}\|Microsoft\.Exchange\.Configuration\.Tasks\.ManagementObjectNotFoundException\|The operation/,
    );
    assert.equal(body.error.innererror.internalexception.message, text);
    assert.match(body.error.innererror.internalexception.type, /ManagementObjectNotFoundException$/);
    assert.deepEqual(body['@adminapi.warnings'], []);
  });
  const rows: [string, unknown, number, RegExp, string?][] = [
    ['bad value', command('Set-Widget', { Identity: 'a', Colour: 'Blue' }), 400, /try again: Red, Green/],
    ['unknown parameter', command('Set-Widget', { Identity: 'a', Size: 1 }), 400, /parameter name 'Size'/],
    ['unknown cmdlet', command('Get-Mailbox'), 404, /not recognized.*not part of Postern/],
    [
      'an object of several',
      command('Set-Widget', { Identity: 'a', Comment: 'twice' }),
      404,
      /'second' couldn't be found/,
    ],
    ['no envelope', { CmdletName: 'Get-Widget' }, 400, /CmdletInput/],
    ['no object', [1, 2], 400, /CmdletInput/],
    ['no JSON', '{"CmdletInput":', 400, /not valid JSON/],
    [
      'parameters that are a list',
      { CmdletInput: { CmdletName: 'Get-Widget', Parameters: [] } },
      400,
      /must be an object/,
    ],
    ['deep nesting', command('Set-Widget', { Identity: 'a', Tags: nested(40) }), 400, /nested too deep/],
  ];
  for (const [name, body, status, words] of rows) {
    test(name, async () => {
      const answer = await send('POST', INVOKE, body);
      assert.equal(answer.status, status);
      assert.match(answer.body.error.message, words);
    });
  }
  test('a bug tells nothing but its request', async () => {
    const { status, body } = await invoke('Set-Widget', { Identity: 'a', Comment: 'bug' });
    assert.equal(status, 500);
    assert.doesNotMatch(JSON.stringify(body), /secret detail/);
    assert.ok(problems.some((problem) => problem instanceof TypeError));
  });
  test('names from a client never reach a prototype', async () => {
    const body =
      '{"CmdletInput":{"CmdletName":"Set-Widget","Parameters":{"Identity":"a","__proto__":{"polluted":true}}}}';
    const answer = await send('POST', INVOKE, body);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error.message, /parameter name '__proto__'/);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
  test('a body beyond the limit is refused', async () => {
    const answer = await send('POST', INVOKE, undefined, { 'content-length': String(MAX_BODY + 1) }).catch(
      () => null,
    );
    assert.ok(answer === null || answer.status === 413);
    const long = await send('POST', INVOKE, 'x'.repeat(MAX_BODY + 10)).catch(() => null);
    assert.ok(long === null || long.status === 413);
  });
});

describe('who may', () => {
  test('nobody without signing in', async () => {
    const { status, body, headers } = await invoke('Get-Widget', {}, { authorization: '' });
    assert.equal(status, 401);
    assert.match(String(headers['www-authenticate']), /Bearer realm="Postern", Basic/);
    assert.match(body.error.message, /Sign in/);
  });
  test('a user by password', async () => {
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    assert.equal((await invoke('Get-Widget', {}, basic('ada:p:w'))).status, 200);
    assert.equal((await invoke('Get-Widget', {}, basic('ada:wrong'))).status, 401);
  });
  test('a cmdlet outside one’s roles is 403 with the reason, a parameter does not exist', async () => {
    const view = { authorization: 'Bearer view' };
    const hidden = await invoke('Remove-Widget', { Identity: 'a' }, view);
    assert.equal(hidden.status, 403);
    assert.match(hidden.body.error.message, /Your roles don't hold Remove-Widget/);
    const parameter = await invoke('Set-Widget', { Identity: 'a', Colour: 'Red' }, view);
    assert.equal(parameter.status, 400);
    assert.match(
      parameter.body.error.message,
      /A parameter cannot be found that matches parameter name 'Colour'/,
    );
  });
  test('guessing is slowed down', async () => {
    let last = 0;
    for (let n = 0; n < 8; n++)
      last = (await invoke('Get-Widget', {}, { authorization: 'Bearer guess' })).status;
    assert.equal(last, 429);
    const asked = passwordsLookedAt;
    const basic = { authorization: `Basic ${Buffer.from('ada:p:w').toString('base64')}` };
    assert.equal((await invoke('Get-Widget', {}, basic)).status, 429);
    assert.equal(passwordsLookedAt, asked, 'no password is looked at any more');
    assert.equal((await invoke('Get-Widget')).status, 200, 'tokens still count');
  });
  test('one user’s flood is stopped, with the time to wait', async () => {
    const limit = createRateLimit(2, () => 0);
    assert.ok(limit.take('a').allowed && limit.take('a').allowed && limit.take('b').allowed);
    const refused = limit.take('a');
    assert.deepEqual([refused.allowed, refused.remaining, refused.seconds], [false, 0, 30]);
  });
});

describe('the guard', () => {
  const fine: RequestFacts = {
    method: 'POST',
    encrypted: false,
    remoteAddress: '127.0.0.1',
    host: 'localhost:8025',
    origin: undefined,
    fetchSite: undefined,
    contentType: 'application/json',
  };
  const own = (name: string): boolean => name === 'gateway.contoso.com';
  const rows: [string, Partial<RequestFacts>, number | null][] = [
    ['loopback', {}, null],
    ['loopback in IPv6', { remoteAddress: '::ffff:127.0.0.1', host: '[::1]:8025' }, null],
    ['another machine without TLS', { remoteAddress: '192.0.2.1' }, 403],
    [
      'another machine with TLS',
      { remoteAddress: '192.0.2.1', encrypted: true, host: 'Gateway.Contoso.com' },
      null,
    ],
    ['DNS rebinding', { host: 'evil.example' }, 421],
    ['no host', { host: undefined }, 421],
    ['another site', { origin: 'https://evil.example' }, 403],
    ['another site without Origin', { fetchSite: 'cross-site' }, 403],
    ['a sandboxed page', { origin: 'null' }, 403],
    ['its own page', { origin: 'http://localhost:8025', fetchSite: 'same-origin' }, null],
    ['a form', { contentType: 'text/plain' }, 415],
  ];
  for (const [name, change, status] of rows) {
    test(name, () => {
      assert.equal(guardRequest({ ...fine, ...change }, own)?.status ?? null, status);
    });
  }
  test('stands before everything', async () => {
    assert.equal((await invoke('Get-Widget', {}, { host: 'evil.example' })).status, 421);
    assert.equal((await invoke('Get-Widget', {}, { origin: 'https://evil.example' })).status, 403);
  });
});

describe('routes', () => {
  test('another tenant, another path, another method', async () => {
    assert.equal((await send('POST', '/adminapi/beta/fabrikam.com/InvokeCommand', {})).status, 404);
    assert.equal((await send('POST', '/adminapi/beta/%E0%A4%A/InvokeCommand', {})).status, 404);
    assert.equal((await send('GET', '/adminapi/nothing', undefined)).status, 404);
    assert.equal((await send('GET', INVOKE, undefined)).status, 405);
    assert.equal((await send('GET', '/other', undefined)).body, 'not ours');
    assert.equal(
      (await send('POST', '/AdminApi/Beta/CONTOSO.com/invokecommand', command('Get-Widget'))).status,
      200,
    );
  });
  test('$batch answers each request, in order', async () => {
    const requests = [
      { id: 'a', method: 'POST', url: '/InvokeCommand', body: command('Get-Widget') },
      {
        id: 'b',
        method: 'POST',
        url: 'https://x/adminapi/beta/contoso.com/InvokeCommand',
        body: command('Get-Nothing'),
      },
      { id: 'c', method: 'GET', url: '/InvokeCommand', body: {} },
    ];
    const { status, body } = await send('POST', '/adminapi/beta/contoso.com/$batch', { requests });
    assert.equal(status, 200);
    assert.deepEqual(
      body.responses.map((response: { id: string; status: number }) => [response.id, response.status]),
      [
        ['a', 200],
        ['b', 404],
        ['3', 400],
      ],
    );
    assert.equal(body.responses[0].body.value.length, 1);
    const many = Array.from({ length: 11 }, (_, n) => ({ ...requests[0], id: `${n}` }));
    const refused = await send('POST', '/adminapi/beta/contoso.com/$batch', { requests: many });
    assert.equal(refused.status, 400);
    assert.match(refused.body.error.message, /at most 10 requests; this one has 11/);
  });
  test('metadata, completion and OpenAPI show what the session may use', async () => {
    const view = { authorization: 'Bearer view' };
    const names = (await send('GET', '/adminapi/cmdlets', undefined, view)).body.value.map(
      (metadata: { name: string }) => metadata.name,
    );
    assert.deepEqual(names, ['Get-Widget', 'Set-Widget']);
    const { body } = await send('GET', '/adminapi/openapi.json', undefined, view);
    assert.equal(body.openapi, '3.1.0');
    const { schemas } = body.components;
    assert.equal(schemas['Remove-Widget'], undefined);
    const set = schemas['Set-Widget'].properties.CmdletInput.properties.Parameters;
    assert.deepEqual(set.required, ['Identity']);
    assert.equal(set.properties.Colour, undefined);
    assert.ok(set.properties.WhatIf && set.properties.ErrorAction);
    const completed = await send('GET', '/adminapi/completions?kind=Widget&prefix=W', undefined);
    assert.deepEqual(completed.body.value, ['Widget/W']);
    const refused = await send('GET', '/adminapi/completions?kind=Other&prefix=W', undefined, view);
    assert.deepEqual(refused.body.value, []);
  });
});

describe('events', () => {
  function listen(headers: Readonly<Record<string, string>>, wanted: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port,
          path: '/adminapi/events',
          headers: { authorization: 'Bearer view', ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            if (text === '') events.publish({ type: 'change', cmdlet: 'Get-Widget', data: { name: 'live' } });
            text += chunk.toString();
            if (!wanted.test(text)) return;
            request.destroy();
            resolve(text);
          });
        },
      );
      request.on('error', (error) => (request.destroyed ? undefined : reject(error)));
      request.end();
    });
  }

  test('come as they happen, those that one may see, and again after a break', async () => {
    events.publish({ type: 'change', cmdlet: 'Remove-Widget', data: { name: 'hidden' } });
    events.publish({ type: 'trace', cmdlet: 'Get-Widget', data: { name: 'earlier' } });
    const live = await listen({}, /live/);
    assert.match(live, /id: 3\nevent: change\ndata: \{"name":"live"\}\n\n/);
    assert.doesNotMatch(live, /hidden|earlier/);
    const again = await listen({ 'last-event-id': '0' }, /live/);
    assert.match(again, /event: trace\ndata: \{"name":"earlier"\}/);
    assert.doesNotMatch(again, /hidden/);
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)];
}
