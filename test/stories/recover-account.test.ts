// Somebody who cannot sign in any more gets a code or link, and sets a new password.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import {
  type ErrorJson,
  type FlowJson,
  fieldValue,
  json,
  messageIds,
  nodeNamed,
} from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { anotherCode, messagesTo, RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import {
  OTHER_PASSWORD,
  schemaUrl,
  startServer,
  type TestScope,
  type TestServer,
} from '../support/server.ts';

const EMAIL = 'ada@example.org';

async function serverWithAda(
  scope: TestScope,
  flags: object = {},
  recovery: object = {},
): Promise<TestServer> {
  const { selfservice } = RECOVERY_CONFIG;
  const flows = { ...selfservice.flows, recovery: { ...selfservice.flows.recovery, ...recovery } };
  const server = await startServer(scope, {
    config: { selfservice: { ...selfservice, flows }, feature_flags: { ...flags } },
  });
  await createNativeApp(server).signUp(EMAIL);
  return server;
}

test('a code from a mail leads to the settings, where a new password is set', async (t) => {
  const server = await serverWithAda(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/recovery/browser?return_to=http://app.example.org/welcome');
  browser.fill({ email: EMAIL });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1060003]);
  browser.fill({ code: await sentValue(server, EMAIL, 'recovery_code') });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1060001]);
  browser.fill({ password: OTHER_PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), 'http://app.example.org/welcome');
  const app = createNativeApp(server);
  await app.signIn(EMAIL, { password: OTHER_PASSWORD });
  assert.ok(app.token);
});

test('a link from a mail does the same, in whatever browser it is opened', async (t) => {
  const server = await serverWithAda(t, {}, { use: 'link' });
  const asking = createNativeApp(server);
  const flow = await asking.start('recovery');
  await json(await asking.send(flow, { method: 'link', email: EMAIL, transient_payload: { why: 'lost' } }));
  const [message] = await messagesTo(server, EMAIL, 'recovery');
  assert.deepEqual(message?.templateData['transient_payload'], { why: 'lost' });
  const browser = createBrowser(server);
  await browser.open(await sentValue(server, EMAIL, 'recovery_url'));
  assert.deepEqual(browser.see(), [1060001]);
  assert.ok(await browser.isSignedIn());
});

test('a native app that goes by transitions gets its token and the settings flow', async (t) => {
  const server = await serverWithAda(t, { use_continue_with_transitions: true });
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  await json(await app.send(flow, { method: 'code', email: EMAIL }));
  const code = await sentValue(server, EMAIL, 'recovery_code');
  const done = await json<FlowJson>(await app.send(flow, { code }));
  const [token, settings] = done.continue_with ?? [];
  assert.deepEqual([token?.action, settings?.action], ['set_ory_session_token', 'show_settings_ui']);
  app.token = token?.ory_session_token ?? '';
  assert.equal((await app.whoami()).identity.traits['email'], EMAIL);
});

test('an app that goes by redirects is told where to go by 422', async (t) => {
  const server = await serverWithAda(t);
  const page = createScriptedPage(server);
  const flow = await page.start('recovery');
  const sent = await json<FlowJson>(await page.send(flow, { method: 'code', email: EMAIL }));
  const code = await sentValue(server, EMAIL, 'recovery_code');
  const refused = await json<ErrorJson>(await page.send(sent, { code }), 422);
  assert.equal(refused.error.id, 'browser_location_change_required');
  assert.match(refused.redirect_browser_to ?? '', /\/settings\?flow=/);
});

test('with skip_settings one is signed in and goes on at once', async (t) => {
  const server = await serverWithAda(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/recovery/browser?skip_settings=true&return_to=http://app.example.org/in');
  browser.fill({ email: EMAIL });
  await browser.press('code');
  browser.fill({ code: await sentValue(server, EMAIL, 'recovery_code') });
  await browser.press('code');
  assert.equal(browser.at(), 'http://app.example.org/in');
  assert.ok(await browser.isSignedIn());
});

test('the hook revoke_active_sessions ends every other session with the recovery', async (t) => {
  const server = await serverWithAda(t, {}, { after: { hooks: [{ hook: 'revoke_active_sessions' }] } });
  const thief = createNativeApp(server);
  await thief.signIn(EMAIL);
  const browser = createBrowser(server);
  await browser.open('/self-service/recovery/browser');
  browser.fill({ email: EMAIL });
  await browser.press('code');
  browser.fill({ code: await sentValue(server, EMAIL, 'recovery_code') });
  await browser.press('code');
  assert.equal((await thief.ask('GET', '/sessions/whoami')).status, 401);
  assert.ok(await browser.isSignedIn());
});

test('a finished recovery sends nothing more and is replaced by a new one', async (t) => {
  const server = await serverWithAda(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  await json(await app.send(flow, { method: 'code', email: EMAIL }));
  await app.send(flow, { code: await sentValue(server, EMAIL, 'recovery_code') });
  const before = (await messagesTo(server, EMAIL, 'recovery')).length;
  const again = await app.send(flow, { method: 'code', email: EMAIL });
  assert.equal(again.status, 303);
  const next = await json<FlowJson>(await app.ask('GET', again.headers.get('location') ?? ''));
  assert.deepEqual(messageIds(next), [4060001]);
  assert.equal(next.type, 'api');
  assert.equal((await messagesTo(server, EMAIL, 'recovery')).length, before);
});

test('only the method in use recovers, although another one is switched on', async (t) => {
  const server = await serverWithAda(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  const refused = await json<FlowJson>(await app.send(flow, { method: 'link', email: EMAIL }), 400);
  assert.deepEqual(messageIds(refused), [4010005]);
  assert.deepEqual(await messagesTo(server, EMAIL, 'recovery'), []);
});

const SEVERAL = schemaUrl({
  $id: 'https://schemas.example.org/several.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          'ory.sh/kratos': { credentials: { password: { identifier: true } }, recovery: { via: 'email' } },
        },
        backup: { type: 'string', format: 'email', 'ory.sh/kratos': { recovery: { via: 'email' } } },
        phone: { type: 'string', format: 'tel', 'ory.sh/kratos': { recovery: { via: 'sms' } } },
      },
    },
  },
});

