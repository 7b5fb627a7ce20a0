// What published clients and setups of Kratos do, and find answered as they expect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin } from '../support/admin.ts';
import { createBrowser, SESSION_COOKIE } from '../support/browser.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { messagesTo } from '../support/outgoing.ts';
import { PERSON_SCHEMA, schemaUrl, startServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';

test('of two session cookies of one name the one counts whose session is active, in whatever order', async (t) => {
  const server = await startServer(t);
  const [old, current] = [createBrowser(server), createBrowser(server)];
  await old.signUp(EMAIL);
  await current.signIn(EMAIL);
  const ended = old.cookies.all.get(SESSION_COOKIE) ?? '';
  const valid = current.cookies.all.get(SESSION_COOKIE) ?? '';
  const mine = await createNativeApp({
    ask: (method, path, ask) =>
      server.ask(method, path, {
        ...ask,
        headers: { ...ask?.headers, cookie: `${SESSION_COOKIE}=${valid}` },
      }),
  }).ask('DELETE', '/sessions');
  assert.equal(mine.status, 200);
  const whoami = async (...values: readonly string[]): Promise<number> =>
    (
      await server.ask('GET', '/sessions/whoami', {
        headers: { cookie: values.map((value) => `${SESSION_COOKIE}=${value}`).join('; ') },
      })
    ).status;
  assert.equal(await whoami(ended), 401);
  assert.equal(await whoami(ended, valid), 200);
  assert.equal(await whoami(valid, ended), 200);
  assert.equal(await whoami('garbage', valid), 200);
  assert.equal(await whoami(ended, ended, ended, ended, ended, valid), 401);
});

test('the default schema may be named although it is not offered for choice', async (t) => {
  const identity = {
    default_schema_id: 'person',
    schemas: [
      { id: 'person', url: schemaUrl(PERSON_SCHEMA) },
      { id: 'staff', url: schemaUrl(PERSON_SCHEMA) },
    ],
  };
  const server = await startServer(t, { config: { identity } });
  const start = (id: string) => server.ask('GET', `/self-service/registration/api?identity_schema=${id}`);
  assert.equal((await start('person')).status, 200);
  assert.equal((await start('staff')).status, 400);
});

test('the management of many sessions passes over unknown fields and counts a repeated id once', async (t) => {
  const server = await startServer(t);
  const { session } = await createNativeApp(server).signUp(EMAIL);
  assert.ok(session);
  const answer = await createAdmin(server).post('/admin/sessions', {
    action: 'disable',
    sessions: Array.from({ length: 600 }, () => session.id),
    comment: 'a field of tomorrow',
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json(), { processed: 1, more: false });
});

test('the return address is given back as it is configured', async (t) => {
  const selfservice = {
    default_browser_return_url: 'https://app.example.org',
    flows: { logout: { after: { default_browser_return_url: 'HTTPS://App.Example.org/bye?' } } },
  };
  const server = await startServer(t, { config: { selfservice } });
  const browser = createBrowser(server);
  await browser.signUp(EMAIL);
  const again = await browser.ask('GET', '/self-service/login/browser');
  assert.equal(again.headers.get('location'), 'https://app.example.org');
});

test('in development a page may use the flows of native apps, where it is asked for', async (t) => {
  const send = async (env: Readonly<Record<string, string>>, dev: boolean) => {
    const config = dev ? {} : { dev: false, hashers: { algorithm: 'bcrypt', bcrypt: { cost: 12 } } };
    const server = await startServer(t, { env, config });
    const flow = await createNativeApp(server).start('login');
    const answer = await server.ask('POST', flow.ui.action, {
      headers: {
        ...{ accept: 'application/json', 'content-type': 'application/json' },
        ...{ origin: 'http://localhost:3000', cookie: 'a=b' },
      },
      body: JSON.stringify({ method: 'password', identifier: EMAIL, password: 'wrong password' }),
    });
    return messageIds(await json<FlowJson>(answer, 400));
  };
  const asked = { DEV_DISABLE_API_FLOW_ENFORCEMENT: 'true' };
  assert.deepEqual(await send(asked, true), [4000006]);
  assert.deepEqual(await send({}, true), [4000001]);
  assert.deepEqual(await send(asked, false), [4000001]);
});

test('where no text messages are sent, nobody who enters a number is told of a mail', async (t) => {
  const server = await startServer(t, {
    config: { selfservice: { flows: { verification: { enabled: true, use: 'code' } } } },
  });
  const app = createNativeApp(server);
  const flow = await app.start('verification');
  const answer = await app.send(flow, { method: 'code', email: '+41 79 123 45 01' });
  assert.deepEqual(messageIds(await json<FlowJson>(answer, 400)), [4000001]);
  assert.equal((await messagesTo(server, '+41 79 123 45 01')).length, 0);
});
