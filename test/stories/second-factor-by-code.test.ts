// A code as second factor behind a password: who is asked for it, where it goes, and what it opens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { type CodeServer, createCodeVisitor, otherThan, startCodeServer } from '../support/code-server.ts';
import { errorId, type FlowJson, json, messageIds, type SignedInJson } from '../support/flow-json.ts';
import { PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';
const PHONE = '+41791234501';
const HAS_PASSWORD = { credentials: { password: { config: { password: PASSWORD } } } };
const MFA = {
  code: { mfa_enabled: true },
  config: { session: { whoami: { required_aal: 'highest_available' } } },
};

async function signedIn(server: CodeServer) {
  const app = createCodeVisitor(server);
  await app.signIn(ADA);
  return app;
}

test('a browser with one address is sent the code at once, and reaches aal2 with it', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA }, HAS_PASSWORD);
  const browser = createBrowser(server);
  await browser.signIn(ADA);
  // The sign-in leads on to the second step by itself.
  assert.deepEqual(browser.see(), [1010025]);
  assert.equal(await browser.isSignedIn(), false);
  browser.fill({ code: otherThan(await server.codeTo(ADA)) });
  await browser.press('code', 'method');
  assert.deepEqual(browser.see(), [4010008]);
  browser.fill({ code: await server.codeTo(ADA) });
  await browser.press('code', 'method');
  assert.ok(await browser.isSignedIn());
  const answer = await browser.ask('GET', '/sessions/whoami', { headers: { accept: 'application/json' } });
  const session = await json<{ readonly authentication_methods: readonly { method: string; aal: string }[] }>(
    answer,
  );
  const proofs = session.authentication_methods.map(({ method, aal }) => `${method}/${aal}`);
  assert.deepEqual(proofs, ['password/aal1', 'code/aal2']);
});

test('until the second step whoami and settings are closed', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA }, HAS_PASSWORD);
  const app = await signedIn(server);
  assert.equal(await errorId(await app.ask('GET', '/sessions/whoami'), 403), 'session_aal2_required');
  assert.equal(
    await errorId(await app.ask('GET', '/self-service/settings/api'), 403),
    'session_aal2_required',
  );
  const flow = await app.start('login', '?aal=aal2');
  const done = await app.send(flow, { method: 'code', code: await server.codeTo(ADA) });
  const { session_token: token } = await json<SignedInJson>(done);
  assert.equal(token, app.token);
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal2');
  await json(await app.ask('GET', '/self-service/settings/api'));
});

test('a second code is sent to the same address without naming it', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA }, HAS_PASSWORD);
  const app = await signedIn(server);
  const flow = await app.start('login', '?aal=aal2');
  server.clock.advance(1_000);
  const again = await json<FlowJson>(await app.send(flow, { method: 'code', resend: 'code' }), 400);
  assert.deepEqual(messageIds(again), [1010025]);
  assert.equal((await server.codesTo(ADA)).length, 2);
  await json(await app.send(again, { method: 'code', code: await server.codeTo(ADA) }));
});

test('of several addresses one chooses, and only from one’s own', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA, phone: PHONE }, HAS_PASSWORD);
  await server.person({ email: 'bob@example.org' }, HAS_PASSWORD);
  const app = await signedIn(server);
  const form = await app.start('login', '?aal=aal2');
  assert.deepEqual(messageIds(form), [1010004]);
  assert.equal(await server.messageCount(), 0);
  const refused = await app.send(form, { address: 'bob@example.org' });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000035]);
  assert.equal(await server.messageCount(), 0);
  const flow = await json<FlowJson>(await app.send(form, { address: PHONE }), 400);
  assert.equal(await server.messageCount(), 1);
  await json(await app.send(flow, { method: 'code', address: PHONE, code: await server.codeTo(PHONE) }));
});

test('via names the trait whose address gets the code', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA, phone: PHONE, name: 'Ada' }, HAS_PASSWORD);
  const app = await signedIn(server);
  const flow = await app.start('login', '?aal=aal2&via=phone');
  assert.equal(flow.state, 'sent_email');
  assert.deepEqual(await server.codesTo(ADA), []);
  for (const via of ['name', 'nothing', '__proto__.constructor']) {
    await json(await app.ask('GET', `/self-service/login/api?aal=aal2&via=${via}`), 400);
  }
  await json(await app.send(flow, { method: 'code', code: await server.codeTo(PHONE) }));
});

test('a code that went to an address counts only while the address is still theirs', async (t) => {
  const server = await startCodeServer(t, MFA);
  const id = await server.person({ email: ADA, phone: PHONE }, HAS_PASSWORD);
  const app = await signedIn(server);
  const flow = await json<FlowJson>(
    await app.send(await app.start('login', '?aal=aal2'), { address: PHONE }),
    400,
  );
  const patch = JSON.stringify([{ op: 'remove', path: '/traits/phone' }]);
  const headers = { 'content-type': 'application/json' };
  await json(await server.askAdmin('PATCH', `/admin/identities/${id}`, { headers, body: patch }));
  const refused = await app.send(flow, { method: 'code', code: await server.codeTo(PHONE) });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4010008]);
});

test('somebody without an address for codes is asked for no second factor', async (t) => {
  const server = await startCodeServer(t, MFA);
  await server.person({ email: ADA }, { schema_id: 'plain', ...HAS_PASSWORD });
  const app = await signedIn(server);
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal1');
});

test('with the fallback a verifiable address takes the second factor', async (t) => {
  const code = { mfa_enabled: true, config: { missing_credential_fallback_enabled: true } };
  const server = await startCodeServer(t, { code });
  await server.person({ email: ADA }, { schema_id: 'plain', ...HAS_PASSWORD });
  const app = await signedIn(server);
  const flow = await app.start('login', '?aal=aal2');
  await json(await app.send(flow, { method: 'code', code: await server.codeTo(ADA) }));
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal2');
});

test('codes that are switched off are no second factor, so nobody is locked out', async (t) => {
  const server = await startCodeServer(t, { ...MFA, code: { enabled: false, mfa_enabled: true } });
  await server.person({ email: ADA }, HAS_PASSWORD);
  const app = await signedIn(server);
  assert.equal((await app.whoami()).authenticator_assurance_level, 'aal1');
});
