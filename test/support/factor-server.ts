// A server with every second factor and passkeys, people who have them, and what they would show.
import assert from 'node:assert/strict';
import { TOTP } from 'otpauth';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin } from './admin.ts';
import type { CreationOptions, RequestOptions } from './authenticator.ts';
import { type DatabaseName, freshDatabase } from './databases.ts';
import { type FlowJson, json, type SignedInJson } from './flow-json.ts';
import { createNativeApp, type NativeApp } from './native-app.ts';
import { APP_URL, PASSWORD, schemaUrl, startServer, type TestScope, type TestServer } from './server.ts';

/** What an administrator gives every person of these tests. */
export const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const BACKUP_CODES = ['first001', 'second02', 'third003', 'fourth04', 'fifth005', 'sixth006'] as const;

export interface FactorServer extends TestServer {
  readonly admin: Admin;
  /** Made by an administrator, with a password; returns the id. */
  readonly person: (email: string, of?: { readonly app?: true; readonly backup?: true }) => Promise<string>;
  /** The code that an app shows so many steps from now. */
  readonly appCode: (secret?: string, steps?: number) => string;
  /** A native app after the first factor. */
  readonly firstFactor: (email: string) => Promise<NativeApp>;
  /** A native app after both. */
  readonly bothFactors: (email: string, body?: object) => Promise<NativeApp>;
}

export interface FactorServerOptions {
  readonly database?: DatabaseName;
  /** Of `selfservice.methods`, over what is on here. */
  readonly methods?: JsonObject;
  readonly flows?: JsonObject;
  readonly config?: JsonObject;
  readonly isOnDisk?: true;
}

export const FACTOR_SCHEMA: JsonObject = {
  $id: 'https://schemas.example.org/factors.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          'ory.sh/kratos': {
            credentials: {
              password: { identifier: true },
              webauthn: { identifier: true },
              passkey: { display_name: true },
              totp: { account_name: true },
              code: { identifier: true, via: 'email' },
            },
            verification: { via: 'email' },
            recovery: { via: 'email' },
          },
        },
        name: { type: 'string', title: 'Name', maxLength: 40 },
      },
      required: ['email'],
      additionalProperties: false,
    },
  },
};

/** The relying party is the operator's application, where the pages are. */
export const RP: JsonObject = { id: new URL(APP_URL).hostname, display_name: 'Example', origins: [APP_URL] };

const SESSION_HOOK: JsonObject = { hooks: [{ hook: 'session' }] };

export async function startFactorServer(
  scope: TestScope,
  { database = 'sqlite memory', methods = {}, flows = {}, config = {}, isOnDisk }: FactorServerOptions = {},
): Promise<FactorServer> {
  const fresh = isOnDisk ? undefined : await freshDatabase(database);
  const server = await startServer(scope, {
    ...(fresh ? { dsn: fresh.dsn } : { isOnDisk: true }),
    config: {
      identity: {
        default_schema_id: 'person',
        schemas: [{ id: 'person', url: schemaUrl(FACTOR_SCHEMA) }],
      },
      ...config,
      selfservice: {
        methods: {
          totp: { enabled: true, config: { issuer: 'Example' } },
          lookup_secret: { enabled: true },
          webauthn: { enabled: true, config: { rp: RP } },
          passkey: { enabled: true, config: { rp: RP } },
          ...methods,
        },
        flows: {
          registration: { after: { password: SESSION_HOOK, passkey: SESSION_HOOK, webauthn: SESSION_HOOK } },
          ...flows,
        },
      },
    },
  });
  if (fresh) scope.after(fresh.remove);
  const admin = createAdmin(server);
  const firstFactor = async (email: string): Promise<NativeApp> => {
    const app = createNativeApp(server);
    await app.signIn(email);
    return app;
  };
  const appCode = (secret = SECRET, steps = 0): string =>
    new TOTP({ secret }).generate({ timestamp: server.clock.nowMs() + steps * 30_000 });
  return {
    ...server,
    admin,
    person: async (email, of = {}) => {
      const made = await admin.create(email, {
        verifiable_addresses: [{ value: email, via: 'email', verified: true, status: 'completed' }],
        credentials: {
          password: { config: { password: PASSWORD } },
          ...(of.app
            ? { totp: { config: { totp_url: `otpauth://totp/Example:${email}?secret=${SECRET}` } } }
            : {}),
          ...(of.backup
            ? { lookup_secret: { config: { codes: BACKUP_CODES.map((code) => ({ code })) } } }
            : {}),
        },
      });
      return made.id;
    },
    appCode,
    firstFactor,
    bothFactors: async (email, body) => {
      const app = await firstFactor(email);
      const flow = await app.start('login', '?aal=aal2');
      const done = await app.send(flow, body ?? { method: 'totp', totp_code: appCode() });
      await json<SignedInJson>(done);
      return app;
    },
  };
}

const parsed = (flow: FlowJson, name: string): Record<string, unknown> => {
  const node = flow.ui.nodes.find(({ attributes }) => attributes.name === name);
  assert.ok(node, `the form has no ${name}`);
  return JSON.parse(String(node.attributes.value)) as Record<string, unknown>;
};

// The casts name what the form promises; a wrong shape fails in the authenticator.
export const passkeyRequest = (flow: FlowJson): RequestOptions =>
  parsed(flow, 'passkey_challenge')['publicKey'] as RequestOptions;
export const passkeyCreation = (flow: FlowJson): CreationOptions => {
  const data = parsed(flow, 'passkey_create_data');
  const options = (data['credentialOptions'] ?? data) as { readonly publicKey: CreationOptions };
  return options.publicKey;
};
export const keyRequest = (flow: FlowJson): RequestOptions =>
  parsed(flow, 'webauthn_login_trigger')['publicKey'] as RequestOptions;
export const keyCreation = (flow: FlowJson): CreationOptions =>
  parsed(flow, 'webauthn_register_trigger')['publicKey'] as CreationOptions;
