// Sessions as signed tokens for other services: whoami?tokenize_as=TEMPLATE.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLocalJWKSet, type JWK, type JWTVerifyResult, jwtVerify } from 'jose';
import { json, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { ID_URL, MINUTE_MS, startServer, type TestScope, temporaryFile } from '../support/server.ts';

type Tokenized = SessionJson & { readonly tokenized?: string };

const base64 = (value: string): string => `base64://${Buffer.from(value).toString('base64')}`;

function newKey(kid: string, algorithm: 'ES256' | 'RS256' | 'EdDSA' = 'ES256'): JWK {
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : algorithm === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg: algorithm, use: 'sig' };
}

const keySet = (...keys: readonly JWK[]): string => JSON.stringify({ keys });

/** The public halves, as a service that checks tokens has them. */
function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...open }: JWK): JWK {
  return open;
}

async function appWith(t: TestScope, templates: object) {
  const server = await startServer(t, {
    config: { session: { whoami: { tokenizer: { templates: JSON.parse(JSON.stringify(templates)) } } } },
  });
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  return { server, app };
}

const tokenOf = async (app: NativeApp, template: string): Promise<string> =>
  (await json<Tokenized>(await app.ask('GET', `/sessions/whoami?tokenize_as=${template}`))).tokenized ?? '';

const verified = (token: string, nowMs: number, ...keys: readonly JWK[]): Promise<JWTVerifyResult> =>
  jwtVerify(token, createLocalJWKSet({ keys: keys.map(publicHalf) }), { currentDate: new Date(nowMs) });

for (const algorithm of ['ES256', 'RS256', 'EdDSA'] as const) {
  test(`a service checks a token by its ${algorithm} key and learns session and identity`, async (t) => {
    const key = newKey('one', algorithm);
    const { server, app } = await appWith(t, { plain: { jwks_url: base64(keySet(key)), ttl: '5m' } });
    const session = await app.whoami();
    const nowMs = server.clock.nowMs();
    const { payload, protectedHeader } = await verified(await tokenOf(app, 'plain'), nowMs, key);
    assert.deepEqual(protectedHeader, { alg: algorithm, typ: 'JWT', kid: 'one' });
    const { jti, ...rest } = payload;
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    const nowS = nowMs / 1000;
    assert.deepEqual(rest, {
      iss: `${ID_URL}/`,
      exp: nowS + 300,
      sid: session.id,
      nbf: nowS,
      iat: nowS,
      sub: session.identity.id,
    });
  });
}

test('without a lifespan a token lasts a minute', async (t) => {
  const key = newKey('one');
  const { server, app } = await appWith(t, { plain: { jwks_url: base64(keySet(key)) } });
  const { payload } = await verified(await tokenOf(app, 'plain'), server.clock.nowMs(), key);
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60);
});

test('a mapper adds and changes claims, and never the subject', async (t) => {
  const key = newKey('one');
  const mapper = `{ claims: { email: std.extVar('session').identity.traits.email, iss: 'https://tokens.example.org',
    sub: 'somebody-else', sub_before: std.extVar('claims').sub } }`;
  const { server, app } = await appWith(t, {
    mapped: { jwks_url: base64(keySet(key)), claims_mapper_url: base64(mapper) },
  });
  const { payload } = await verified(await tokenOf(app, 'mapped'), server.clock.nowMs(), key);
  const id = (await app.whoami()).identity.id;
  assert.equal(payload['email'], 'ada@example.org');
  assert.equal(payload.iss, 'https://tokens.example.org');
  assert.equal(payload.sub, id);
  assert.equal(payload['sub_before'], id);
});

