// What wraps the cmdlets on the wire, against a running gateway: paging, $batch, warnings, typing, errors, sign-in, limits
// and the description of it all. By a client that knows the specification alone.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import {
  command,
  createWireClient,
  type Json,
  sendRequest,
  sidecarProblems,
  withoutSidecars,
} from '../support/wire-client.ts';
import { startWireGateway, type WireGateway } from '../support/wire-gateway.ts';

/** A gateway of the test's own, with a token of Organization Management. */
function withGateway(name: string, run: (t: TestContext, wire: WireGateway) => Promise<void>): void {
  test(name, async (t) => run(t, await startWireGateway(t)));
}

const details = (body: Json): string => body.error.details[0].message;
const inner = (body: Json): Json => body.error.innererror.internalexception;

function assertErrorShape(body: Json, words: RegExp): void {
  assert.match(body.error.message, words);
  assert.equal(typeof body.error.code, 'string');
  assert.match(details(body), /^Ex[0-9A-F]{6}\|[A-Za-z.]+\|/);
  assert.ok(details(body).endsWith(body.error.message));
  assert.equal(inner(body).message, body.error.message);
  assert.match(inner(body).type, /^[A-Za-z]+(?:\.[A-Za-z]+)+$/);
  assert.deepEqual(body['@adminapi.warnings'], []);
  assert.equal(body['adminapi.warnings@odata.type'], '#Collection(String)');
}

