// A server in this process, over a database on disk, with people in it. No network stands between it and the clock.
import { createBia } from '../../src/app/create-app.ts';
import type { JsonObject } from '../../src/lib/json.ts';

export interface TimedServer {
  /** Starts a flow of a native app; returns where it is submitted to. */
  readonly startFlow: (kind: 'login' | 'recovery' | 'verification') => Promise<string>;
  readonly post: (action: string, body: object) => Promise<Response>;
  /** Addresses of accounts. */
  readonly known: readonly string[];
  readonly close: () => Promise<void>;
}

const BASE = 'http://127.0.0.1:4433';
const MANY = 1_000_000_000;

/** Accounts are concealed, and every limit is out of the way: what is refused by a limit costs something else. */
function configuration(dsn: string): JsonObject {
  return {
    dsn,
    dev: true,
    log: { level: 'error' },
    serve: { public: { base_url: `${BASE}/`, rate_limits: { enabled: false } } },
    // Cheap, so that a difference of microseconds is not lost beside it.
    hashers: { algorithm: 'bcrypt', bcrypt: { cost: 4 } },
    secrets: { default: ['a secret for the time of a measurement'] },
    security: {
      // Shorter than the default, which conceals more, so that a run comes to an end.
      account_enumeration: { mitigate: true, answer_step: '20ms' },
      one_time_secrets: { tries_per_account: MANY, sends_per_address: MANY, sends_per_client: MANY },
    },
    identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl }] },
    selfservice: {
      default_browser_return_url: `${BASE}/`,
      methods: {
        password: { config: { haveibeenpwned_enabled: false } },
        code: { passwordless_enabled: true },
      },
      flows: { recovery: { enabled: true }, verification: { enabled: true } },
    },
  };
}

const schema: JsonObject = {
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          'ory.sh/kratos': {
            credentials: { password: { identifier: true }, code: { identifier: true, via: 'email' } },
            verification: { via: 'email' },
            recovery: { via: 'email' },
          },
        },
      },
    },
  },
};
const schemaUrl = `base64://${Buffer.from(JSON.stringify(schema)).toString('base64')}`;

export async function startTimedServer(dsn: string, accountCount: number): Promise<TimedServer> {
  const bia = await createBia({ config: configuration(dsn), flags: {} });
  await bia.database.migrateUp();
  const known = Array.from({ length: accountCount }, (_, index) => `person-${1_000_000 + index}@example.org`);
  const json = { accept: 'application/json', 'content-type': 'application/json' };
  for (const email of known) {
    const body = JSON.stringify({
      schema_id: 'person',
      traits: { email },
      credentials: { password: { config: { password: 'the one that was chosen' } } },
    });
    const made = await bia.adminFetch(
      new Request('http://127.0.0.1:4434/admin/identities', { method: 'POST', headers: json, body }),
    );
    if (made.status !== 201) throw new Error(`no account was made: ${await made.text()}`);
  }
  return {
    known,
    startFlow: async (kind) => {
      const made = await bia.publicFetch(new Request(`${BASE}/self-service/${kind}/api`));
      // The flow, as the protocol describes it.
      const flow = (await made.json()) as { readonly ui: { readonly action: string } };
      return flow.ui.action;
    },
    post: (action, body) =>
      bia.publicFetch(new Request(action, { method: 'POST', headers: json, body: JSON.stringify(body) })),
    close: () => bia.close(),
  };
}
