// What must hold of second factors whoever tries to get past them, and however many try at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DatabaseName, SHARED_DATABASES } from '../support/databases.ts';
import { BACKUP_CODES, type FactorServer, SECRET, startFactorServer } from '../support/factor-server.ts';
import { errorId, type FlowJson, json, messageIds, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { HOUR_MS, type TestScope } from '../support/server.ts';

const ADA = 'ada@example.org';
const TRIES = 30;

/** As many apps as one likes, each after the first factor and with a form for the second. */
async function waiting(
  server: FactorServer,
  count: number,
): Promise<readonly (readonly [app: NativeApp, flow: FlowJson])[]> {
  const pairs: (readonly [NativeApp, FlowJson])[] = [];
  for (let made = 0; made < count; made += 1) {
    const app = await server.firstFactor(ADA);
    pairs.push([app, await app.start('login', '?aal=aal2')]);
  }
  return pairs;
}

/** One thing that is good once, in fifty sessions at the same moment. */
async function fiftyAtOnce(
  t: TestScope,
  database: DatabaseName,
  body: (server: FactorServer) => object,
): Promise<void> {
  const server = await startFactorServer(t, {
    database,
    config: { security: { one_time_secrets: { tries_per_account: 100 } } },
  });
  await server.person(ADA, { app: true, backup: true });
  const apps = await waiting(server, 50);
  const sent = body(server);
  const answers = await Promise.all(apps.map(([app, flow]) => app.send(flow, sent)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 400]);
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  const seen = await Promise.all(apps.map(([app]) => app.ask('GET', '/sessions/whoami')));
  assert.equal(seen.filter(({ status }) => status === 200).length, 1);
}

for (const database of SHARED_DATABASES) {
  test(`fifty submissions of one code of an app at once raise one session [${database}]`, (t) =>
    fiftyAtOnce(t, database, (server) => ({ method: 'totp', totp_code: server.appCode() })));

  test(`fifty submissions of one backup code at once raise one session [${database}]`, (t) =>
    fiftyAtOnce(t, database, () => ({ method: 'lookup_secret', lookup_secret: BACKUP_CODES[0] })));
}

test('a code of an app is good once, in a new flow and for the step before it too', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true });
  const [now, before] = [server.appCode(), server.appCode(SECRET, -1)];
  await server.bothFactors(ADA, { method: 'totp', totp_code: now });
  for (const code of [now, before]) {
    const app = await server.firstFactor(ADA);
    const again = await app.send(await app.start('login', '?aal=aal2'), { method: 'totp', totp_code: code });
    assert.deepEqual(messageIds(await json<FlowJson>(again, 400)), [4000008]);
  }
  server.clock.advance(30_000);
  await server.bothFactors(ADA);
});

test('guessing never gets past the budget, over however many flows, and the right code does not either', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true, backup: true });
  const app = await server.firstFactor(ADA);
  for (const [guess, id] of [
    [{ method: 'totp', totp_code: '00000000' }, 4000008],
    [{ method: 'lookup_secret', lookup_secret: 'wrong123' }, 4000016],
  ] as const) {
    let compared = 0;
    for (let tries = 0; tries < TRIES + 5; tries += 1) {
      const flow = await app.start('login', '?aal=aal2');
      const answer = await json<FlowJson>(await app.send(flow, guess), 400);
      if (messageIds(answer).includes(id)) compared += 1;
    }
    assert.equal(compared, TRIES);
  }
  const flow = await app.start('login', '?aal=aal2');
  const right = await app.send(flow, { method: 'totp', totp_code: server.appCode() });
  assert.deepEqual(messageIds(await json<FlowJson>(right, 400)), [4000001]);
  server.clock.advance(HOUR_MS);
  await server.bothFactors(ADA);
});