test('a template that is unknown or cannot be used is refused, and tells nothing of the inside', async (t) => {
  const keys = base64(keySet(newKey('one')));
  const { kid: _kid, alg: _alg, ...unnamed } = newKey('two');
  const templates = {
    throws: { jwks_url: keys, claims_mapper_url: base64(`{ claims: error 'inner-detail' }`) },
    lists: { jwks_url: keys, claims_mapper_url: base64('{ claims: [1] }') },
    endless: { jwks_url: keys, claims_mapper_url: base64('local f(x) = f(x + 1); f(1)') },
    keyless: { jwks_url: base64('{"keys":[]}') },
    broken: { jwks_url: base64('no JSON inner-detail') },
    unnamed: { jwks_url: base64(keySet(unnamed)) },
    unsigned: { jwks_url: base64(keySet({ ...unnamed, alg: 'none' })) },
    mixed: { jwks_url: base64(keySet({ ...unnamed, alg: 'RS256' })) },
    missing: { jwks_url: 'file:///nowhere/inner-detail.json' },
    external: { jwks_url: keys, subject_source: 'external_id' },
  };
  const { server, app } = await appWith(t, templates);
  for (const name of [...Object.keys(templates), 'unknown', 'constructor', '__proto__', '%00', '..%2f']) {
    const answer = await app.ask('GET', `/sessions/whoami?tokenize_as=${name}`);
    const body = await answer.text();
    assert.equal(answer.status, 400, `${name}: ${body}`);
    assert.ok(!body.includes('inner-detail'), body);
    assert.ok(!body.includes('tokenized'), body);
  }
  assert.ok(server.logged.some((line) => line.includes('inner-detail')));
  assert.equal((await app.ask('GET', '/sessions/whoami?tokenize_as=')).status, 200);
});

test('the subject can be the external id', async (t) => {
  const key = newKey('one');
  const { server, app } = await appWith(t, {
    external: { jwks_url: base64(keySet(key)), subject_source: 'external_id' },
  });
  const { identity } = await app.whoami();
  const patch = JSON.stringify([{ op: 'add', path: '/external_id', value: 'customer-7' }]);
  const headers = { 'content-type': 'application/json' };
  await server.askAdmin('PATCH', `/admin/identities/${identity.id}`, { headers, body: patch });
  const { payload } = await verified(await tokenOf(app, 'external'), server.clock.nowMs(), key);
  assert.equal(payload.sub, 'customer-7');
});

test('keys are rotated without a restart: the first key of the file signs a minute later', async (t) => {
  const file = await temporaryFile(t, 'keys.json');
  const [old, fresh] = [newKey('old'), newKey('fresh')];
  writeFileSync(file, keySet(old));
  const { server, app } = await appWith(t, { plain: { jwks_url: `file://${file}`, ttl: '10m' } });
  const before = await tokenOf(app, 'plain');
  writeFileSync(file, keySet(fresh, old));
  server.clock.advance(MINUTE_MS);
  const after = await tokenOf(app, 'plain');
  const nowMs = server.clock.nowMs();
  const kidOf = async (token: string) => (await verified(token, nowMs, fresh, old)).protectedHeader.kid;
  assert.deepEqual([await kidOf(before), await kidOf(after)], ['old', 'fresh']);
});

test('keys at an address are fetched once a minute, and outlast an outage of an hour', async (t) => {
  const key = newKey('one');
  let [fetched, isDown] = [0, false];
  const source = createServer((_request, answer) => {
    fetched += 1;
    answer.writeHead(isDown ? 503 : 200).end(keySet(key));
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  t.after(() => void source.close());
  const { port } = source.address() as AddressInfo; // a TCP listener has one
  const { server, app } = await appWith(t, { plain: { jwks_url: `http://127.0.0.1:${port}/keys` } });
  await Promise.all(Array.from({ length: 20 }, () => tokenOf(app, 'plain')));
  assert.equal(fetched, 1);
  isDown = true;
  server.clock.advance(10 * MINUTE_MS);
  assert.notEqual(await tokenOf(app, 'plain'), '');
  assert.equal(fetched, 2);
  server.clock.advance(60 * MINUTE_MS);
  assert.equal((await app.ask('GET', '/sessions/whoami?tokenize_as=plain')).status, 400);
});

test('a token is not for proxies to keep, and nobody gets one without a session', async (t) => {
  const server = await startServer(t, {
    config: {
      feature_flags: { cacheable_sessions: true },
      session: {
        whoami: { tokenizer: { templates: { plain: { jwks_url: base64(keySet(newKey('one'))) } } } },
      },
    },
  });
  const app = createNativeApp(server);
  const nobody = await app.ask('GET', '/sessions/whoami?tokenize_as=plain');
  assert.equal(nobody.status, 401);
  await app.signUp('ada@example.org');
  const plain = await app.ask('GET', '/sessions/whoami');
  assert.notEqual(plain.headers.get('ory-session-cache-for'), null);
  const tokenized = await app.ask('GET', '/sessions/whoami?tokenize_as=plain');
  assert.equal(tokenized.headers.get('ory-session-cache-for'), null);
});
