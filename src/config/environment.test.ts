import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../lib/json.ts';
import { ConfigError, faultToText } from './fault.ts';
import { createConfigLoader } from './load.ts';

const SECRETS = ['a secret of the file', 'another of the file'];
const FILE: JsonObject = {
  dsn: 'memory',
  dev: false,
  selfservice: { default_browser_return_url: '/' },
  identity: { schemas: [{ id: 'default', url: 'base64://e30=' }] },
  secrets: { cookie: SECRETS },
  courier: { channels: [{ id: 'sms', request_config: { url: 'https://sms.example.org/' } }] },
};
const loader = createConfigLoader({ methods: [], hooks: [], absentMethods: [] });
const load = (env: Record<string, string>) => loader.load({ files: [], base: FILE, env }).config;

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.faults.map(faultToText);
  }
}

describe('a value of the environment', () => {
  it('is read as its key needs it', () => {
    const config = load({
      DEV: 'TRUE',
      SERVE_PUBLIC_PORT: '4000',
      SERVE_PUBLIC_RATE_LIMITS_ENABLED: 'f',
      COOKIES_SECURE: '1',
      SESSION_LIFESPAN: '30m',
      COURIER_SMTP_FROM_NAME: '',
      COURIER_SMTP_HEADERS: '{"X-Team":"id"}',
      COURIER_CHANNELS_0_REQUEST_CONFIG_URL: 'https://other.example.org/',
    });
    assert.equal(config.dev, true);
    assert.equal(config.serve.public.port, 4000);
    assert.equal(config.serve.public.rate_limits.enabled, false);
    assert.equal(config.cookies.secure, true);
    assert.equal(config.session.lifespan, 1_800_000);
    assert.deepEqual(config.courier.smtp.headers, { 'X-Team': 'id' });
    assert.equal(config.courier.channels[0]?.request_config.url, 'https://other.example.org/');
  });

  it('that is empty sets nothing but texts', () => {
    assert.equal(load({ DEV: '', SERVE_PUBLIC_PORT: ' ' }).serve.public.port, 4433);
    assert.deepEqual(load({ SECRETS_COOKIE: '' }).secrets.cookie, SECRETS);
  });

  for (const [name, value, reason] of [
    ['DEV', 'yes', 'dev: must be true or false'],
    ['DEV', 'on', 'dev: must be true or false'],
    ['SESSION_COOKIE_PERSISTENT', '2', 'session.cookie.persistent: must be true or false'],
    ['COOKIES_SECURE', 'yes', 'cookies.secure: must be true or false'],
    ['SERVE_PUBLIC_PORT', 'eighty', 'serve.public.port: must be a number'],
    ['SERVE_PUBLIC_PORT', '0x50', 'serve.public.port: must be a number'],
    ['SERVE_PUBLIC_PORT', '4433tcp', 'serve.public.port: must be a number'],
    ['LOG', 'debug', 'log: must be a JSON object, such as {"key": "value"}'],
    [
      'IDENTITY_SCHEMAS',
      'person',
      'identity.schemas: must be a JSON list of objects, such as [{"key": "value"}]',
    ],
  ] as const) {
    it(`a value that cannot be meant is refused: ${name}=${value}`, () => {
      assert.deepEqual(faultsOf({ [name]: value }), [`the variable ${name}: ${reason}`]);
    });
  }

  it('is named wherever its fault is found, and not repeated', () => {
    const faults = faultsOf({
      SERVE_ADMIN_PORT: '99999',
      SECRETS_COOKIE: 'hunter2,long enough for a secret',
      DSN: 'hunter2',
    });
    assert.equal(faults.length, 3);
    for (const name of ['SERVE_ADMIN_PORT: serve.admin.port', 'SECRETS_COOKIE: secrets.cookie.0', 'DSN: dsn'])
      assert.ok(
        faults.some((fault) => fault.startsWith(`the variable ${name}: `)),
        name,
      );
    assert.ok(!faults.join('\n').includes('hunter2'));
  });
});

describe('a list of the environment', () => {
  it('replaces the one of the files, however long that was', () => {
    assert.deepEqual(load({ SECRETS_COOKIE: 'one and only secret' }).secrets.cookie, ['one and only secret']);
    assert.deepEqual(load({ SECRETS_COOKIE: '["one and only secret"]' }).secrets.cookie, [
      'one and only secret',
    ]);
    assert.deepEqual(load({ COURIER_CHANNELS: '[]' }).courier.channels, []);
  });

  it('may have single entries replaced by their number', () => {
    assert.deepEqual(load({ SECRETS_COOKIE_1: 'a newer second one' }).secrets.cookie, [
      SECRETS[0],
      'a newer second one',
    ]);
    const both = load({ SECRETS_COOKIE: 'a first secret text', SECRETS_COOKIE_1: 'a second secret text' });
    assert.deepEqual(both.secrets.cookie, ['a first secret text', 'a second secret text']);
  });

  it('does not grow beyond reason', () => {
    assert.deepEqual(load({ SECRETS_COOKIE_999999999: 'a secret far behind' }).secrets.cookie, SECRETS);
  });
});
