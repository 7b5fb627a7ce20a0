import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, createConfigLoader } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { createSealer } from '../../lib/cipher.ts';
import type { JsonObject } from '../../lib/json.ts';
import { createCookies, parseCookies } from './cookies.ts';

const loader = createConfigLoader({ methods: [], hooks: [], absentMethods: [] });

function configOf(over: JsonObject): Config {
  const flags: JsonObject = {
    dsn: 'memory',
    identity: { default_schema_id: 'a', schemas: [{ id: 'a', url: 'base64://e30=' }] },
    selfservice: { default_browser_return_url: 'https://app.example.org/' },
  };
  return loader.load({ files: [], base: flags, flags: over, env: {} }).config;
}

const cookiesOf = (over: JsonObject) =>
  createCookies(configOf(over), {
    sealer: createSealer(['a secret that only tests have'], 'cookie'),
    newestSealer: createSealer(['a secret that only tests have'], 'cookie'),
    deviceSealer: createSealer(['a secret that only tests have'], 'known device'),
    publicUrl: 'https://id.example.org/',
    nowMs: () => 0,
  });

const NOW_MS = Date.UTC(2030, 0, 1);
const value = { token: 'ory_st_token', expiresAtMs: NOW_MS + 3_600_000 };

const flagsOf = (line: string): readonly string[] =>
  line
    .split('; ')
    .filter((part) => /^(?:HttpOnly|Secure|SameSite)/.test(part))
    .sort();

test('cookies are out of reach of scripts, and secure except in development', () => {
  const cookies = cookiesOf({});
  for (const line of [
    cookies.session(value, NOW_MS),
    cookies.csrf('token'),
    cookies.continuity({ parked: 'id' }),
  ]) {
    assert.deepEqual(flagsOf(line), ['HttpOnly', 'SameSite=Lax', 'Secure']);
  }
  assert.deepEqual(flagsOf(cookiesOf({ dev: true }).session(value, NOW_MS)), ['HttpOnly', 'SameSite=Lax']);
});

test('the session cookie follows the settings of all cookies', () => {
  const cookies = cookiesOf({
    dev: true,
    cookies: { secure: true, same_site: 'None', domain: 'example.org' },
  });
  const line = cookies.session(value, NOW_MS);
  assert.deepEqual(flagsOf(line), ['HttpOnly', 'SameSite=None', 'Secure']);
  assert.match(line, /; Domain=example\.org(?:;|$)/);
});

test('SameSite=None without Secure is refused at start', () => {
  for (const over of [
    { cookies: { secure: false, same_site: 'None' } },
    { session: { cookie: { secure: false, same_site: 'None' } } },
    { dev: true, session: { cookie: { same_site: 'None' } } },
  ]) {
    assert.throws(
      () => configOf(over),
      (error) => error instanceof ConfigError && error.faults.some(({ key }) => key.endsWith('same_site')),
    );
  }
});

test('a session cookie is sealed: it shows no token, and what was changed counts as absent', () => {
  const cookies = cookiesOf({});
  const [, sealed = ''] = /^[^=]+=([^;]+)/.exec(cookies.session(value, NOW_MS)) ?? [];
  assert.deepEqual(cookies.readSession(sealed), value);
  assert.ok(!sealed.includes(value.token) && !Buffer.from(sealed, 'base64url').includes(value.token));
  const middle = Math.floor(sealed.length / 2);
  const other = sealed[middle] === 'A' ? 'B' : 'A';
  for (const forged of [
    `${sealed.slice(0, middle)}${other}${sealed.slice(middle + 1)}`,
    '',
    'x',
    `${sealed}A`,
  ]) {
    assert.equal(cookies.readSession(forged), undefined);
  }
});

test('a persistent cookie ends with its session, another one with the browser', () => {
  assert.match(
    cookiesOf({}).session(value, NOW_MS),
    /; Max-Age=3599; Expires=Tue, 01 Jan 2030 01:00:00 GMT;/,
  );
  assert.doesNotMatch(
    cookiesOf({ session: { cookie: { persistent: false } } }).session(value, NOW_MS),
    /Max-Age|Expires/,
  );
});

test('every value of a cookie that was sent twice is seen', () => {
  const cookies = parseCookies('a=1; b="two"; a=3; nameless; =x');
  assert.deepEqual(
    [...cookies],
    [
      ['a', ['1', '3']],
      ['b', ['two']],
    ],
  );
});
