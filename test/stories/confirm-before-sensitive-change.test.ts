// A change of how one signs in needs a recent sign-in; what was submitted waits meanwhile and is then done, once, for its person only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Browser, CONTINUITY_COOKIE, createBrowser, createScriptedPage } from '../support/browser.ts';
import { type ErrorJson, type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  APP_URL,
  HOUR_MS,
  ID_URL,
  MINUTE_MS,
  OTHER_PASSWORD,
  PASSWORD,
  startServer,
  type TestServer,
} from '../support/server.ts';

const SAVED = 1050001;
const CONFIRM = 1010003;

/** A browser whose person signed in long ago and has just asked for another password. */
async function askedLongAfterSignIn(server: TestServer): Promise<Browser> {
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  server.clock.advance(HOUR_MS + MINUTE_MS);
  await browser.open('/self-service/settings/browser');
  browser.fill({ password: OTHER_PASSWORD });
  await browser.press('password');
  return browser;
}

async function canSignIn(server: TestServer, password: string): Promise<boolean> {
  const browser = createBrowser(server);
  await browser.signIn('ada@example.org', password);
  return browser.isSignedIn();
}

test('one confirms who one is, and the change that waited is done', async (t) => {
  const server = await startServer(t);
  const browser = await askedLongAfterSignIn(server);
  assert.ok(browser.at().startsWith(`${APP_URL}/login?flow=`));
  assert.deepEqual(browser.see(), [CONFIRM]);
  assert.equal(await canSignIn(server, OTHER_PASSWORD), false);

  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.ok(browser.at().startsWith(`${APP_URL}/settings?flow=`), browser.at());
  assert.deepEqual(browser.see(), [SAVED]);
  assert.equal(await canSignIn(server, OTHER_PASSWORD), true);
  assert.equal(await canSignIn(server, PASSWORD), false);
});

test('a parked submission is replayed exactly once', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const browser = await askedLongAfterSignIn(server);
  const returnTo = new URL(browser.form().request_url).searchParams.get('return_to') ?? '';
  const continuity = browser.cookies.all.get(CONTINUITY_COOKIE) ?? '';
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.deepEqual(browser.see(), [SAVED]);
  // Set back by hand; then the same address is opened a second time, with the cookie that named the submission.
  const app = createNativeApp(server);
  await app.signIn('ada@example.org', { password: OTHER_PASSWORD });
  await json(await app.send(await app.start('settings'), { method: 'password', password: PASSWORD }));
  browser.cookies.set(CONTINUITY_COOKIE, continuity);
  await browser.open(returnTo);
  assert.equal(await canSignIn(server, PASSWORD), true);
  assert.deepEqual(server.rows('select * from parked_submissions'), []);
});

test('of many who open the address at once, one replays', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const browser = await askedLongAfterSignIn(server);
  const returnTo = new URL(browser.form().request_url).searchParams.get('return_to') ?? '';
  const login = browser.form();
  const csrf = login.ui.nodes.find(({ attributes }) => attributes.name === 'csrf_token')?.attributes.value;
  const body = new URLSearchParams({
    method: 'password',
    identifier: 'ada@example.org',
    password: PASSWORD,
    csrf_token: String(csrf),
  });
  await browser.ask('POST', login.ui.action, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
  });
  await Promise.all(Array.from({ length: 20 }, () => browser.ask('GET', returnTo)));
  const changed = server.rows("select 1 from security_events where kind = 'credential.changed'");
  assert.equal(changed.length, 1);
});

test('a parked submission waits for its own person only', async (t) => {
  const server = await startServer(t);
  const browser = await askedLongAfterSignIn(server);
  const returnTo = new URL(browser.form().request_url).searchParams.get('return_to') ?? '';
  const stranger = createBrowser(server);
  await stranger.signUp('mallory@example.org');
  stranger.cookies.set(CONTINUITY_COOKIE, browser.cookies.all.get(CONTINUITY_COOKIE) ?? '');
  const refused = await stranger.open(returnTo);
  assert.notEqual(refused.status, 200);
  for (const email of ['mallory@example.org', 'ada@example.org']) {
    const app = createNativeApp(server);
    await app.signIn(email, { password: PASSWORD });
  }
});

