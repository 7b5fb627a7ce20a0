import assert from 'node:assert/strict';
import { it } from 'node:test';
import { redactSecrets } from './redact.ts';

it('takes every secret out of a configuration and leaves the rest', () => {
  const base64 = (text: string) => `base64://${Buffer.from(text).toString('base64')}`;
  const publicSchema = base64('{"type":"object"}');
  const shown = redactSecrets({
    dsn: 'postgres://bia:p@ss/w:ord@db.internal/bia?sslmode=require&sslpassword=hunter2',
    secrets: { default: ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'] },
    identity: { schemas: [{ id: 'person', url: publicSchema }] },
    session: {
      cookie: { name: 'ory_kratos_session' },
      whoami: { jwks_url: base64('{"keys":[{"kty":"EC","d":"x"}]}') },
    },
    serve: { public: { tls: { key: { base64: 'UFJJVkFURQ==' }, cert: { base64: 'UFVCTElD' } } } },
    selfservice: {
      methods: {
        password: { enabled: true, config: { min_password_length: 8 } },
        oidc: { config: { providers: [{ id: 'google', client_id: 'web', client_secret: 'hush' }] } },
      },
      hooks: [
        { hook: 'web_hook', config: { auth: { type: 'api_key', config: { name: 'X-Key', value: 'hush' } } } },
        {
          hook: 'web_hook',
          config: { auth: { type: 'basic_auth', config: { user: 'u', password: 'hush' } } },
        },
        { hook: 'web_hook', config: { headers: { Authorization: 'Bearer hush', 'X-Plain': 'seen' } } },
      ],
    },
    courier: { smtp: { connection_uri: 'smtps://user:hush@mail:465/?skip_ssl_verify=true' } },
  });
  assert.deepEqual(shown, {
    dsn: 'postgres://bia:<redacted>@db.internal/bia?sslmode=require&sslpassword=<redacted>',
    secrets: { default: ['<redacted>', '<redacted>'] },
    identity: { schemas: [{ id: 'person', url: publicSchema }] },
    session: { cookie: { name: 'ory_kratos_session' }, whoami: { jwks_url: 'base64://<redacted>' } },
    serve: { public: { tls: { key: { base64: '<redacted>' }, cert: { base64: 'UFVCTElD' } } } },
    selfservice: {
      methods: {
        password: { enabled: true, config: { min_password_length: 8 } },
        oidc: { config: { providers: [{ id: 'google', client_id: 'web', client_secret: '<redacted>' }] } },
      },
      hooks: [
        {
          hook: 'web_hook',
          config: { auth: { type: 'api_key', config: { name: 'X-Key', value: '<redacted>' } } },
        },
        {
          hook: 'web_hook',
          config: { auth: { type: 'basic_auth', config: { user: 'u', password: '<redacted>' } } },
        },
        { hook: 'web_hook', config: { headers: { Authorization: '<redacted>', 'X-Plain': 'seen' } } },
      ],
    },
    courier: { smtp: { connection_uri: 'smtps://user:<redacted>@mail:465/?skip_ssl_verify=true' } },
  });
});
