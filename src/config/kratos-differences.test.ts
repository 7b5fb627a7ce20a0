import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../lib/json.ts';
import { kratosDifferences } from './kratos-differences.ts';

const SCHEMA: JsonObject = {
  properties: {
    organizations: { description: 'Accepted as Kratos writes it; this version does not read it.' },
    log: {
      description: 'The log.',
      properties: {
        level: { description: 'How much.' },
        leak_sensitive_values: { description: 'No effect: secrets are never logged.' },
      },
    },
  },
};

const told = (document: JsonObject): ReadonlyMap<string, string> =>
  new Map(kratosDifferences(document, SCHEMA).map(({ path, reason }) => [path.join('.'), reason]));

test('a key that has no effect is told where it is given, with its reason', () => {
  const found = told({ organizations: [], log: { level: 'info', leak_sensitive_values: true } });
  assert.equal(found.get('organizations'), 'it has no effect here');
  assert.equal(found.get('log.leak_sensitive_values'), 'it has no effect here: secrets are never logged');
  assert.ok(!found.has('log.level'));
  assert.ok(!told({ log: {} }).has('log.leak_sensitive_values'));
});

test('keys that mean something else are told where they are given, and defaults where they are left out', () => {
  const pages = { flows: { login: { ui_url: 'https://app.example.org/login' } } };
  const found = told({
    dsn: 'postgres://kratos',
    ciphers: { algorithm: 'aes' },
    selfservice: {
      ...pages,
      allowed_return_urls: ['https://app.example.org', 'https://app.example.org/app'],
    },
  });
  assert.match(found.get('dsn') ?? '', /bia import kratos/);
  assert.ok(found.has('ciphers.algorithm'));
  assert.ok(found.has('selfservice.allowed_return_urls'));
  assert.ok(found.has('serve.public.rate_limits'));
  assert.ok(found.has('selfservice.flows.settings.ui_url'));
  assert.ok(!found.has('selfservice.flows.login.ui_url'));
  assert.ok(!found.has('secrets.cookie'));
  assert.ok(
    !told({ selfservice: { allowed_return_urls: ['https://app.example.org/'] } }).has(
      'selfservice.allowed_return_urls',
    ),
  );
});
