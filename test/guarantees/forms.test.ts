// What holds for every form, whoever sends it. SECURITY.md and docs/differences.md name these tests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import {
  type ErrorJson,
  errorId,
  type FlowJson,
  fieldValue,
  json,
  messageIds,
} from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

const body = { method: 'password', identifier: 'ada@example.org', password: PASSWORD };

test('a form is refused without the anti-CSRF token of its browser', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const [ada, mallory] = [createScriptedPage(server), createScriptedPage(server)];
  const flow = await ada.start('login');
  const stolen = (await mallory.start('login')).ui.nodes.find(
    ({ attributes }) => attributes.name === 'csrf_token',
  )?.attributes.value;
  for (const csrf_token of ['', 'wrong', stolen]) {
    assert.equal(
      await errorId(await ada.send(flow, { ...body, csrf_token }), 403),
      'security_csrf_violation',
    );
  }
  assert.equal((await ada.send(flow, body)).status, 200);
});

test('a form of one browser can be neither read nor sent by another', async (t) => {
  const flows = { recovery: { enabled: true }, verification: { enabled: true } };
  const server = await startServer(t, { config: { selfservice: { flows } } });
  await createNativeApp(server).signUp('ada@example.org');
  const [ada, mallory] = [createScriptedPage(server), createScriptedPage(server)];
  const flow = await ada.start('login');
  await mallory.start('login');
  const read = await mallory.ask('GET', `/self-service/login/flows?id=${flow.id}`);
  assert.equal(await errorId(read, 403), 'security_csrf_violation');
  const own = fieldValue(await mallory.start('login'), 'csrf_token');
  for (const kind of ['login', 'registration', 'recovery', 'verification'] as const) {
    const theirs = await ada.start(kind);
    const isProof = kind === 'recovery' || kind === 'verification';
    const way = isProof ? { method: 'code', email: 'ada@example.org' } : {};
    for (const csrf_token of [own, fieldValue(theirs, 'csrf_token')]) {
      const answer = await mallory.send(theirs, { ...body, ...way, csrf_token });
      assert.equal(await errorId(answer, 403), 'security_csrf_violation', kind);
    }
  }
  assert.equal((await ada.send(flow, body)).status, 200);
});

test('a page cannot send a form that is meant for native apps', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  for (const headers of [{ origin: 'https://evil.example' }, { cookie: 'any=thing' }]) {
    const flow = await createNativeApp(server).start('login');
    const answer = await server.ask('POST', flow.ui.action, {
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    assert.deepEqual(messageIds(await json<FlowJson>(answer, 400)), [4000001]);
  }
});

test('of many submissions of one form exactly one counts', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const app = createNativeApp(server);
  const flow = await app.start('login');
  const answers = await Promise.all(Array.from({ length: 8 }, () => app.send(flow, body)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(410)]);
});

test('a form shows the messages of the last submission only', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const flow = await app.start('login');
  for (let count = 0; count < 3; count += 1) {
    const refused = await json<FlowJson>(await app.send(flow, { ...body, password: OTHER_PASSWORD }), 400);
    assert.deepEqual(messageIds(refused), [4000006]);
  }
});

test('settings of one person can be neither read nor sent by another', async (t) => {
  const server = await startServer(t);
  const [ada, mallory] = [createNativeApp(server), createNativeApp(server)];
  await ada.signUp('ada@example.org');
  await mallory.signUp('mallory@example.org');
  const flow = await ada.start('settings');
  const read = await mallory.ask('GET', `/self-service/settings/flows?id=${flow.id}`);
  assert.equal(await errorId(read, 403), 'security_identity_mismatch');
  const sent = await mallory.send(flow, { method: 'password', password: OTHER_PASSWORD });
  assert.equal(await errorId(sent, 403), 'security_identity_mismatch');
});

test('return_to leads to addresses of the operator only', async (t) => {
  const server = await startServer(t);
  const page = createScriptedPage(server);
  for (const kind of ['login', 'registration']) {
    for (const wrong of ['https://evil.example/', `${APP_URL.replace('//', '//user@')}/`, '//evil.example']) {
      const answer = await page.ask(
        'GET',
        `/self-service/${kind}/browser?return_to=${encodeURIComponent(wrong)}`,
      );
      assert.equal(await errorId(answer, 400), 'self_service_flow_return_to_forbidden', wrong);
    }
    const right = encodeURIComponent(`${APP_URL}/deep?x=1`);
    const flow = await json<FlowJson>(
      await page.ask('GET', `/self-service/${kind}/browser?return_to=${right}`),
    );
    assert.equal(flow.return_to, `${APP_URL}/deep?x=1`);
  }
});

test('hints at a taken address name only ways of signing in that are on', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { flows: { registration: { login_hints: true } } } },
  });
  await createNativeApp(server).signUp('ada@example.org');
  const app = createNativeApp(server);
  const taken = { method: 'password', password: OTHER_PASSWORD, traits: { email: 'ada@example.org' } };
  const refused = await json<FlowJson>(await app.send(await app.start('registration'), taken), 400);
  assert.deepEqual(messageIds(refused), [4000028]);
  const [message] = refused.ui.messages ?? [];
  assert.deepEqual((message as unknown as { context: object }).context, {
    available_credential_types: ['password'],
    available_oidc_providers: [],
    credential_identifier_hint: 'ada@example.org',
  });
});

test('an error of ours tells the client nothing of the inside', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await server.bia.database.close();
  const answer = await browser.ask('GET', '/self-service/login/api');
  const text = await answer.text();
  assert.equal(answer.status, 500);
  assert.doesNotMatch(text, /database|sqlite|sql|\.ts\b|at \w+ \(/i);
});

test('a login challenge without an OAuth2 server is a wrong request, not a failure of ours', async (t) => {
  const server = await startServer(t);
  for (const kind of ['login', 'registration']) {
    for (const challenge of ['', 'made-up', '\0']) {
      const at = `/self-service/${kind}/browser?login_challenge=${encodeURIComponent(challenge)}`;
      const page = createScriptedPage(server);
      assert.equal((await json<ErrorJson>(await page.ask('GET', at), 400)).error.code, 400);
      const browser = createBrowser(server);
      await browser.open(at);
      assert.ok(browser.at().startsWith(`${APP_URL}/error?id=`), browser.at());
    }
  }
  assert.deepEqual(server.logged, []);
});
