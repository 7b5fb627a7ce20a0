import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpContext } from '../port/context.ts';
import { createCors } from './cors.ts';

type Settings = Parameters<typeof createCors>[0];

const settings: Settings = {
  enabled: true,
  allowed_origins: ['https://app.example.org', 'https://*.apps.example.org', 'https://*.com', 'https://*'],
  allowed_methods: ['GET', 'post'],
  allowed_headers: ['Content-Type', 'X-Session-Token'],
  exposed_headers: ['content-type'],
  allow_credentials: true,
  options_passthrough: false,
  max_age: 0,
  debug: false,
};

function corsOf(over: Partial<Settings> = {}) {
  const cors = createCors({ ...settings, ...over });
  assert.ok(cors);
  return cors;
}

/** Only what the rules look at. */
function requestOf(method: string, headers: Readonly<Record<string, string>>): HttpContext {
  return { method, header: (name: string) => headers[name] } as unknown as HttpContext;
}

const allows = (origin: string, over: Partial<Settings> = {}): boolean =>
  'Access-Control-Allow-Origin' in corsOf(over).headers(requestOf('GET', { origin }));

test('a wildcard stands for whole labels below a domain of the operator', () => {
  assert.equal(allows('https://app.example.org'), true);
  assert.equal(allows('HTTPS://APP.EXAMPLE.ORG'), true);
  assert.equal(allows('https://a.apps.example.org'), true);
  assert.equal(allows('https://a.b.apps.example.org'), true);
  for (const origin of [
    'https://apps.example.org',
    'https://evilapps.example.org',
    'https://a.apps.example.org.evil.example',
    'https://evil.example/.apps.example.org',
    'https://user@a.apps.example.org',
    'http://a.apps.example.org',
    'https://app.example.org:8443',
    'https://evil.com',
    'https://evil.example',
  ]) {
    assert.equal(allows(origin), false, origin);
  }
});

test('the origin null is refused unless it is named', () => {
  assert.equal(allows('null', { allowed_origins: ['*'] }), false);
  assert.equal(allows('https://anybody.example', { allowed_origins: ['*'] }), true);
  assert.equal(allows('null', { allowed_origins: ['null'] }), true);
});

test('where every origin may call, none may send cookies along', () => {
  const origin = 'https://evil.example';
  for (const allowed_origins of [[], ['*'], ['https://app.example.org', '*']]) {
    for (const asked of [origin, 'https://app.example.org']) {
      const headers = corsOf({ allowed_origins }).headers(requestOf('GET', { origin: asked }));
      assert.equal(headers['Access-Control-Allow-Origin'], asked);
      assert.equal(headers['Access-Control-Allow-Credentials'], undefined);
      const preflight = corsOf({ allowed_origins }).preflight(
        requestOf('OPTIONS', { origin: asked, 'access-control-request-method': 'POST' }),
      );
      assert.equal(preflight?.headers['Access-Control-Allow-Credentials'], undefined);
    }
  }
  const named = corsOf().headers(requestOf('GET', { origin: 'https://app.example.org' }));
  assert.equal(named['Access-Control-Allow-Credentials'], 'true');
});

test('the header list of a preflight may have any order and case', () => {
  const ask = (asked: string) =>
    corsOf().preflight(
      requestOf('OPTIONS', {
        origin: 'https://app.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      }),
    )?.headers ?? {};
  for (const asked of ['x-session-token,content-type', 'Content-Type, X-SESSION-TOKEN', 'content-type']) {
    assert.equal(ask(asked)['Access-Control-Allow-Headers'], asked);
    assert.equal(ask(asked)['Access-Control-Allow-Methods'], 'POST');
  }
  assert.equal('Access-Control-Allow-Origin' in ask('content-type,x-other'), false);
});

test('a preflight of a stranger, or for another method, learns nothing', () => {
  for (const [origin, wanted] of [
    ['https://evil.example', 'POST'],
    ['https://app.example.org', 'DELETE'],
  ] as const) {
    const answer = corsOf().preflight(
      requestOf('OPTIONS', { origin, 'access-control-request-method': wanted }),
    );
    assert.equal(answer?.status, 204);
    assert.deepEqual(Object.keys(answer?.headers ?? {}), ['Vary']);
  }
});

test('credentials are allowed to those who may ask, and only where the configuration says so', () => {
  const headers = (over: Partial<Settings>, origin: string) =>
    corsOf(over).headers(requestOf('GET', { origin }));
  assert.deepEqual(headers({}, 'https://app.example.org'), {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': 'https://app.example.org',
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'Content-Type',
  });
  assert.equal(
    'Access-Control-Allow-Credentials' in headers({ allow_credentials: false }, 'https://app.example.org'),
    false,
  );
  assert.deepEqual(headers({}, 'https://evil.example'), { Vary: 'Origin' });
});

test('cross-origin requests that are not switched on are not answered', () => {
  assert.equal(createCors({ ...settings, enabled: false }), undefined);
});
