// An administrator helps somebody who has lost every way in: by a code for the telephone, or by a link.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type ErrorJson, type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { anotherCode, messagesTo, RECOVERY_CONFIG } from '../support/outgoing.ts';
import { MINUTE_MS, startServer, type TestScope, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';

interface MadeRecovery {
  readonly recovery_link: string;
  readonly recovery_code?: string;
  readonly expires_at: string;
}

async function start(scope: TestScope): Promise<{ readonly server: TestServer; readonly id: string }> {
  const server = await startServer(scope, { config: RECOVERY_CONFIG });
  const { identity } = await createNativeApp(server).signUp(EMAIL);
  return { server, id: identity?.id ?? '' };
}

function make(server: TestServer, what: string, body: object): Promise<Response> {
  return server.askAdmin('POST', `http://admin.example.org/admin/recovery/${what}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

test('a code works in any browser, once, and proves no address', async (t) => {
  const { server, id } = await start(t);
  const made = await json<MadeRecovery>(
    await make(server, 'code', { identity_id: id, expires_in: '15m' }),
    201,
  );
  assert.equal(Date.parse(made.expires_at), server.clock.nowMs() + 15 * MINUTE_MS);
  const browser = createBrowser(server);
  await browser.open(made.recovery_link);
  browser.fill({ code: made.recovery_code ?? '' });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1060001]);
  assert.ok(await browser.isSignedIn());
  const person = await json<{ verifiable_addresses: readonly { verified: boolean }[] }>(
    await server.askAdmin('GET', `/admin/identities/${id}`),
  );
  assert.deepEqual(
    person.verifiable_addresses.map(({ verified }) => verified),
    [false],
  );
});

test('guesses at such a code are counted like all others, and nobody can have another one sent from there', async (t) => {
  const { server, id } = await start(t);
  const body = { identity_id: id, flow_type: 'api' };
  const made = await json<MadeRecovery>(await make(server, 'code', body), 201);
  const app = createNativeApp(server);
  const flowId = new URL(made.recovery_link).searchParams.get('flow');
  const flow = await json<FlowJson>(await app.ask('GET', `/self-service/recovery/flows?id=${flowId}`));
  for (let guess = 0; guess < 5; guess += 1) {
    const wrong = await app.send(flow, { code: anotherCode(made.recovery_code ?? '') });
    assert.deepEqual(messageIds(await json<FlowJson>(wrong)), [4060006]);
  }
  const late = await app.send(flow, { code: made.recovery_code });
  assert.equal(late.status, 303);
  const browsers = await json<MadeRecovery>(await make(server, 'code', { identity_id: id }), 201);
  const action = `/self-service/recovery?flow=${new URL(browsers.recovery_link).searchParams.get('flow')}`;
  await app.ask('POST', action, { method: 'code', email: EMAIL });
  assert.deepEqual(await messagesTo(server, EMAIL, 'recovery'), []);
});

test('a link works once, and leads where the administrator wants the person to go', async (t) => {
  const { server, id } = await start(t);
  const target = `link?return_to=${encodeURIComponent('http://app.example.org/back')}`;
  const made = await json<MadeRecovery>(await make(server, target, { identity_id: id }), 200);
  const browser = createBrowser(server);
  await browser.open(made.recovery_link);
  browser.fill({ password: 'a brand new battery 9' });
  await browser.press('password');
  assert.equal(browser.at(), 'http://app.example.org/back');
  const other = createBrowser(server);
  await other.open(made.recovery_link);
  assert.equal(await other.isSignedIn(), false);
});

test('a link that comes too late leads to a new recovery that says so', async (t) => {
  const { server, id } = await start(t);
  const made = await json<MadeRecovery>(await make(server, 'link', { identity_id: id, expires_in: '5m' }));
  server.clock.advance(5 * MINUTE_MS);
  const browser = createBrowser(server);
  await browser.open(made.recovery_link);
  assert.deepEqual(browser.see(), [4060005]);
});

test('what makes no sense is refused with its reason', async (t) => {
  const { server, id } = await start(t);
  const nobody = '2f9a3e8c-8f43-4f1e-9f1e-111111111111';
  const table: readonly (readonly [string, object, number])[] = [
    ['code', { identity_id: nobody }, 404],
    ['link', { identity_id: nobody }, 400],
    ['code', {}, 404],
    ['link', {}, 400],
    ['code', { identity_id: 'ada' }, 400],
    ['code', { identity_id: 7 }, 400],
    ['code', { identity_id: id, expires_in: 'soon' }, 400],
    ['code', { identity_id: id, expires_in: '-1h' }, 400],
    ['link', { identity_id: id, expires_in: '0s' }, 400],
    ['link', { identity_id: id, expires_in: `${'9'.repeat(400)}h` }, 400],
    ['code', { identity_id: id, flow_type: 'fax' }, 400],
    ['link?return_to=https://evil.example.com/', { identity_id: id }, 400],
  ];
  for (const [what, body, status] of table) {
    const { error } = await json<ErrorJson>(await make(server, what, body), status);
    assert.equal(error.code, status, JSON.stringify(body));
  }
  const plain = await server.askAdmin('POST', '/admin/recovery/code', { body: '{}' });
  assert.equal(plain.status, 400);
});

test('a link is written as people copy it, with a plain &', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { methods: { link: { enabled: true } }, flows: { recovery: { enabled: true } } } },
  });
  const admin = createAdmin(server);
  const { id } = await admin.create('ada@example.org');
  const answer = await server.askAdmin('POST', '/admin/recovery/link', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identity_id: id }),
  });
  const text = await answer.text();
  assert.match(text, /"recovery_link":"[^"]*\?flow=[0-9a-f-]+&token=[^"]+"/);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
});