withGateway('values and their types, pages, warnings, batches', async (t, { client, gateway, tokenOf }) => {
  for (let n = 0; n < 25; n += 1)
    await gateway.run('New-OutboundConnector', {
      Name: `Partner ${String(n).padStart(2, '0')}`,
      RecipientDomains: [`d${n}.test`],
    });
  await t.test('an object has its types beside it', async () => {
    const { status, body, headers } = await client.post('Get-OutboundConnector', { Identity: 'Partner 00' });
    assert.equal(status, 200);
    assert.match(body['@odata.context'], /\/adminapi\/beta\/[^/]+\/\$metadata#/);
    const [object] = body.value;
    assert.deepEqual(sidecarProblems(object), []);
    assert.equal(object['Enabled@data.type'], 'System.Boolean');
    assert.equal(object['Enabled@odata.type'], '#Boolean');
    assert.equal(object['RecipientDomains@odata.type'], '#Collection(String)');
    assert.equal(object['WhenCreated@data.type'], 'System.DateTime');
    assert.match(object.WhenCreated, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}/);
    assert.equal(object['Guid@data.type'], 'System.Guid');
    assert.equal(object['Name@data.type'], undefined);
    assert.match(String(headers['request-id']), /^[0-9a-f-]{36}$/);
    assert.equal(headers['rate-limit-limit'], '600');
    assert.ok(Number(headers['rate-limit-remaining']) < 600);
    assert.match(String(headers['rate-limit-reset']), /^\d+$/);
    assert.equal(headers['cache-control'], 'no-store');
  });
  await t.test('pages end where the objects end, and hold each once', async () => {
    const names: string[] = [];
    let pages = 0;
    let next: string | undefined = `${client.url}/adminapi/beta/${client.tenant}/InvokeCommand`;
    const token = await tokenOf('pages', ['View-Only Organization Management']);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      prefer: 'odata.maxpagesize=10',
    };
    while (next !== undefined) {
      const body = command('Get-OutboundConnector', { ResultSize: 'Unlimited' });
      const answer: Json = (await sendRequest(next, { method: 'POST', headers, body })).body;
      names.push(...answer.value.map((object: Json) => object.Name));
      next = answer['@odata.nextLink'];
      pages += 1;
    }
    assert.equal(pages, 3);
    assert.equal(new Set(names).size, 25);
    assert.equal((await client.run('Get-OutboundConnector', {}, 25)).length, 25);
  });
  await t.test('a cmdlet that changes something runs once, whatever page is asked for', async () => {
    const response = await client.post(
      'New-OutboundConnector',
      { Name: 'Once', RecipientDomains: ['once.test'] },
      { prefer: 'odata.maxpagesize=1' },
    );
    assert.equal(response.status, 200);
    assert.equal(response.body['@odata.nextLink'], undefined);
  });
  await t.test('warnings, WhatIf and Confirm', async () => {
    const idle = await client.post('Set-OutboundConnector', { Identity: 'Once', Enabled: true });
    assert.deepEqual(idle.body['@adminapi.warnings'], [
      "The command completed successfully but no settings of 'Once' have been modified.",
    ]);
    const whatIf = await client.post('Remove-OutboundConnector', { Identity: 'Once', WhatIf: true });
    assert.equal(whatIf.status, 200);
    assert.match(whatIf.body['@adminapi.warnings'][0], /^What if: /);
    assert.equal((await client.run('Get-OutboundConnector', { Identity: 'Once' })).length, 1);
    assert.equal((await client.post('Remove-OutboundConnector', { Identity: 'Once' })).status, 200);
    assert.equal((await client.post('Get-OutboundConnector', { Identity: 'Once' })).status, 404);
    await client.run('New-OutboundConnector', {
      Name: 'Draft',
      RecipientDomains: ['draft.test'],
      TestMode: true,
    });
    const left = await client.post('Get-OutboundConnector');
    assert.deepEqual(left.body['@adminapi.warnings'], [
      'There is at least one test mode connector which is not included in the result. Please use -IncludeTestModeConnectors to view test mode connectors.',
    ]);
  });
  await t.test('$batch: ten, in order, each with its own answer', async () => {
    const url = `/adminapi/beta/${client.tenant}/InvokeCommand`;
    const one = (id: string, cmdlet: string, parameters: Json = {}): Json => ({
      id,
      method: 'POST',
      url,
      body: command(cmdlet, parameters),
    });
    const { status, body } = await client.batch([
      one('make', 'New-AcceptedDomain', { Name: 'B', DomainName: 'b.test' }),
      one('again', 'New-AcceptedDomain', { Name: 'B', DomainName: 'b.test' }),
      one('get', 'Get-AcceptedDomain', { Identity: 'B' }),
      one('gone', 'Get-AcceptedDomain', { Identity: 'C' }),
      one('drop', 'Remove-AcceptedDomain', { Identity: 'B' }),
    ]);
    assert.equal(status, 200);
    assert.deepEqual(
      body.responses.map((each: Json) => [each.id, each.status]),
      [
        ['make', 200],
        ['again', 400],
        ['get', 200],
        ['gone', 404],
        ['drop', 200],
      ],
    );
    assert.equal(withoutSidecars(body.responses[2].body.value[0]).DomainName, 'b.test');
    assertErrorShape(body.responses[3].body, /couldn't be found/);
    const eleven = Array.from({ length: 11 }, (_, n) => one(String(n), 'Get-AcceptedDomain'));
    const refused = await client.batch(eleven);
    assert.equal(refused.status, 400);
    assertErrorShape(refused.body, /at most 10/);
    const twice = await client.batch([one('a', 'Get-AcceptedDomain'), one('a', 'Get-AcceptedDomain')]);
    assert.equal(twice.status, 400);
  });
  await t.test('the tenant is a name, a domain or the GUID, in any case', async () => {
    const [organization] = await client.run('Get-OrganizationConfig');
    await client.run('New-AcceptedDomain', { Name: 'Fabrikam', DomainName: 'fabrikam.test' });
    const token = await tokenOf('t', ['Help Desk']);
    const authorization = `Bearer ${token}`;
    for (const tenant of [organization.Guid, organization.Name.toUpperCase(), 'Fabrikam.Test']) {
      const other = createWireClient({ url: client.url, tenant, authorization });
      assert.equal((await other.post('Get-MessageTraceV2')).status, 200, tenant);
    }
    for (const tenant of ['woodgrove.test', '..', '%00', 'a'.repeat(300)]) {
      const other = createWireClient({ url: client.url, tenant, authorization });
      const refused = await other.post('Get-MessageTraceV2');
      assert.equal(refused.status, 404, tenant);
    }
  });
});