test('a stranger spends no tries of anybody: codes by mail are counted apart', async (t) => {
  const server = await startFactorServer(t, {
    methods: { code: { passwordless_enabled: true } },
    config: { security: { one_time_secrets: { sends_per_address: 100, sends_per_client: 100 } } },
  });
  await server.person(ADA, { app: true });
  const stranger = createNativeApp(server);
  for (let flows = 0; flows < 8; flows += 1) {
    const flow = await stranger.start('login');
    await stranger.send(flow, { method: 'code', identifier: ADA });
    for (let guess = 0; guess < 5; guess += 1)
      await stranger.send(flow, { method: 'code', identifier: ADA, code: `0000${guess}` });
  }
  await server.bothFactors(ADA);
});

test('a second factor that was switched off asks nobody for it', async (t) => {
  const server = await startFactorServer(t, {
    methods: { totp: { enabled: false }, lookup_secret: { enabled: false } },
  });
  // What an administrator imports while a method is off is there and does not count.
  await server.person(ADA, { app: true, backup: true });
  const app = await server.firstFactor(ADA);
  const session = await app.whoami();
  assert.equal(session.authenticator_assurance_level, 'aal1');
  const flow = await app.start('login', '?aal=aal2');
  assert.deepEqual(flow.ui.nodes, []);
});

test('what is stored of second factors holds no secret in clear', async (t) => {
  const server = await startFactorServer(t, { isOnDisk: true });
  await server.person(ADA, { app: true, backup: true });
  const app = await server.bothFactors(ADA);
  // Shown in forms: the codes that there are, new ones, and the secret of a new app.
  const shown: string[] = [SECRET, ...BACKUP_CODES];
  const reveal = await app.start('settings');
  await json<FlowJson>(await app.send(reveal, { lookup_secret_reveal: true }));
  const form = await app.start('settings');
  const made = await json<FlowJson>(await app.send(form, { lookup_secret_regenerate: true }));
  const text = JSON.stringify(made);
  shown.push(...[...text.matchAll(/"secret":"([a-z0-9]{8})"/g)].map(([, code = '']) => code));
  await server.person('bob@example.org');
  const bob = await server.firstFactor('bob@example.org');
  const [, secret = ''] = /"secret":"([A-Z2-7]{32})"/.exec(JSON.stringify(await bob.start('settings'))) ?? [];
  shown.push(secret);
  assert.equal(shown.length, 1 + BACKUP_CODES.length + 12 + 1);
  const stored = ['identity_credentials', 'flows'].map((table) =>
    JSON.stringify(server.rows(`select * from ${table}`)),
  );
  for (const text of shown) assert.ok(!stored.some((rows) => rows.includes(text)), text);
});

test('a disabled person gets no further by a second factor', async (t) => {
  const server = await startFactorServer(t);
  const id = await server.person(ADA, { app: true });
  const app = await server.firstFactor(ADA);
  const flow = await app.start('login', '?aal=aal2');
  await server.admin.patch(`/admin/identities/${id}`, [{ op: 'replace', path: '/state', value: 'inactive' }]);
  const answer = await app.send(flow, { method: 'totp', totp_code: server.appCode() });
  assert.equal(await errorId(answer, 401), 'session_aal1_required');
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
});

test('the flow of a second factor belongs to the session that it was made for', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA, { app: true });
  await server.person('bob@example.org', { backup: true });
  const ada = await server.firstFactor(ADA);
  const flow = await ada.start('login', '?aal=aal2');
  const bob = await server.firstFactor('bob@example.org');
  const answer = await bob.send(flow, { method: 'totp', totp_code: server.appCode() });
  assert.deepEqual(messageIds(await json<FlowJson>(answer, 400)), [4000011]);
  assert.equal((await bob.ask('GET', '/sessions/whoami')).status, 403);
});

test('deleting the second factor makes the first one enough, and a session that gave both lives on', async (t) => {
  const server = await startFactorServer(t);
  const id = await server.person(ADA, { app: true });
  const strong = await server.bothFactors(ADA);
  assert.equal((await server.admin.delete(`/admin/identities/${id}/credentials/totp`)).status, 204);
  const app = await server.firstFactor(ADA);
  const session: SessionJson = await app.whoami();
  assert.equal(session.authenticator_assurance_level, 'aal1');
  assert.equal((await strong.whoami()).authenticator_assurance_level, 'aal2');
});
