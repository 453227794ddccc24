// The wire API as an OpenAPI 3.1 document, made from the cmdlets' declarations: each cmdlet that the session may use is
// one shape that InvokeCommand takes. What is hidden from the session isn't in it.
import { commonParameters, shouldProcessParameters } from '#parameters/common-parameters.ts';
import type { AnyParameter } from '#parameters/parameter-declaration.ts';
import type { Cmdlet } from '#cmdlets/cmdlet.ts';
import type { Session } from '#cmdlets/session.ts';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiParts {
  readonly version: string;
  readonly organization: string;
}

export function openApiDocument<S>(
  cmdlets: readonly Cmdlet<S>[],
  session: Session,
  parts: OpenApiParts,
): Json {
  const visible = cmdlets.filter(({ name }) => session.allows(name));
  const inputs = visible.map((cmdlet) => [cmdlet.name, commandSchema(cmdlet, session)] as const);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern administration',
      version: parts.version,
      description: 'Every cmdlet of Postern, in the envelope that Exchange Online uses.',
    },
    security: [{ token: [] }, { password: [] }],
    paths: {
      '/adminapi/beta/{tenant}/InvokeCommand': {
        parameters: [tenantParameter(parts.organization)],
        post: {
          operationId: 'InvokeCommand',
          summary: 'Runs one cmdlet.',
          parameters: [PREFER, SKIP],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Command' } } },
          },
          responses: { 200: answer('Result'), default: answer('Error') },
        },
      },
      '/adminapi/beta/{tenant}/$batch': {
        parameters: [tenantParameter(parts.organization)],
        post: {
          operationId: 'Batch',
          summary: 'Runs up to ten cmdlets, one after the other.',
          requestBody: { required: true, content: { 'application/json': { schema: BATCH } } },
          responses: { 200: { description: 'One answer for each request.' }, default: answer('Error') },
        },
      },
      '/adminapi/cmdlets': get('Cmdlets', 'What is known about the cmdlets that you may use.'),
      '/adminapi/completions': get('Completions', 'Names of objects of a `kind` that start with `prefix`.'),
      '/adminapi/events': get('Events', 'Changes and traces as server-sent events.'),
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of New-AccessToken.' },
        password: { type: 'http', scheme: 'basic', description: 'A submission user who is in a role group.' },
      },
      schemas: {
        ...Object.fromEntries(inputs),
        Command: { oneOf: inputs.map(([name]) => ({ $ref: `#/components/schemas/${name}` })) },
        Result: RESULT,
        Error: ERROR,
      },
    },
  };
}

function commandSchema<S>({ name, metadata, parameters }: Cmdlet<S>, session: Session): Json {
  const own = Object.entries(parameters).filter(([parameter]) => session.allowsParameter(name, parameter));
  const shared = Object.entries({
    ...(metadata.supportsShouldProcess ? shouldProcessParameters : {}),
    ...commonParameters,
  });
  const required = own.filter(([, { mandatory }]) => mandatory).map(([parameter]) => parameter);
  return {
    type: 'object',
    title: name,
    description: metadata.synopsis,
    required: ['CmdletInput'],
    properties: {
      CmdletInput: {
        type: 'object',
        required: required.length > 0 ? ['CmdletName', 'Parameters'] : ['CmdletName'],
        properties: {
          CmdletName: { const: name },
          Parameters: {
            type: 'object',
            ...(required.length > 0 ? { required } : {}),
            properties: Object.fromEntries(
              [...own, ...shared].map(([key, value]) => [key, parameterSchema(value)]),
            ),
            additionalProperties: false,
          },
        },
      },
    },
  };
}

function parameterSchema({ type, options, default: given }: AnyParameter): Json {
  const printed = given && type.print(given.value);
  const isPlain = printed !== null && ['string', 'number', 'boolean'].includes(typeof printed);
  return { ...type.schema, description: options.help, ...(isPlain ? { default: printed } : {}) };
}

function tenantParameter(organization: string): Json {
  const description = "The organization's name, one of its domains, or its GUID.";
  return {
    name: 'tenant',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description,
    example: organization,
  };
}

function get(operationId: string, summary: string): Json {
  return {
    get: { operationId, summary, responses: { 200: { description: summary }, default: answer('Error') } },
  };
}

function answer(schema: string): Json {
  return {
    description: schema === 'Error' ? 'What is wrong, and how to put it right.' : 'What the cmdlet returned.',
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

const PREFER = {
  name: 'Prefer',
  in: 'header',
  schema: { type: 'string' },
  description: 'odata.maxpagesize=N: how many objects a page has.',
};
const SKIP = {
  name: '$skiptoken',
  in: 'query',
  schema: { type: 'string' },
  description: 'Part of @odata.nextLink: post the same body to it.',
};
const WARNINGS = {
  'adminapi.warnings@odata.type': { type: 'string' },
  '@adminapi.warnings': { type: 'array', items: { type: 'string' } },
};
const BATCH = {
  type: 'object',
  required: ['requests'],
  properties: {
    requests: {
      type: 'array',
      maxItems: 10,
      items: {
        type: 'object',
        required: ['id', 'method', 'url', 'body'],
        properties: {
          id: { type: 'string' },
          method: { const: 'POST' },
          url: { type: 'string' },
          headers: { type: 'object' },
          body: { $ref: '#/components/schemas/Command' },
        },
      },
    },
  },
};
const RESULT = {
  type: 'object',
  required: ['@odata.context', '@adminapi.warnings', 'value'],
  properties: {
    '@odata.context': { type: 'string' },
    '@odata.nextLink': { type: 'string' },
    ...WARNINGS,
    value: { type: 'array' },
  },
};
const ERROR = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'details', 'innererror'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        target: { type: 'string', description: 'The parameter at fault.' },
        details: { type: 'array' },
        innererror: { type: 'object' },
      },
    },
    ...WARNINGS,
  },
};