withGateway('errors of every kind have the shape that clients read', async (t, { client, tokenOf }) => {
  const rows: readonly (readonly [string, Json, number, RegExp])[] = [
    ['no such object', ['Get-OutboundConnector', { Identity: 'x' }], 404, /object 'x' couldn't be found/],
    ['no such parameter', ['Get-OutboundConnector', { Colour: 1 }], 400, /parameter name 'Colour'/],
    ['no such cmdlet', ['Get-Mailbox'], 404, /'Get-Mailbox' is not recognized/],
    ['null Identity', ['Get-OutboundConnector', { Identity: null }], 400, /Identity.*null/],
    [
      'bad enumeration',
      ['Set-OutboundConnector', { Identity: 'x', TlsSettings: 'Some' }],
      400,
      /EncryptionOnly, CertificateValidation, DomainValidation/,
    ],
    ['bad boolean', ['New-OutboundConnector', { Name: 'x', Enabled: 'perhaps' }], 400, /Boolean/],
    ['list for one', ['New-OutboundConnector', { Name: ['x', 'y'] }], 400, /Name/],
    ['table for a text', ['New-OutboundConnector', { Name: { a: 1 } }], 400, /Name/],
    ['missing mandatory', ['Set-OutboundConnector', { Enabled: true }], 400, /Identity/],
    [
      'a rule of the object',
      ['New-OutboundConnector', { Name: 'x', UseMXRecord: false, RecipientDomains: ['*'] }],
      400,
      /SmartHosts/,
    ],
  ];
  for (const [name, [cmdlet, parameters], status, words] of rows)
    await t.test(name, async () => {
      const response = await client.post(cmdlet, parameters);
      assert.equal(response.status, status, response.text);
      assertErrorShape(response.body, words);
    });
  await t.test('401 and 403', async () => {
    for (const authorization of ['Bearer postern_wrong', 'Bearer', 'Basic eHg6eQ==', 'Digest x', 'x']) {
      const response = await client.as(authorization).post('Get-OutboundConnector');
      assert.equal(response.status, 401, authorization);
      assertErrorShape(response.body, /[Ss]ign in|not valid/);
      assert.match(String(response.headers['www-authenticate']), /^Bearer /);
    }
    const desk = client.as(`Bearer ${await tokenOf('desk', ['Help Desk'])}`);
    const response = await desk.post('Set-OutboundConnector', { Identity: 'x' });
    assert.equal(response.status, 403);
    assertErrorShape(response.body, /Your roles don't hold Set-OutboundConnector/);
  });
  await t.test('paths and methods', async () => {
    const missing = await client.get('/adminapi/nothing');
    assert.equal(missing.status, 404);
    assertErrorShape(missing.body, /nothing at/);
    const method = await client.get(`/adminapi/beta/${client.tenant}/InvokeCommand`);
    assert.equal(method.status, 405);
    assertErrorShape(method.body, /POST/);
  });
});

withGateway('tokens: shown once, revoked at once, bound to their role groups', async (_t, wire) => {
  const { client, gateway, tokenOf } = wire;
  const token = await tokenOf('short', ['View-Only Organization Management']);
  const view = client.as(`Bearer ${token}`);
  assert.equal((await view.post('Get-OutboundConnector')).status, 200);
  assert.equal((await view.post('New-OutboundConnector', { Name: 'x' })).status, 403);
  // One octet off, longer, shorter, another case: nobody.
  const last = token.at(-1) === 'A' ? 'B' : 'A';
  for (const wrong of [token.slice(0, -1) + last, `${token}A`, token.slice(0, -1), token.toLowerCase()])
    if (wrong !== token)
      assert.equal((await client.as(`Bearer ${wrong}`).post('Get-OutboundConnector')).status, 401);
  await client.run('Remove-AccessToken', { Identity: 'short' });
  assert.equal((await view.post('Get-OutboundConnector')).status, 401);
  await client.run('New-SubmissionUser', { Name: 'ada@contoso.test', Password: 'correct horse' });
  const ada = client.as(`Basic ${Buffer.from('ada@contoso.test:correct horse').toString('base64')}`);
  assert.equal((await ada.post('Get-OutboundConnector')).status, 401, 'a user without a role group');
  await client.run('Add-RoleGroupMember', { Identity: 'Help Desk', Member: 'ada@contoso.test' });
  assert.equal((await ada.post('Get-MessageTraceV2')).status, 200);
  assert.equal((await ada.post('Get-OutboundConnector')).status, 403);
  const kept = await gateway.run('Get-AccessToken');
  assert.doesNotMatch(
    JSON.stringify(kept.objects.map((object) => [...object.properties.entries()])),
    /postern_/,
  );
});

describe('limits', () => {
  test('failed sign-ins of an address are slowed down; good tokens still count', async (t) => {
    const { client } = await startWireGateway(t);
    const guesser = client.as('Bearer postern_guess');
    const statuses = new Set<number>();
    let last = await guesser.post('Get-OutboundConnector');
    for (let n = 0; n < 25 && last.status !== 429; n += 1) {
      statuses.add(last.status);
      last = await guesser.post('Get-OutboundConnector');
    }
    assert.equal(last.status, 429);
    assert.deepEqual([...statuses], [401]);
    assert.match(String(last.headers['retry-after']), /^\d+$/);
    assertErrorShape(last.body, /Too many failed sign-ins/);
    assert.equal((await client.post('Get-OutboundConnector')).status, 200);
  });
  test('600 requests a minute', async (t) => {
    const { client } = await startWireGateway(t);
    let refused = 0;
    for (let round = 0; round < 13 && refused === 0; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => client.get('/adminapi/completions')),
      );
      refused = answers.filter(({ status }) => status === 429).length;
      assert.ok(answers.every(({ status }) => status === 200 || status === 429));
    }
    assert.ok(refused > 0);
    const last = await client.get('/adminapi/cmdlets');
    if (last.status === 429) {
      assert.match(String(last.headers['retry-after']), /^\d+$/);
      assert.equal(last.headers['rate-limit-remaining'], '0');
    }
  });
});