async function choosing(scope: TestScope): Promise<TestServer> {
  const server = await startServer(scope, {
    config: {
      ...RECOVERY_CONFIG,
      feature_flags: { choose_recovery_address: true, use_continue_with_transitions: true },
      identity: { default_schema_id: 'several', schemas: [{ id: 'several', url: SEVERAL }] },
    },
  });
  const traits = { backup: 'grandma@example.org', phone: '+41791234501' };
  await createNativeApp(server).signUp(EMAIL, { traits });
  return server;
}

const choiceOf = (flow: FlowJson, mask: RegExp): unknown =>
  flow.ui.nodes.find(
    (node) =>
      node.attributes.name === 'recovery_select_address' &&
      mask.test((node as { meta?: { label?: { text?: string } } }).meta?.label?.text ?? ''),
  )?.attributes.value;

test('who has several addresses chooses one, shows that they know it, and gets the code there', async (t) => {
  const server = await choosing(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  const choice = await json<FlowJson>(await app.send(flow, { recovery_address: EMAIL }));
  assert.equal(choice.state, 'recovery_awaiting_address_choice');
  const body = { recovery_address: EMAIL };
  const chosen = { ...body, recovery_select_address: choiceOf(choice, /^\+41\*{4}01$/) };
  const confirming = await json<FlowJson>(await app.send(flow, chosen));
  assert.equal(nodeNamed(confirming, 'recovery_confirm_address')?.attributes.type, 'tel');
  const confirmed = { ...body, recovery_confirm_address: '+41 79 123 45 01' };
  const sent = await json<FlowJson>(await app.send(flow, confirmed));
  assert.deepEqual(messageIds(sent), [1060004]);
  const [sms] = await messagesTo(server, '+41791234501');
  assert.equal(sms?.type, 'sms');
  const code = await sentValue(server, '+41791234501', 'recovery_code');
  assert.equal((await json<FlowJson>(await app.send(flow, { code }))).state, 'passed_challenge');
});

test('going back leads to the choice, and a code that was sent before ends with it', async (t) => {
  const server = await choosing(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  const choice = await json<FlowJson>(await app.send(flow, { recovery_address: EMAIL }));
  const own = {
    recovery_address: EMAIL,
    recovery_select_address: choiceOf(choice, /^ad\*{4}@example\.org$/),
  };
  await json(await app.send(flow, own));
  const code = await sentValue(server, EMAIL, 'recovery_code');
  const back = await json<FlowJson>(await app.send(flow, { recovery_address: EMAIL, screen: 'previous' }));
  assert.equal(back.state, 'recovery_awaiting_address_choice');
  server.clock.advance(1_000);
  await json(await app.send(flow, { ...own, recovery_select_address: choiceOf(back, /^ad/) }));
  const stale = await json<FlowJson>(await app.send(flow, { code }));
  assert.deepEqual(messageIds(stale), [4060006]);
});

test('an address that is not the chosen one looks like it and gets no message', async (t) => {
  const server = await choosing(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  const choice = await json<FlowJson>(await app.send(flow, { recovery_address: EMAIL }));
  const body = { recovery_address: EMAIL, recovery_select_address: choiceOf(choice, /^gr\*/) };
  await json(await app.send(flow, body));
  const wrong = { recovery_address: EMAIL, recovery_confirm_address: 'grandpa@example.org' };
  const sent = await json<FlowJson>(await app.send(flow, wrong));
  assert.deepEqual([sent.state, messageIds(sent)], ['recovery_awaiting_code', [1060004]]);
  assert.equal(fieldValue(sent, 'recovery_address'), EMAIL);
  assert.deepEqual(await messagesTo(server, 'grandpa@example.org'), []);
  assert.deepEqual(await messagesTo(server, 'grandma@example.org', 'recovery'), []);
});

test('an invented choice is refused on the form', async (t) => {
  const server = await choosing(t);
  const app = createNativeApp(server);
  const flow = await app.start('recovery');
  await json(await app.send(flow, { recovery_address: EMAIL }));
  const invented = { recovery_address: EMAIL, recovery_select_address: anotherCode('000001') };
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, invented), 400)), [4000001]);
});

test('the names of choices tell nothing of the addresses behind them', async (t) => {
  const server = await choosing(t);
  const app = createNativeApp(server);
  const names: unknown[] = [];
  for (let round = 0; round < 2; round += 1) {
    const choice = await json<FlowJson>(
      await app.send(await app.start('recovery'), { recovery_address: EMAIL }),
    );
    names.push(choiceOf(choice, /^gr/));
  }
  const guess = createHash('sha256').update('grandma@example.org').digest();
  for (const name of names) {
    assert.notEqual(name, guess.toString('base64'));
    assert.notEqual(name, guess.toString('base64url'));
  }
  // Another flow, another name: what was learned in one is of no use in the next.
  assert.notEqual(names[0], names[1]);
});
