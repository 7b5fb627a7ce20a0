// docs/reference/openapi.json: the mounted operations as an OpenAPI 3.1 document.

import type { Json, JsonObject } from '../../src/lib/json.ts';
import { statusText } from '../../src/protocol/api-error.ts';
import type { MountedRoute } from './mounted.ts';
import { type Operation, PARAMETERS } from './operations.ts';

export function openApiDocument(routes: readonly MountedRoute[], version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { operation, port, bucket, path } of routes) {
    if (!operation) continue;
    paths[path] = {
      ...paths[path],
      [operation.method.toLowerCase()]: toOperation(operation, { port, bucket }),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bia',
      version,
      description:
        'An identity server that speaks the Ory Kratos protocol. Operations with x-bia-port "admin" are answered on the admin port only.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'http://127.0.0.1:4433', description: 'Public port' },
      { url: 'http://127.0.0.1:4434', description: 'Admin port' },
    ],
    paths,
    components: { schemas: { errorEnvelope: ERROR_ENVELOPE }, responses: { error: ERROR_RESPONSE } },
  };
}

function toOperation(
  operation: Operation,
  { port, bucket }: Pick<MountedRoute, 'port' | 'bucket'>,
): JsonObject {
  const parameters = [...inPath(operation.path), ...inQuery(operation)];
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    'x-bia-port': port,
    ...(bucket ? { 'x-bia-ratelimit-bucket': bucket } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: {
      ...Object.fromEntries(
        [...operation.statuses].sort().map((status) => [String(status), response(status)]),
      ),
      default: { $ref: '#/components/responses/error' },
    },
  };
}

/** A refused form is answered with 400 too, so that status may be a flow or an error. */
function response(status: number): JsonObject {
  if (status >= 400 && status !== 400) return { $ref: '#/components/responses/error' };
  return { description: statusText(status) === 'Error' ? (TEXT[status] ?? '') : statusText(status) };
}

const TEXT: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  303: 'See Other',
};

function inPath(path: string): readonly JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: describe(name),
    schema: { type: 'string' },
  }));
}

function inQuery({ query = [] }: Operation): readonly JsonObject[] {
  return query.map((name) => ({
    name,
    in: 'query',
    description: describe(name),
    schema: { type: 'string' },
  }));
}

function describe(name: string): string {
  const text = PARAMETERS[name];
  if (text === undefined) throw new Error(`parameter ${name} has no description in operations.ts`);
  return text;
}

const text = (description: string): JsonObject => ({ type: 'string', description });

const ERROR_ENVELOPE: JsonObject = {
  type: 'object',
  description: 'What every error looks like. See errors.md for the ids.',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        id: text('Stable id; absent where the protocol has none.'),
        code: { type: 'integer', description: 'Status.' },
        status: text('Status in words.'),
        request: text('The X-Request-ID that the client sent.'),
        reason: text('Why, in this case.'),
        message: text('What went wrong in general.'),
        details: { type: 'object', description: 'Facts for programs.' },
      },
    },
    redirect_browser_to: text('Address to open in the browser.'),
    use_flow_id: text('Flow that takes the place of an expired one.'),
  },
};

const ERROR_RESPONSE: JsonObject = {
  description: 'An error',
  headers: { 'Ory-Error-Id': { description: 'The id once more, or empty.', schema: { type: 'string' } } },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/errorEnvelope' } } },
};
