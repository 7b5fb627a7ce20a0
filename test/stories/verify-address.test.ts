// After registration an address is to be verified, by code or link, and the person goes on from there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { type FlowJson, json, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { messagesTo, RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { APP_URL, PASSWORD, startServer, type TestScope, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';

function start(
  scope: TestScope,
  of: { use?: 'code' | 'link'; hooks?: readonly string[] } = {},
): Promise<TestServer> {
  const { selfservice } = RECOVERY_CONFIG;
  const { use = 'code', hooks = ['show_verification_ui'] } = of;
  const registration = {
    style: 'unified',
    ui_url: `${APP_URL}/registration`,
    after: { password: { hooks: hooks.map((hook) => ({ hook })) } },
  };
  const flows = {
    ...selfservice.flows,
    registration,
    verification: { ...selfservice.flows.verification, use },
  };
  return startServer(scope, { config: { selfservice: { ...selfservice, flows } } });
}

async function isVerified(server: TestServer): Promise<boolean | undefined> {
  const wanted = { identifiers: [], addresses: [{ via: 'email', value: EMAIL }] } as const;
  const ada = await server.bia.database.stores.identities.findHolder(wanted);
  return ada?.verifiableAddresses[0]?.verified;
}

test('a browser comes from registration to the code, and from there to after_verification_return_to', async (t) => {
  const server = await start(t);
  const browser = createBrowser(server);
  const back = encodeURIComponent(`${APP_URL}/tour`);
  await browser.open(`/self-service/registration/browser?after_verification_return_to=${back}`);
  browser.fill({ 'traits.email': EMAIL, password: PASSWORD });
  await browser.press('password');
  assert.match(browser.at(), /\/verification\?flow=/);
  browser.fill({ code: await sentValue(server, EMAIL, 'verification_code') });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1080002]);
  assert.equal(browser.form().ui.action, `${APP_URL}/tour`);
  assert.equal(await isVerified(server), true);
});

test('an app is told which flow verifies the address', async (t) => {
  const server = await start(t);
  const page = createScriptedPage(server);
  const flow = await page.start('registration');
  const body = { method: 'password', password: PASSWORD, traits: { email: EMAIL } };
  const done = await json<FlowJson>(await page.send(flow, body));
  const item = done.continue_with?.find(({ action }) => action === 'show_verification_ui');
  const { id } = (item as { flow?: { id?: string } } | undefined)?.flow ?? {};
  const waiting = await json<FlowJson>(await page.ask('GET', `/self-service/verification/flows?id=${id}`));
  assert.equal(waiting.state, 'sent_email');
  const code = await sentValue(server, EMAIL, 'verification_code');
  await json(await page.send(waiting, { method: 'code', code }));
  assert.equal(await isVerified(server), true);
});

test('the link of a mail with a code opens the form in another browser, with the code filled in', async (t) => {
  const server = await start(t);
  const app = createNativeApp(server);
  await app.signUp(EMAIL);
  const browser = createBrowser(server);
  await browser.open(await sentValue(server, EMAIL, 'verification_url'));
  const code = await sentValue(server, EMAIL, 'verification_code');
  assert.equal(nodeNamed(browser.form(), 'code')?.attributes.value, code);
  assert.equal(await isVerified(server), false);
  await browser.press('code');
  assert.equal(await isVerified(server), true);
});

test('a newer code ends the older one, and the same goes for links', async (t) => {
  for (const use of ['code', 'link'] as const) {
    const server = await start(t, { use, hooks: ['session'] });
    const app = createNativeApp(server);
    await app.signUp(EMAIL);
    const flow = await app.start('verification');
    server.clock.advance(1_000);
    await json(await app.send(flow, { method: use, email: EMAIL }));
    const older = await sentValue(server, EMAIL, 'verification_url');
    server.clock.advance(1_000);
    await json(await app.send(flow, { method: use, email: EMAIL }));
    const browser = createBrowser(server);
    await browser.open(older);
    if (use === 'code') await app.send(flow, { code: new URL(older).searchParams.get('code') });
    assert.equal(await isVerified(server), false, use);
    await browser.open(await sentValue(server, EMAIL, 'verification_url'));
    if (use === 'code') await browser.press('code');
    assert.equal(await isVerified(server), true, use);
  }
});

test('an unknown address gets a message only where the operator wants that', async (t) => {
  for (const notify of [true, false]) {
    const server = await startServer(t, {
      config: {
        selfservice: {
          flows: { verification: { enabled: true, notify_unknown_recipients: notify } },
        },
      },
    });
    const app = createNativeApp(server);
    await json(await app.send(await app.start('verification'), { method: 'code', email: EMAIL }));
    const sent = (await messagesTo(server, EMAIL)).map(({ templateName }) => templateName);
    assert.deepEqual(sent, notify ? ['verification_code_invalid'] : []);
  }
});
