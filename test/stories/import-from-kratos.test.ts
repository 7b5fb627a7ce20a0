// Moving from Kratos: everybody comes along, and nobody has to sign in again.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createWorkplace } from '../cli/program.ts';
import { createCookieJar, SESSION_COOKIE } from '../support/browser.ts';
import { runRaw, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds, type SessionJson } from '../support/flow-json.ts';
import { sealKratosCookie } from '../support/kratos-cookie.ts';
import { missing } from '../support/kratos-database.ts';
import { moveFromKratos } from '../support/kratos-move.ts';
import {
  addPerson,
  addRecoveryCode,
  addSession,
  addVerificationCode,
  addWaitingChange,
} from '../support/kratos-people.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sharedConfig, startServer, type TestServer } from '../support/server.ts';

const SECRET = 'a secret that only tests have';
/** The password of all tests, by bcrypt. */
const HASH = '$2b$04$KivukBrR5CvhVX9x/3ZH/OBj1GkWl4//xv9A2KxySzKg7/HCrSZv6';
const whoamiStatus = async (server: TestServer, token: string): Promise<number> =>
  (await server.ask('GET', '/sessions/whoami', { headers: { 'x-session-token': token } })).status;

const adminIdentity = async (server: TestServer, id: string): Promise<JsonObject> =>
  json<JsonObject>(await server.askAdmin('GET', `/admin/identities/${id}`));

for (const kind of ['sqlite', 'postgres', 'mysql'] as const) {
  for (const target of SHARED_DATABASES) {
    test(`a person arrives from Kratos on ${kind} with everything [${target}]`, {
      skip: missing(kind),
    }, async (t) => {
      const { kratos, bring, serve, problems } = await moveFromKratos(t, { kind, target });
      const { id, verifiableId } = await addPerson(kratos, 'Ada@Example.org', {
        traits: { email: 'Ada@Example.org', name: "Ádá O'Neil 🦉", age: 36, newsletter: false },
        externalId: 'customer-7',
        metadataPublic: ['a list', 1, null],
        credentials: { password: { config: { hashed_password: HASH } } },
        isVerified: true,
      });
      const session = await addSession(kratos, id);
      const summary = await bring();
      assert.deepEqual(problems, []);
      assert.deepEqual([summary.counts.identity.new, summary.counts.session.new], [1, 1]);
      const server = await serve();
      const found = await adminIdentity(server, id);
      assert.deepEqual(found['traits'], {
        email: 'Ada@Example.org',
        name: "Ádá O'Neil 🦉",
        age: 36,
        newsletter: false,
      });
      assert.equal(found['external_id'], 'customer-7');
      assert.deepEqual(found['metadata_public'], ['a list', 1, null]);
      assert.match(String(found['created_at']), /^2029-05-06T07:08:09\./);
      const [address] = found['verifiable_addresses'] as readonly JsonObject[];
      assert.deepEqual(
        [address?.['id'], address?.['value'], address?.['verified'], address?.['status']],
        [verifiableId, 'ada@example.org', true, 'completed'],
      );
      const app = createNativeApp(server);
      app.token = session.token;
      const who = await app.whoami();
      assert.deepEqual([who.id, who.identity.id], [session.id, id]);
      assert.equal(who.devices?.[0]?.['ip_address'], '203.0.113.7');
      const signedIn = await createNativeApp(server).signIn('ada@example.org');
      assert.equal(signedIn.session?.identity.id, id);
    });
  }
}

test('a browser with a cookie of Kratos stays signed in, and its cookie is renewed as ours', async (t) => {
  const { kratos, bring, serve } = await moveFromKratos(t);
  const { id } = await addPerson(kratos, 'ada@example.org');
  const session = await addSession(kratos, id);
  await bring();
  const server = await serve();
  const value = sealKratosCookie({
    secret: SECRET,
    atMs: server.clock.nowMs() - 3_600_000,
    texts: ['nonce', 'abcdefgh', 'session_token', session.token, 'expires_at', '2031-01-01T00:00:00Z'],
  });
  const ask = (cookie: string) => server.ask('GET', '/sessions/whoami', { headers: { cookie } });
  const first = await ask(`${SESSION_COOKIE}=${value}`);
  assert.equal(first.status, 200);
  const jar = createCookieJar();
  jar.take(first);
  const renewed = jar.all.get(SESSION_COOKIE) ?? '';
  assert.notEqual(renewed, '');
  assert.notEqual(renewed, value);
  const second = await ask(`${SESSION_COOKIE}=${renewed}`);
  assert.equal((await json<SessionJson>(second)).id, session.id);
  assert.deepEqual(second.headers.getSetCookie(), []);
  // Both at once, as after a move of the path.
  assert.equal((await ask(`${SESSION_COOKIE}=garbage; ${SESSION_COOKIE}=${value}`)).status, 200);
  const closed = await startServer(t, {
    dsn: server.bia.config.dsn,
    config: { session: { cookie: { accepts_kratos: false } } },
  });
  assert.equal(
    (await closed.ask('GET', '/sessions/whoami', { headers: { cookie: `${SESSION_COOKIE}=${value}` } }))
      .status,
    401,
  );
});

