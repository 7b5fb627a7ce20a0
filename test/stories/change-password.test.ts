// Somebody who is signed in chooses a new password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

const SAVED = 1050001;

test('in a browser the new password takes the place of the old one', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  await browser.open('/self-service/settings/browser');
  browser.fill({ password: OTHER_PASSWORD });
  await browser.press('password');
  assert.ok(browser.at().startsWith(`${APP_URL}/settings?flow=`));
  assert.deepEqual(browser.see(), [SAVED]);
  assert.equal(await browser.isSignedIn(), true);

  const elsewhere = createBrowser(server);
  await elsewhere.signIn('ada@example.org', PASSWORD);
  assert.equal(await elsewhere.isSignedIn(), false);
  await elsewhere.signIn('ada@example.org', OTHER_PASSWORD);
  assert.equal(await elsewhere.isSignedIn(), true);
});

test('a page that works by script and a native app get the saved form', async (t) => {
  const server = await startServer(t);
  const page = createScriptedPage(server);
  await page.send(await page.start('registration'), {
    method: 'password',
    password: PASSWORD,
    traits: { email: 'ada@example.org' },
  });
  const saved = await json<FlowJson>(
    await page.send(await page.start('settings'), { method: 'password', password: OTHER_PASSWORD }),
  );
  assert.equal(saved.state, 'success');
  assert.deepEqual(messageIds(saved), [SAVED]);
  assert.deepEqual(
    saved.continue_with?.map(({ action }) => action),
    ['redirect_browser_to'],
  );

  const app = createNativeApp(server);
  await app.signIn('ada@example.org', { password: OTHER_PASSWORD });
  const again = await json<FlowJson>(
    await app.send(await app.start('settings'), { method: 'password', password: PASSWORD }),
  );
  assert.deepEqual(messageIds(again), [SAVED]);
  assert.equal(again.continue_with, undefined);
  assert.equal((await app.whoami()).active, true);
});

test('a password that is too short, too like the address, or the one in use is refused', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada.lovelace@example.org');
  await browser.open('/self-service/settings/browser');
  for (const [password, message] of [
    ['short', 4000032],
    ['ada.lovelace@example', 4000031],
    [PASSWORD, 4000039],
    ['', 4000002],
  ] as const) {
    browser.fill({ password });
    await browser.press('password');
    assert.deepEqual(browser.see(), [message], password);
  }
});

test('other devices are signed out where the operator says so', async (t) => {
  const after = { password: { hooks: [{ hook: 'revoke_active_sessions' }] } };
  const server = await startServer(t, { config: { selfservice: { flows: { settings: { after } } } } });
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const phone = createNativeApp(server);
  await phone.signIn('ada@example.org');
  await browser.open('/self-service/settings/browser');
  browser.fill({ password: OTHER_PASSWORD });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), true);
  assert.equal((await phone.ask('GET', '/sessions/whoami')).status, 401);
});

test('the form that comes with the good news is the next one, so that a second change counts too', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const first = await json<FlowJson>(
    await app.send(await app.start('settings'), { method: 'password', password: OTHER_PASSWORD }),
  );
  await json(await app.send(first, { method: 'password', password: PASSWORD }));
  await createNativeApp(server).signIn('ada@example.org', { password: PASSWORD });
});
