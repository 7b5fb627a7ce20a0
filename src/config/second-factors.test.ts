import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoader } from '../app/parts.ts';
import type { JsonObject } from '../lib/json.ts';

const KEY = 'selfservice.flows.settings.required_aal';
const loader = createLoader();

function warningOf(methods: JsonObject, required_aal: string): string | undefined {
  const base: JsonObject = {
    dsn: 'memory',
    identity: { default_schema_id: 'a', schemas: [{ id: 'a', url: 'base64://e30=' }] },
    selfservice: {
      default_browser_return_url: 'https://app.example.org/',
      flows: { settings: { required_aal } },
      methods,
    },
  };
  const { warnings } = loader.load({ files: [], env: {}, base });
  return warnings.find(({ key }) => key === KEY)?.reason;
}

const webauthn = (passwordless: boolean): JsonObject => ({
  webauthn: { enabled: true, config: { passwordless, rp: { id: 'example.org', display_name: 'Example' } } },
});

const oidc = (more: JsonObject): JsonObject => ({
  oidc: {
    enabled: true,
    config: {
      providers: [
        {
          ...{ id: 'work', provider: 'generic', issuer_url: 'https://op.example.org', client_id: 'bia' },
          ...{ client_secret: 'a secret', mapper_url: 'base64://e30=', ...more },
        },
      ],
    },
  },
});

test('settings for one factor are told of where there are second factors', () => {
  for (const [methods, name] of [
    [{ totp: { enabled: true } }, 'totp'],
    [{ lookup_secret: { enabled: true } }, 'lookup_secret'],
    [{ code: { mfa_enabled: true } }, 'code'],
    [webauthn(false), 'webauthn'],
    [oidc({ aal2_acr_values: ['two'] }), 'oidc'],
    [oidc({ aal2_amr_values: ['mfa'] }), 'oidc'],
  ] as const) {
    assert.match(warningOf(methods, 'aal1') ?? '', new RegExp(`\\(${name}\\)`));
    assert.equal(warningOf(methods, 'highest_available'), undefined, name);
  }
});

test('nobody is bothered where there are none', () => {
  for (const methods of [
    {},
    { totp: { enabled: false } },
    { code: { enabled: true } },
    webauthn(true),
    oidc({}),
  ])
    assert.equal(warningOf(methods, 'aal1'), undefined, JSON.stringify(methods));
});