test('a parked submission is sealed in the database', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  await askedLongAfterSignIn(server);
  const [parked] = server.rows('select payload from parked_submissions');
  assert.ok(parked);
  assert.ok(!String(parked['payload']).includes('seventeen'));
});

test('a parked submission is given up after a quarter of an hour, and when a new change is begun', async (t) => {
  for (const giveUp of ['wait', 'begin again'] as const) {
    const server = await startServer(t);
    const browser = await askedLongAfterSignIn(server);
    const login = browser.form();
    if (giveUp === 'wait') server.clock.advance(15 * MINUTE_MS);
    else await createScriptedPage(server, browser.cookies).start('settings');
    await browser.open(`${APP_URL}/login?flow=${login.id}`).catch(() => undefined);
    await browser
      .open(login.ui.action.replace('/self-service/login?', '/self-service/login/flows?id='))
      .catch(() => undefined);
    const csrf = login.ui.nodes.find(({ attributes }) => attributes.name === 'csrf_token');
    const page = createScriptedPage(server, browser.cookies);
    await json(
      await page.ask('POST', login.ui.action, {
        csrf_token: csrf?.attributes.value,
        method: 'password',
        identifier: 'ada@example.org',
        password: PASSWORD,
      }),
    );
    await browser.open(new URL(login.request_url).searchParams.get('return_to') ?? '');
    assert.equal(await canSignIn(server, PASSWORD), true, giveUp);
  }
});

test('a page that works by script is told where to send the person', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  server.clock.advance(HOUR_MS + MINUTE_MS);
  const page = createScriptedPage(server, browser.cookies);
  const flow = await page.start('settings');
  const refused = await json<ErrorJson>(
    await page.send(flow, { method: 'password', password: OTHER_PASSWORD }),
    403,
  );
  assert.equal(refused.error.id, 'session_refresh_required');
  const login = new URL(refused.redirect_browser_to ?? '');
  assert.equal(login.searchParams.get('refresh'), 'true');
  assert.equal(login.searchParams.get('return_to'), `${ID_URL}/self-service/settings?flow=${flow.id}`);
});

test('a native app is refused, signs in again with the token it has, and repeats the change', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  server.clock.advance(HOUR_MS + MINUTE_MS);
  const change = { method: 'password', password: OTHER_PASSWORD };
  const flow = await app.start('settings');
  assert.equal(
    (await json<ErrorJson>(await app.send(flow, change), 403)).error.id,
    'session_refresh_required',
  );
  const before = app.token;
  const refresh = await app.start('login', '?refresh=true');
  const proof = { method: 'password', identifier: 'ada@example.org', password: PASSWORD };
  const { session_token } = await json<{ session_token: string }>(await app.send(refresh, proof));
  assert.equal(session_token, before);
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, change))), [SAVED]);
});

test('a name may be changed long after the sign-in, an address may not', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  server.clock.advance(HOUR_MS + MINUTE_MS);
  const send = async (traits: object) => app.send(await app.start('settings'), { method: 'profile', traits });
  assert.equal((await send({ email: 'ada@example.org', name: 'Ada' })).status, 200);
  assert.equal((await send({ email: 'ada@example.net' })).status, 403);
});

test('a refresh proves the same person: another account is refused and the session stays', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('grace@example.org', { password: OTHER_PASSWORD });
  const app = createNativeApp(server);
  const { identity } = await app.signUp('ada@example.org');
  const refresh = await app.start('login', '?refresh=true');
  const other = { method: 'password', identifier: 'grace@example.org', password: OTHER_PASSWORD };
  const refused = await json<ErrorJson>(await app.send(refresh, other), 403);
  assert.equal(refused.error.id, 'security_identity_mismatch');
  assert.equal((await app.whoami()).identity.id, identity?.id);
});
