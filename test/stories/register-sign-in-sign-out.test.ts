// Somebody makes an account, signs out, and signs in again: in a browser, on a page that works by script, in a native app.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage, SESSION_COOKIE } from '../support/browser.ts';
import {
  type FlowJson,
  json,
  messageIds,
  type SessionJson,
  type SignedInJson,
} from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

test('in a browser one signs up, is signed in at once, signs out and signs in again', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'ada@example.org', 'traits.name': 'Ada', password: PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), `${APP_URL}/home`);
  const whoami = await browser.ask('GET', '/sessions/whoami');
  const session = await json<SessionJson>(whoami);
  assert.deepEqual(session.identity.traits, { email: 'ada@example.org', name: 'Ada' });
  assert.equal(whoami.headers.get('x-kratos-authenticated-identity-id'), session.identity.id);

  const logout = await json<{ logout_url: string }>(await browser.ask('GET', '/self-service/logout/browser'));
  await browser.open(logout.logout_url);
  assert.equal(browser.at(), `${APP_URL}/bye`);
  assert.equal(browser.cookies.all.has(SESSION_COOKIE), false);
  assert.equal(await browser.isSignedIn(), false);

  await browser.signIn('ada@example.org');
  assert.equal(browser.at(), `${APP_URL}/home`);
  assert.equal(await browser.isSignedIn(), true);
});

test('what is wrong with a form stands at its fields, and what was typed stays, except the password', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'no address', 'traits.name': 'Ada', password: PASSWORD });
  await browser.press('password');
  const form = browser.form();
  const field = (name: string) => form.ui.nodes.find(({ attributes }) => attributes.name === name);
  assert.deepEqual(
    field('traits.email')?.messages.map(({ id }) => id),
    [4000040],
  );
  assert.equal(field('traits.email')?.attributes.value, 'no address');
  assert.equal(field('traits.name')?.attributes.value, 'Ada');
  assert.equal(field('password')?.attributes.value, undefined);
  browser.fill({ 'traits.email': 'ada@example.org', password: PASSWORD });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), true);
});

test('a wrong password and an unknown account look the same', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const seen = [];
  for (const [identifier, password] of [
    ['ada@example.org', OTHER_PASSWORD],
    ['nobody@example.org', PASSWORD],
  ] as const) {
    const browser = createBrowser(server);
    await browser.signIn(identifier, password);
    seen.push(browser.see());
    assert.equal(await browser.isSignedIn(), false);
  }
  assert.deepEqual(seen, [[4000006], [4000006]]);
});

test('a taken address is told to whoever signs up with it, however it is written', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'ADA@example.org', password: OTHER_PASSWORD });
  await browser.press('password');
  assert.deepEqual(browser.see(), [4000007]);
  assert.equal(await browser.isSignedIn(), false);
});

test('a page that works by script gets JSON and keeps its session in a cookie', async (t) => {
  const server = await startServer(t);
  const page = createScriptedPage(server);
  const refused = await page.send(await page.start('registration'), {
    method: 'password',
    password: 'short',
    traits: { email: 'ada@example.org' },
  });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000032]);

  const accepted = await page.send(await page.start('registration'), {
    method: 'password',
    password: PASSWORD,
    traits: { email: 'ada@example.org' },
  });
  const signedUp = await json<SignedInJson>(accepted);
  assert.equal(signedUp.session_token, undefined);
  assert.equal(signedUp.session?.identity.traits['email'], 'ada@example.org');
  assert.deepEqual(signedUp.continue_with, [
    { action: 'redirect_browser_to', redirect_browser_to: `${APP_URL}/home` },
  ]);
  assert.equal((await json<SessionJson>(await page.ask('GET', '/sessions/whoami'))).id, signedUp.session?.id);

  const { logout_token } = await json<{ logout_token: string }>(
    await page.ask('GET', '/self-service/logout/browser'),
  );
  assert.equal((await page.ask('GET', `/self-service/logout?token=${logout_token}`)).status, 204);
  assert.equal((await page.ask('GET', '/sessions/whoami')).status, 401);

  const login = await page.start('login');
  const back = await page.send(login, {
    method: 'password',
    identifier: 'ada@example.org',
    password: PASSWORD,
  });
  assert.equal((await json<SignedInJson>(back)).session?.authenticator_assurance_level, 'aal1');
});

test('a native app keeps a token', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const signedUp = await app.signUp('ada@example.org');
  assert.match(app.token, /^ory_st_[A-Za-z0-9]{32}$/);
  assert.deepEqual(signedUp.continue_with, [
    { action: 'set_ory_session_token', ory_session_token: app.token },
  ]);
  assert.equal((await app.whoami()).identity.id, signedUp.identity?.id);

  const first = app.token;
  assert.equal((await app.ask('DELETE', '/self-service/logout/api', { session_token: first })).status, 204);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 401);
  app.token = '';
  const signedIn = await app.signIn('ada@example.org');
  assert.notEqual(app.token, first);
  assert.equal((await app.whoami()).id, signedIn.session?.id);
});

test('who is signed in already is not asked again', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  for (const kind of ['login', 'registration']) {
    await browser.open(`/self-service/${kind}/browser`);
    assert.equal(browser.at(), `${APP_URL}/home`, kind);
  }
  const page = createScriptedPage(server, browser.cookies);
  const refused = await page.ask('GET', '/self-service/login/browser');
  assert.equal(refused.headers.get('ory-error-id'), 'session_already_available');
  assert.equal(refused.status, 400);
});

test('without the session hook nobody is signed in by signing up', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { flows: { registration: { after: { password: { hooks: [] } } } } } },
  });
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  assert.equal(await browser.isSignedIn(), false);
  const done = await createNativeApp(server).signUp('grace@example.org');
  assert.equal(done.session_token, undefined);
  assert.equal(done.continue_with, null);
  await browser.signIn('ada@example.org');
  assert.equal(await browser.isSignedIn(), true);
});

test('where registration is closed nobody signs up', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { flows: { registration: { enabled: false } } } },
  });
  for (const type of ['api', 'browser']) {
    const refused = await server.ask('GET', `/self-service/registration/${type}`, {
      headers: { accept: 'application/json' },
    });
    assert.equal(refused.status, 400);
    assert.equal(refused.headers.get('ory-error-id'), 'self_service_flow_disabled');
  }
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  assert.ok(browser.at().startsWith(`${APP_URL}/error?id=`));
  const { id } = Object.fromEntries(new URL(browser.at()).searchParams);
  const kept = await json<{ error: { id: string } }>(
    await browser.ask('GET', `/self-service/errors?id=${id}`),
  );
  assert.equal(kept.error.id, 'self_service_flow_disabled');
});
