// Signing up in two steps: first the profile, then a way to sign in; and back again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { type FlowJson, fieldValue, json, messageIds, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer } from '../support/server.ts';

const twoSteps = { selfservice: { flows: { registration: { style: 'profile_first' } } } };
const CHOOSE = 1040009;

test('in a browser the profile comes first, then the password', async (t) => {
  const browser = createBrowser(await startServer(t, { config: twoSteps }));
  await browser.open('/self-service/registration/browser');
  assert.equal(nodeNamed(browser.form(), 'password'), undefined);
  browser.fill({ 'traits.email': 'ada@example.org', 'traits.name': 'Ada' });
  await browser.press('profile');
  assert.deepEqual(browser.see(), [CHOOSE]);
  assert.equal(nodeNamed(browser.form(), 'traits.email')?.attributes.type, 'hidden');
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  const { identity } = await json<{ identity: { traits: object } }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.deepEqual(identity.traits, { email: 'ada@example.org', name: 'Ada' });
});

test('going back loses nothing', async (t) => {
  const browser = createBrowser(await startServer(t, { config: twoSteps }));
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'ada@example.org', 'traits.name': 'Ada' });
  await browser.press('profile');
  await browser.press('previous');
  assert.equal(fieldValue(browser.form(), 'traits.email'), 'ada@example.org');
  assert.equal(fieldValue(browser.form(), 'traits.name'), 'Ada');
  assert.equal(nodeNamed(browser.form(), 'password'), undefined);
  browser.fill({ 'traits.name': 'Ada Lovelace' });
  await browser.press('profile');
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), true);
});

test('a profile that is wrong does not get to the second step', async (t) => {
  const browser = createBrowser(await startServer(t, { config: twoSteps }));
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'nowhere' });
  await browser.press('profile');
  assert.deepEqual(browser.see(), [4000040]);
  assert.equal(nodeNamed(browser.form(), 'password'), undefined);
});

test('the second step checks the profile again: it may have been changed on the way', async (t) => {
  const browser = createBrowser(await startServer(t, { config: twoSteps }));
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': 'ada@example.org' });
  await browser.press('profile');
  browser.fill({ 'traits.email': 'nowhere', password: PASSWORD });
  await browser.press('password');
  assert.ok(browser.see().includes(4000040));
  assert.equal(await browser.isSignedIn(), false);
});

test('each step of a native app answers with the form', async (t) => {
  const app = createNativeApp(await startServer(t, { config: twoSteps }));
  const traits = { email: 'ada@example.org' };
  const second = await json<FlowJson>(
    await app.send(await app.start('registration'), { method: 'profile', traits }),
    400,
  );
  assert.deepEqual(messageIds(second), [CHOOSE]);
  await json(await app.send(second, { method: 'password', password: PASSWORD, traits }));
});

test('a native app that knows everything may send it in one', async (t) => {
  const app = createNativeApp(await startServer(t, { config: twoSteps }));
  await app.signUp('ada@example.org');
  assert.equal((await app.whoami()).active, true);
});
