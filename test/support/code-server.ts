// A server whose people have addresses for codes, and a look into what it would send them.
import assert from 'node:assert/strict';
import type { JsonObject } from '../../src/lib/json.ts';
import { type DatabaseName, freshDatabase } from './databases.ts';
import { type FlowJson, json } from './flow-json.ts';
import { createNativeApp, type NativeApp } from './native-app.ts';
import { schemaUrl, startServer, type TestScope, type TestServer } from './server.ts';

export interface CodeServer extends TestServer {
  /** Codes sent to an address, newest first. */
  readonly codesTo: (address: string) => Promise<readonly string[]>;
  /** The newest one; fails where none was sent. */
  readonly codeTo: (address: string) => Promise<string>;
  /** How many messages there are for anybody. */
  readonly messageCount: () => Promise<number>;
  /** An account that an administrator makes; returns its id. */
  readonly person: (traits: JsonObject, more?: JsonObject) => Promise<string>;
}

export interface CodeServerOptions {
  readonly database?: DatabaseName;
  /** Of `selfservice.methods.code`. */
  readonly code?: JsonObject;
  /** Laid over everything else. */
  readonly config?: JsonObject;
}

const identifies = (credentials: JsonObject, via: string): JsonObject => ({
  'ory.sh/kratos': { credentials, verification: { via }, ...(via === 'email' ? { recovery: { via } } : {}) },
});

const CONTACT_SCHEMA: JsonObject = {
  $id: 'https://schemas.example.org/contact.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          ...identifies(
            { password: { identifier: true }, code: { identifier: true, via: 'email' } },
            'email',
          ),
        },
        phone: {
          type: 'string',
          format: 'tel',
          title: 'Phone',
          ...identifies({ code: { identifier: true, via: 'sms' } }, 'sms'),
        },
        name: { type: 'string', title: 'Name', maxLength: 40 },
      },
      additionalProperties: false,
    },
  },
};

/** Here an address signs in with a password and can be verified, and receives no codes by the schema. */
const PLAIN_SCHEMA: JsonObject = {
  $id: 'https://schemas.example.org/plain.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          ...identifies({ password: { identifier: true } }, 'email'),
        },
      },
      additionalProperties: false,
    },
  },
};

export async function startCodeServer(
  scope: TestScope,
  { database = 'sqlite memory', code = { passwordless_enabled: true }, config = {} }: CodeServerOptions = {},
): Promise<CodeServer> {
  const fresh = await freshDatabase(database);
  const { selfservice = {}, ...others } = config as { readonly selfservice?: JsonObject } & JsonObject;
  const { methods = {}, flows = {} } = selfservice as {
    readonly methods?: JsonObject;
    readonly flows?: JsonObject;
  };
  const server = await startServer(scope, {
    dsn: fresh.dsn,
    config: {
      identity: {
        default_schema_id: 'contact',
        schemas: [
          { id: 'contact', url: schemaUrl(CONTACT_SCHEMA) },
          { id: 'plain', url: schemaUrl(PLAIN_SCHEMA) },
        ],
      },
      // Nobody listens there: the queue is enough for tests that do not send.
      courier: { channels: smsChannels('http://127.0.0.1:9/sms') },
      ...others,
      selfservice: {
        ...selfservice,
        methods: { code, ...methods },
        flows: { registration: { after: { code: { hooks: [{ hook: 'session' }] } } }, ...flows },
      },
    },
  });
  scope.after(fresh.remove);
  const { messages } = server.bia.database.stores;
  const codesTo = async (recipient: string): Promise<readonly string[]> => {
    const sent = await messages.list({ recipient, limit: 100 });
    return sent.map(({ body }) => /(?<!\d)\d{6}(?!\d)/.exec(body)?.[0] ?? '');
  };
  return {
    ...server,
    codesTo,
    codeTo: async (address) => {
      const [code] = await codesTo(address);
      assert.ok(code, `nothing was sent to ${address}`);
      return code;
    },
    messageCount: async () => (await messages.list({ limit: 1_000 })).length,
    person: async (traits, more = {}) => {
      const body = JSON.stringify({ schema_id: 'contact', traits, ...more });
      const headers = { 'content-type': 'application/json' };
      const made = await server.askAdmin('POST', '/admin/identities', { headers, body });
      return (await json<{ readonly id: string }>(made, 201)).id;
    },
  };
}

/** Text messages are posted to a service, as recipient and text. */
export const smsChannels = (url: string): readonly JsonObject[] => {
  const body = Buffer.from('function(ctx) { to: ctx.recipient, text: ctx.body }').toString('base64');
  return [{ id: 'sms', type: 'http', request_config: { url, method: 'POST', body: `base64://${body}` } }];
};

export interface CodeVisitor extends NativeApp {
  /** Asks for a code; the flow waits for it then. */
  readonly askForCode: (identifier: string) => Promise<FlowJson>;
  /** Signs in by a code that is read where it was sent. */
  readonly signInByCode: (identifier: string) => Promise<void>;
}

/** A native app that signs in by codes. */
export function createCodeVisitor(
  server: CodeServer,
  of: Parameters<typeof createNativeApp>[1] = {},
): CodeVisitor {
  const app = createNativeApp(server, of);
  const askForCode = async (identifier: string): Promise<FlowJson> =>
    json(await app.send(await app.start('login'), { method: 'code', identifier }), 400);
  const signInByCode = async (identifier: string): Promise<void> => {
    const flow = await askForCode(identifier);
    const code = await server.codeTo(identifier);
    const done = await json<{ readonly session_token: string }>(
      await app.send(flow, { method: 'code', identifier, code }),
    );
    app.token = done.session_token;
  };
  return Object.assign(app, { askForCode, signInByCode });
}

/** A code that is surely another one. */
export const otherThan = (code: string, distance = 1): string =>
  String((Number(code) + distance) % 1_000_000).padStart(6, '0');
