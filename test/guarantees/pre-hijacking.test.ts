// An account that a stranger prepared with somebody's address belongs to that somebody once they prove the address. The classes
// are those of Sudhodanan and Paverd, "Pre-hijacked accounts" (USENIX Security 2022). Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { type CodeServer, createCodeVisitor, startCodeServer } from '../support/code-server.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { messagesTo, sentValue } from '../support/outgoing.ts';
import { APP_URL, OTHER_PASSWORD, PASSWORD, type TestScope } from '../support/server.ts';

const VICTIM = 'victim@example.org';
const STRANGER = 'stranger@example.org';
const STRANGERS_PHONE = '+4915112345678';

const FLOWS = {
  recovery: { enabled: true, ui_url: `${APP_URL}/recovery` },
  verification: { enabled: true, ui_url: `${APP_URL}/verification` },
  settings: { after: { profile: { hooks: [{ hook: 'verify_new_address' }] } } },
};

interface Prepared {
  readonly server: CodeServer;
  /** Signed in to the account that they made with the victim's address. */
  readonly stranger: NativeApp;
}

async function prepare(
  scope: TestScope,
  of: { readonly traits?: object; readonly security?: object } = {},
): Promise<Prepared> {
  const { security = {} } = of;
  const server = await startCodeServer(scope, {
    code: { passwordless_enabled: true },
    config: {
      security: { ...security },
      selfservice: { flows: FLOWS },
    },
  });
  const stranger = createNativeApp(server);
  await stranger.signUp(VICTIM, { traits: of.traits ?? {} });
  server.clock.advance(1_000);
  return { server, stranger };
}

async function recover(server: CodeServer, address = VICTIM): Promise<FlowJson> {
  const browser = createBrowser(server);
  await browser.open('/self-service/recovery/browser');
  browser.fill({ email: address });
  await browser.press('code');
  browser.fill({ code: await sentValue(server, address, 'recovery_code') });
  await browser.press('code');
  return browser.form();
}

/** What the two proofs are that end what was set up before. */
const PROOFS: Readonly<Record<string, (server: CodeServer) => Promise<unknown>>> = {
  'a recovery': (server) => recover(server),
  'a sign-in by code': (server) => createCodeVisitor(server).signInByCode(VICTIM),
};

const isOut = async (stranger: NativeApp): Promise<boolean> =>
  (await stranger.ask('GET', '/sessions/whoami')).status === 401;

async function canSignIn(server: CodeServer, body: object): Promise<boolean> {
  const app = createNativeApp(server);
  return (await app.send(await app.start('login'), body)).status === 200;
}
const withPassword = { method: 'password', identifier: VICTIM, password: PASSWORD };