test('sessions that have ended in Kratos let nobody in', async (t) => {
  const { kratos, bring, serve } = await moveFromKratos(t);
  const { id } = await addPerson(kratos, 'ada@example.org');
  const { id: disabled } = await addPerson(kratos, 'eve@example.org', { state: 'inactive' });
  const revoked = await addSession(kratos, id, { active: false });
  const over = await addSession(kratos, id, { expiresAt: new Date(Date.UTC(2020, 0, 1)) });
  const banned = await addSession(kratos, disabled);
  await addSession(kratos, id, { token: null });
  const { counts, leftBehind } = await bring();
  assert.equal(counts.session.new, 1);
  assert.deepEqual(
    leftBehind.map(({ count }) => count),
    [1],
  );
  const server = await serve();
  for (const { token } of [revoked, over, banned]) assert.equal(await whoamiStatus(server, token), 401);
  const patch = JSON.stringify([{ op: 'replace', path: '/state', value: 'active' }]);
  const headers = { 'content-type': 'application/json' };
  await server.askAdmin('PATCH', `/admin/identities/${disabled}`, { headers, body: patch });
  assert.equal(await whoamiStatus(server, banned.token), 200);
});

test('levels of sessions are what they were', async (t) => {
  const { kratos, bring, serve } = await moveFromKratos(t);
  const { id } = await addPerson(kratos, 'ada@example.org');
  const at = { completed_at: '2029-12-31T10:11:12Z' };
  const two = await addSession(kratos, id, {
    aal: 'aal2',
    methods: [
      { method: 'password', aal: 'aal1', ...at },
      { method: 'totp', aal: 'aal2', ...at },
    ],
  });
  const vouched = await addSession(kratos, id, {
    aal: 'aal2',
    methods: [{ method: 'oidc', aal: 'aal2', provider: 'acme', upstream_amr: ['mfa'], ...at }],
  });
  await bring();
  const server = await serve();
  for (const { token } of [two, vouched]) {
    const app = createNativeApp(server);
    app.token = token;
    assert.equal((await app.whoami()).authenticator_assurance_level, 'aal2');
  }
});

test('a recovery code that Kratos sent still works, once', async (t) => {
  const { kratos, bring, serve } = await moveFromKratos(t);
  const person = await addPerson(kratos, 'ada@example.org', {
    credentials: { password: { config: { hashed_password: HASH } } },
  });
  const flow = await addRecoveryCode(kratos, person, { value: '123456', secret: SECRET });
  await bring();
  const server = await serve();
  const app = createNativeApp(server);
  const shown = await json<FlowJson>(await app.ask('GET', `/self-service/recovery/flows?id=${flow}`));
  assert.equal(shown.state, 'sent_email');
  const send = (code: string) => app.send(shown, { method: 'code', code });
  assert.deepEqual(messageIds(await json<FlowJson>(await send('654321'))), [4060006]);
  assert.equal((await send('123456')).status, 422);
  const state = async () =>
    (await json<FlowJson>(await app.ask('GET', `/self-service/recovery/flows?id=${flow}`))).state;
  assert.equal(await state(), 'passed_challenge');
  // Used once more it leads to a new attempt.
  const again = await send('123456');
  assert.equal(again.status, 303);
  assert.doesNotMatch(again.headers.get('location') ?? '', new RegExp(flow));
});

test('a verification code that Kratos sent verifies the address, in the browser that asked for it', async (t) => {
  const { kratos, bring, serve } = await moveFromKratos(t);
  const person = await addPerson(kratos, 'ada@example.org');
  const csrfToken = Buffer.alloc(32, 7).toString('base64');
  const flow = await addVerificationCode(kratos, person, {
    type: 'browser',
    value: '123456',
    secret: SECRET,
    csrfToken,
  });
  await bring();
  const server = await serve();
  const name = `csrf_token_${createHash('sha256').update('http://id.example.org/').digest('hex')}`;
  const path = `/self-service/verification/flows?id=${flow}`;
  const headers = { accept: 'application/json' };
  assert.equal((await server.ask('GET', path, { headers })).status, 403);
  const own = { ...headers, cookie: `${name}=${csrfToken}` };
  const shown = await server.ask('GET', path, { headers: own });
  assert.equal(shown.status, 200);
  const form = await json<FlowJson>(shown);
  const csrf = form.ui.nodes.find(({ attributes }) => attributes.name === 'csrf_token')?.attributes.value;
  await server.ask('POST', form.ui.action.replace('http://id.example.org', ''), {
    headers: { ...own, 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'code', code: '123456', csrf_token: csrf }),
  });
  const [address] = (await adminIdentity(server, person.id))['verifiable_addresses'] as readonly JsonObject[];
  assert.equal(address?.['verified'], true);
});