describe('openapi.json', () => {
  let document: Json;
  let metadata: Json;
  test('is valid OpenAPI 3.1 and describes every cmdlet and parameter', async (t) => {
    const { client, tokenOf } = await startWireGateway(t);
    document = (await client.get('/adminapi/openapi.json')).body;
    metadata = (await client.get('/adminapi/cmdlets')).body.value;
    assert.deepEqual(openApiProblems(document), []);
    for (const cmdlet of metadata) {
      const schema = document.components.schemas[cmdlet.name];
      assert.ok(schema, cmdlet.name);
      const { Parameters } = schema.properties.CmdletInput.properties;
      for (const parameter of cmdlet.parameters) {
        assert.ok(Parameters.properties[parameter.name], `${cmdlet.name} -${parameter.name}`);
        assert.equal(
          Parameters.required?.includes(parameter.name) ?? false,
          parameter.mandatory,
          `${cmdlet.name} -${parameter.name}`,
        );
        if (parameter.values.length > 0 && !parameter.isList)
          assert.match(
            JSON.stringify(Parameters.properties[parameter.name]),
            new RegExp(parameter.values.join('.*')),
          );
      }
    }
    const desk = client.as(`Bearer ${await tokenOf('desk', ['Help Desk'])}`);
    const less = (await desk.get('/adminapi/openapi.json')).body;
    assert.deepEqual(openApiProblems(less), []);
    assert.equal(less.components.schemas['Set-OutboundConnector'], undefined);
    assert.ok(less.components.schemas['Get-MessageTraceV2']);
  });
});