for (const [proof, prove] of Object.entries(PROOFS)) {
  test(`class 1, a classic account before another way in: the stranger's password ends with ${proof}`, async (t) => {
    const { server } = await prepare(t);
    await prove(server);
    assert.equal(await canSignIn(server, withPassword), false);
  });

  test(`class 2, the session that was kept: it ends with ${proof}`, async (t) => {
    const { server, stranger } = await prepare(t);
    await prove(server);
    assert.equal(await isOut(stranger), true);
  });

  test(`class 3, an identifier of the stranger beside the victim's: it is no way in after ${proof}`, async (t) => {
    const { server } = await prepare(t, { traits: { phone: STRANGERS_PHONE } });
    await prove(server);
    server.clock.advance(1_000);
    const sentBefore = (await server.codesTo(STRANGERS_PHONE)).length;
    const app = createNativeApp(server);
    await app.send(await app.start('login'), { method: 'code', identifier: STRANGERS_PHONE });
    assert.equal((await server.codesTo(STRANGERS_PHONE)).length, sentBefore);
  });

  test(`class 4, a change of address that the stranger left pending: it cannot be confirmed after ${proof}`, async (t) => {
    const { server, stranger } = await prepare(t);
    const traits = { email: STRANGER };
    await json(await stranger.send(await stranger.start('settings'), { method: 'profile', traits }));
    server.clock.advance(1_000);
    await prove(server);
    const url = new URL(await sentValue(server, STRANGER, 'verification_url'));
    const code = await sentValue(server, STRANGER, 'verification_code');
    const path = `/self-service/verification?flow=${url.searchParams.get('flow')}`;
    await createNativeApp(server).ask('POST', path, { method: 'code', code });
    const { identities } = server.bia.database.stores;
    assert.equal(await identities.findFullByIdentifier([STRANGER]), undefined);
    assert.ok(await identities.findFullByIdentifier([VICTIM]));
  });

  test(`the person is told by mail of what ended with ${proof}, once`, async (t) => {
    const { server } = await prepare(t);
    await prove(server);
    server.clock.advance(1_000);
    assert.equal((await messagesTo(server, VICTIM, 'credentials_ended')).length, 1);
    await recover(server);
    assert.equal((await messagesTo(server, VICTIM, 'credentials_ended')).length, 1);
  });

  test(`an account whose owner verified the address keeps everything after ${proof}`, async (t) => {
    const { server, stranger: owner } = await prepare(t);
    const flow = await owner.start('verification');
    await json(await owner.send(flow, { method: 'code', email: VICTIM }));
    await json(
      await owner.send(flow, { method: 'code', code: await sentValue(server, VICTIM, 'verification_code') }),
    );
    server.clock.advance(1_000);
    await prove(server);
    assert.equal(await isOut(owner), false);
    assert.equal(await canSignIn(server, withPassword), true);
    assert.deepEqual(await messagesTo(server, VICTIM, 'credentials_ended'), []);
  });

  test(`with security.end_unproven_credentials off everything goes on after ${proof}, as in Kratos`, async (t) => {
    const { server, stranger } = await prepare(t, { security: { end_unproven_credentials: false } });
    await prove(server);
    assert.equal(await isOut(stranger), false);
    assert.equal(await canSignIn(server, withPassword), true);
  });
}

test('a password that its owner sets after the proof is not taken away by the next one', async (t) => {
  const { server } = await prepare(t);
  const owner = createCodeVisitor(server);
  await owner.signInByCode(VICTIM);
  await json(
    await owner.send(await owner.start('settings'), { method: 'password', password: OTHER_PASSWORD }),
  );
  server.clock.advance(1_000);
  await recover(server);
  assert.equal(await canSignIn(server, { ...withPassword, password: OTHER_PASSWORD }), true);
});

test('whoever confirms by code who they are in a session of the account keeps what they set up', async (t) => {
  const { server, stranger: owner } = await prepare(t);
  const flow = await owner.start('login', '?refresh=true');
  const asked = await json<FlowJson>(await owner.send(flow, { method: 'code', identifier: VICTIM }), 400);
  const code = await server.codeTo(VICTIM);
  assert.equal((await owner.send(asked, { method: 'code', identifier: VICTIM, code })).status, 200);
  assert.equal(await canSignIn(server, withPassword), true);
});

test('the settings page says what ended, after a recovery and after a sign-in by code in a browser', async (t) => {
  const { server } = await prepare(t);
  const recovered = await recover(server);
  assert.deepEqual(messageIds(recovered), [1060001]);
  assert.match(recovered.ui.messages?.[0]?.text ?? '', /no longer works/);

  const other = await prepare(t);
  const browser = createBrowser(other.server);
  await browser.open('/self-service/login/browser');
  browser.fill({ identifier: VICTIM });
  await browser.press('code');
  browser.fill({ code: await other.server.codeTo(VICTIM) });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1059001]);
});

test('of a stranger and an owner at the same moment the owner wins: a change by the stranger in flight is not written', async (t) => {
  const { server, stranger } = await prepare(t);
  const settings = await stranger.start('settings');
  await recover(server);
  const late = await stranger.send(settings, { method: 'password', password: OTHER_PASSWORD });
  assert.equal(late.status, 401);
  assert.equal(await canSignIn(server, { ...withPassword, password: OTHER_PASSWORD }), false);
});
