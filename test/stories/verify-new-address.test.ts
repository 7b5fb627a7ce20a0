// With the hook verify_new_address a new address counts once its owner has shown that it is theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser } from '../support/browser.ts';
import { type ContinueJson, type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { messagesTo, RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { startServer, type TestScope, type TestServer } from '../support/server.ts';

const OLD = 'ada@example.org';
const NEW = 'countess@example.org';

async function start(
  scope: TestScope,
  hooks: readonly JsonObject[] = [{ hook: 'verify_new_address' }, { hook: 'notify_previous_addresses' }],
  use: 'code' | 'link' = 'code',
): Promise<{ readonly server: TestServer; readonly app: NativeApp }> {
  const { selfservice } = RECOVERY_CONFIG;
  const { verification } = selfservice.flows;
  const settings = { ui_url: 'http://app.example.org/settings', after: { profile: { hooks } } };
  const flows = { ...selfservice.flows, verification: { ...verification, use }, settings };
  const server = await startServer(scope, { config: { selfservice: { ...selfservice, flows } } });
  const app = createNativeApp(server);
  await app.signUp(OLD);
  server.clock.advance(1_000);
  return { server, app };
}

async function change(app: NativeApp, traits: object): Promise<FlowJson> {
  return json<FlowJson>(await app.send(await app.start('settings'), { method: 'profile', traits }));
}

async function emailOf(app: NativeApp): Promise<unknown> {
  return (await app.whoami()).identity.traits['email'];
}

interface VerificationItem extends ContinueJson {
  readonly flow?: { readonly id: string };
}

async function verificationOf(app: NativeApp, { continue_with = [] }: FlowJson): Promise<FlowJson> {
  const items: readonly VerificationItem[] = continue_with;
  const id = items.find(({ action }) => action === 'show_verification_ui')?.flow?.id;
  return json<FlowJson>(await app.ask('GET', `/self-service/verification/flows?id=${id}`));
}

test('the old address stays until the code comes back, and then its owner is told', async (t) => {
  const { server, app } = await start(t);
  const parked = await change(app, { email: NEW, name: 'Ada' });
  assert.equal(await emailOf(app), OLD);
  assert.deepEqual(await messagesTo(server, OLD, 'verifiable_address_changed'), []);
  const flow = await verificationOf(app, parked);
  const done = await app.send(flow, { code: await sentValue(server, NEW, 'verification_code') });
  assert.equal((await json<FlowJson>(done)).state, 'passed_challenge');
  const { identity } = await app.whoami();
  assert.deepEqual([identity.traits['email'], identity.traits['name']], [NEW, 'Ada']);
  assert.equal((await messagesTo(server, OLD, 'verifiable_address_changed')).length, 1);
});

test('a link that is followed elsewhere does the same', async (t) => {
  const { server, app } = await start(t, undefined, 'link');
  await change(app, { email: NEW });
  const browser = createBrowser(server);
  await browser.open(await sentValue(server, NEW, 'verification_url'));
  assert.equal(await emailOf(app), NEW);
});

test('a code that is sent again is sent to the new address too', async (t) => {
  const { server, app } = await start(t);
  const flow = await verificationOf(app, await change(app, { email: NEW }));
  server.clock.advance(1_000);
  await json(await app.send(flow, { method: 'code', email: NEW }));
  assert.equal((await messagesTo(server, NEW)).length, 2);
  await json(await app.send(flow, { code: await sentValue(server, NEW, 'verification_code') }));
  assert.equal(await emailOf(app), NEW);
});

test('once the session has ended, nobody stands behind the change any more', async (t) => {
  const { server, app } = await start(t);
  const flow = await verificationOf(app, await change(app, { email: NEW }));
  await app.ask('DELETE', '/self-service/logout/api', { session_token: app.token });
  const code = await sentValue(server, NEW, 'verification_code');
  const stranger = createNativeApp(server);
  assert.deepEqual(messageIds(await json<FlowJson>(await stranger.send(flow, { code }))), [4070006]);
  await stranger.signIn(OLD);
  assert.equal(await emailOf(stranger), OLD);
});

test('a change that was made meanwhile is not undone', async (t) => {
  const { server, app } = await start(t);
  const flow = await verificationOf(app, await change(app, { email: NEW }));
  await change(app, { email: OLD, name: 'Lady Lovelace' });
  const code = await sentValue(server, NEW, 'verification_code');
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, { code }))), [4070006]);
  assert.equal((await app.whoami()).identity.traits['name'], 'Lady Lovelace');
});

test('an address that somebody took meanwhile is refused, and nothing is half-written', async (t) => {
  const { server, app } = await start(t);
  const flow = await verificationOf(app, await change(app, { email: NEW }));
  const code = await sentValue(server, NEW, 'verification_code');
  await createNativeApp(server).signUp(NEW);
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, { code }), 400)), [4000007]);
  assert.equal(await emailOf(app), OLD);
});

test('who is told is a setting: all earlier addresses, those that are verified, or those that went', async (t) => {
  for (const [recipients, isTold] of [
    ['all', true],
    ['all_verified', false],
    ['removed', true],
  ] as const) {
    const { server, app } = await start(t, [{ hook: 'notify_previous_addresses', config: { recipients } }]);
    await change(app, { email: NEW });
    const told = await messagesTo(server, OLD, 'verifiable_address_changed');
    assert.equal(told.length > 0, isTold, recipients);
  }
});

test('a change that touches no address tells nobody', async (t) => {
  const { server, app } = await start(t, [
    { hook: 'notify_previous_addresses', config: { recipients: 'all' } },
  ]);
  await change(app, { email: OLD, name: 'Ada' });
  assert.deepEqual(await messagesTo(server, OLD, 'verifiable_address_changed'), []);
});
