// The configuration of an installation without a file: complete, safe, on an embedded database.
import type { JsonObject } from '../lib/json.ts';

/** Accounts with an e-mail address, which signs in by every method, and a name. */
export const personSchema = {
  $id: 'https://schemas.bia.invalid/person.schema.json',
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Person',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          minLength: 3,
          maxLength: 254,
          'ory.sh/kratos': {
            credentials: {
              password: { identifier: true },
              code: { identifier: true, via: 'email' },
              webauthn: { identifier: true },
              passkey: { display_name: true },
              totp: { account_name: true },
            },
            verification: { via: 'email' },
            recovery: { via: 'email' },
          },
        },
        name: { type: 'string', title: 'Name', maxLength: 200 },
      },
      required: ['email'],
      additionalProperties: false,
    },
  },
};

/** What stands in place of a file. `dataDir` holds the database; secrets are added by the composition root. */
export function defaultConfig(dataDir: string): JsonObject {
  return {
    dsn: `sqlite://${dataDir}/bia.sqlite?_fk=true&mode=rwc`,
    dev: true,
    // Development mode is for this machine only.
    serve: { public: { host: '127.0.0.1' }, admin: { host: '127.0.0.1' } },
    identity: {
      default_schema_id: 'person',
      schemas: [
        { id: 'person', url: `base64://${Buffer.from(JSON.stringify(personSchema)).toString('base64')}` },
      ],
    },
    selfservice: {
      default_browser_return_url: '/',
      flows: {
        // The new person is signed in, and led to the code that was sent to them.
        registration: {
          style: 'unified',
          after: { password: { hooks: [{ hook: 'show_verification_ui' }, { hook: 'session' }] } },
        },
        verification: { enabled: true },
        // Whoever had to recover an account does not know who else is signed in to it.
        recovery: { enabled: true, after: { hooks: [{ hook: 'revoke_active_sessions' }] } },
        logout: { after: { default_browser_return_url: '/ui/login' } },
      },
    },
  };
}