for (const isStale of [false, true]) {
  test(`a new address that waits for its code ${isStale ? 'is forgotten where the traits changed meanwhile' : 'still waits'}`, async (t) => {
    const { kratos, bring, serve } = await moveFromKratos(t);
    const before = { email: 'ada@example.org' };
    const person = await addPerson(kratos, 'ada@example.org', { traits: before });
    const session = await addSession(kratos, person.id);
    const flow = await addWaitingChange(kratos, person, {
      value: '123456',
      secret: SECRET,
      sessionId: session.id,
      before: isStale ? { email: 'older@example.org' } : before,
      after: { email: 'ada.new@example.org' },
    });
    await bring();
    const server = await serve();
    const app = createNativeApp(server);
    app.token = session.token;
    const shown = await app.ask('GET', `/self-service/verification/flows?id=${flow}`);
    assert.equal(shown.status, isStale ? 404 : 200);
    if (isStale) return;
    await app.send(await json<FlowJson>(shown), { method: 'code', code: '123456' });
    assert.deepEqual((await adminIdentity(server, person.id))['traits'], { email: 'ada.new@example.org' });
  });
}

test('what cannot be carried over is told, and everybody else arrives', async (t) => {
  const { kratos, bring, serve, problems } = await moveFromKratos(t);
  const { id: fine } = await addPerson(kratos, 'ada@example.org');
  const { id: strange } = await addPerson(kratos, 'bob@example.org', { schemaId: 'unknown' });
  const { id: saml } = await addPerson(kratos, 'carol@example.org', {
    credentials: { saml: { config: { providers: [{ provider: 'x', subject: 'y' }] }, identifiers: ['x:y'] } },
  });
  const { id: odd } = await addPerson(kratos, 'dave@example.org', {
    credentials: { password: { config: { hashed_password: '$unknown$hash' } } },
  });
  await addSession(kratos, strange);
  const { counts } = await bring();
  assert.deepEqual([counts.identity.new, counts.identity.failed, counts.session.failed], [3, 1, 1]);
  const told = problems.map(({ id, kind, isWhole }) => [kind === 'session' ? 'session' : id, isWhole]);
  assert.deepEqual(
    new Map(told as [string, boolean][]),
    new Map([
      [strange, true],
      ['session', true],
      [saml, false],
      [odd, false],
    ]),
  );
  const server = await serve();
  for (const id of [fine, saml, odd])
    assert.equal((await server.askAdmin('GET', `/admin/identities/${id}`)).status, 200);
});

test('a dry run tells what would happen and writes nothing', async (t) => {
  const { kratos, bring, to } = await moveFromKratos(t);
  const { id } = await addPerson(kratos, 'ada@example.org');
  await addSession(kratos, id);
  const { counts } = await bring({ isDryRun: true });
  assert.deepEqual([counts.identity.new, counts.session.new], [1, 1]);
  for (const table of ['identities', 'sessions', 'imported_records', 'identity_identifiers'])
    assert.deepEqual(await runRaw(to, `select * from ${table}`), [], table);
});

test('the databases must be two, and both must be what they are said to be', async (t) => {
  const { kratos, to } = await moveFromKratos(t);
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const run = (from: string, target: string) =>
    workplace.bia(['import', 'kratos', '--from', from, '--to', target, '--config', file, '--dev']);
  const file = workplace.write('kratos.json', sharedConfig(kratos.dsn));
  const same = await run(kratos.dsn, kratos.dsn);
  assert.match(same.err, /database of its own/);
  assert.match((await run('sqlite:///nowhere/kratos.sqlite', to)).err, /there is no file/);
  assert.match((await run('oracle://x', to)).err, /not supported/);
  assert.match(
    (await run(`sqlite://${workplace.write('empty.sqlite', '')}`, to)).err,
    /no database of Kratos/,
  );
  for (const { code } of [same]) assert.equal(code, 1);
});

test('nobody but the oldest network comes along', async (t) => {
  const { kratos, bring } = await moveFromKratos(t);
  const nid = randomUUID();
  await kratos.insert('networks', { id: nid, created_at: new Date(Date.UTC(2029, 6, 1)) });
  await addPerson(kratos, 'ada@example.org');
  await kratos.insert('identities', {
    nid,
    schema_id: 'person',
    traits: { email: 'x@example.org' },
    state: 'active',
  });
  const { counts, leftBehind } = await bring();
  assert.equal(counts.identity.new, 1);
  assert.deepEqual(leftBehind, [{ what: 'identities of other networks in the same database', count: 1 }]);
});
