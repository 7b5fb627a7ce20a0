// Somebody who is signed in changes what is known about them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { type FlowJson, fieldValue, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { startServer } from '../support/server.ts';

test('in a browser one changes a name and ticks a box', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  await browser.open('/self-service/settings/browser');
  browser.fill({ 'traits.name': 'Ada Lovelace', 'traits.newsletter': 'true', 'traits.age': '36' });
  await browser.press('profile');
  assert.deepEqual(browser.see(), [1050001]);
  assert.equal(fieldValue(browser.form(), 'traits.name'), 'Ada Lovelace');
  const { identity } = await json<{ identity: { traits: object } }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.deepEqual(identity.traits, {
    email: 'ada@example.org',
    name: 'Ada Lovelace',
    age: 36,
    newsletter: true,
  });
});

test('what is left out is removed', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org', { traits: { name: 'Ada', age: 36 } });
  await json(
    await app.send(await app.start('settings'), { method: 'profile', traits: { email: 'ada@example.org' } }),
  );
  assert.deepEqual((await app.whoami()).identity.traits, { email: 'ada@example.org' });
});

test('with a new address one signs in by that one only', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  await json(
    await app.send(await app.start('settings'), { method: 'profile', traits: { email: 'ada@example.net' } }),
  );
  const elsewhere = createNativeApp(server);
  await elsewhere.signIn('ada@example.net');
  const login = await elsewhere.ask('GET', '/self-service/login/api?refresh=true');
  const old = { method: 'password', identifier: 'ada@example.org', password: 'correct horse 7 battery' };
  assert.deepEqual(
    messageIds(await json(await elsewhere.send(await json<FlowJson>(login), old), 400)),
    [4000006],
  );
});

test('an address that belongs to somebody else is refused, and nothing changes', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('grace@example.org');
  const app = createNativeApp(server);
  await app.signUp('ada@example.org', { traits: { name: 'Ada' } });
  const refused = await json<FlowJson>(
    await app.send(await app.start('settings'), {
      method: 'profile',
      traits: { email: 'grace@example.org', name: 'Grace' },
    }),
    400,
  );
  assert.deepEqual(messageIds(refused), [4000007]);
  assert.deepEqual((await app.whoami()).identity.traits, { email: 'ada@example.org', name: 'Ada' });
});

test('refused values stay in the form and not in the account', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  await browser.open('/self-service/settings/browser');
  browser.fill({ 'traits.age': '-1', 'traits.name': 'x'.repeat(41) });
  await browser.press('profile');
  assert.deepEqual([...browser.see()].sort(), [4000017, 4000018]);
  assert.equal(fieldValue(browser.form(), 'traits.age'), -1);
  const { identity } = await json<{ identity: { traits: object } }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.deepEqual(identity.traits, { email: 'ada@example.org' });
});