/** What the OpenAPI 3.1 specification demands of what is used here; references resolve, operations are unique. */
function openApiProblems(document: Json): readonly string[] {
  const problems: string[] = [];
  const need = (holds: boolean, what: string): void => void (holds || problems.push(what));
  need(/^3\.1\.\d+$/.test(document.openapi), 'openapi');
  need(typeof document.info?.title === 'string' && typeof document.info?.version === 'string', 'info');
  const operations = new Set<string>();
  for (const [path, item] of Object.entries<Json>(document.paths ?? {})) {
    need(path.startsWith('/'), `path ${path}`);
    const templated = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
    for (const method of ['get', 'post']) {
      const operation = item[method];
      if (!operation) continue;
      need(!operations.has(operation.operationId), `operationId ${operation.operationId}`);
      operations.add(operation.operationId);
      need(Object.keys(operation.responses ?? {}).length > 0, `${path} responses`);
      for (const [status, response] of Object.entries<Json>(operation.responses ?? {})) {
        need(/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status), `${path} ${status}`);
        need(typeof response.description === 'string' || '$ref' in response, `${path} ${status} description`);
      }
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      for (const parameter of parameters) {
        need(
          ['query', 'header', 'path', 'cookie'].includes(parameter.in),
          `${path} parameter ${parameter.name}`,
        );
        need(parameter.in !== 'path' || parameter.required === true, `${path} ${parameter.name} required`);
        need('schema' in parameter || 'content' in parameter, `${path} ${parameter.name} schema`);
      }
      for (const name of templated)
        need(
          parameters.some((parameter: Json) => parameter.in === 'path' && parameter.name === name),
          `${path} {${name}}`,
        );
    }
  }
  for (const scheme of (document.security ?? []).flatMap((each: Json) => Object.keys(each)))
    need(Boolean(document.components?.securitySchemes?.[scheme]), `security ${scheme}`);
  for (const name of Object.keys(document.components?.schemas ?? {}))
    need(/^[a-zA-Z0-9._-]+$/.test(name), `schema name ${name}`);
  visit(document, '#', (node, where) => {
    if (typeof node.$ref === 'string') need(resolves(document, node.$ref), `${where} ${node.$ref}`);
  });
  for (const [name, schema] of Object.entries<Json>(document.components?.schemas ?? {}))
    schemaProblems(schema, name, problems);
  return problems;
}

const JSON_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];

/** JSON Schema 2020-12, the keywords that occur. */
function schemaProblems(schema: Json, where: string, problems: string[]): void {
  const need = (holds: boolean, what: string): void => void (holds || problems.push(`${where}: ${what}`));
  if (typeof schema === 'boolean') return;
  need(typeof schema === 'object' && schema !== null && !Array.isArray(schema), 'no schema');
  for (const type of [schema.type ?? []].flat()) need(JSON_TYPES.includes(type), `type ${type}`);
  need(schema.nullable === undefined, 'nullable is of OpenAPI 3.0');
  if (schema.enum !== undefined) need(Array.isArray(schema.enum) && schema.enum.length > 0, 'enum');
  if (schema.required !== undefined)
    need(
      Array.isArray(schema.required) && new Set(schema.required).size === schema.required.length,
      'required',
    );
  if (schema.pattern !== undefined) need(isPattern(schema.pattern), `pattern ${schema.pattern}`);
  for (const [name, property] of Object.entries<Json>(schema.properties ?? {}))
    schemaProblems(property, `${where}.${name}`, problems);
  for (const [index, part] of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].entries())
    schemaProblems(part, `${where}|${index}`, problems);
  for (const key of ['items', 'additionalProperties'])
    if (schema[key] !== undefined) schemaProblems(schema[key], `${where}/${key}`, problems);
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

function visit(node: Json, where: string, look: (node: Json, where: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  look(node, where);
  for (const [key, value] of Object.entries(node)) visit(value, `${where}/${key}`, look);
}

function resolves(document: Json, reference: string): boolean {
  let node = document;
  for (const part of reference.replace(/^#\//, '').split('/')) node = node?.[part];
  return node !== undefined && reference.startsWith('#/');
}
