// What forms promise: whatever the encoding, the same values arrive, and the answer is about this submission. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HookDefinition } from '../../src/flow/hook/contract.ts';
import { ApiError } from '../../src/protocol/api-error.ts';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { type ErrorJson, type FlowJson, fieldValue, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer, type TestScope } from '../support/server.ts';

test('messages of the last submission only', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  for (let count = 0; count < 3; count += 1) {
    browser.fill({ 'traits.email': 'ada@example.org', password: 'short' });
    await browser.press('password');
    assert.deepEqual(browser.see(), [4000032]);
  }
  browser.fill({ 'traits.email': 'nowhere', password: PASSWORD });
  await browser.press('password');
  assert.deepEqual(browser.see(), [4000040]);

  await browser.signUp('ada@example.org');
  await browser.open('/self-service/settings/browser');
  for (const [values, button, seen] of [
    [{ password: 'short' }, 'password', [4000032]],
    [{ 'traits.age': '-1' }, 'profile', [4000018]],
    [{ password: PASSWORD }, 'password', [4000039]],
    [{ 'traits.age': '36' }, 'profile', [1050001]],
    [{ password: 'short' }, 'password', [4000032]],
  ] as const) {
    browser.fill(values);
    await browser.press(button);
    assert.deepEqual(browser.see(), seen);
  }
});

/** A server whose hook writes down what it is told. */
async function withListeningHook(t: TestScope) {
  const heard: unknown[] = [];
  const listen: HookDefinition<unknown> = {
    name: 'listen',
    flows: ['login', 'registration', 'settings'],
    create: () => ({
      after: ({ flow }) => {
        heard.push({ [flow.kind]: flow.transientPayload });
        return Promise.resolve(undefined);
      },
    }),
  };
  const hooks = { hooks: [{ hook: 'listen' }] };
  const config = {
    selfservice: {
      flows: {
        login: { after: hooks },
        registration: { after: { ...hooks, password: hooks } },
        settings: { after: hooks },
      },
    },
  };
  const server = await startServer(t, { additions: { hooks: [listen] }, config });
  return { server, heard };
}

test('transient_payload reaches hooks from JSON, dotted form fields and multipart, at settings too', async (t) => {
  const { server, heard } = await withListeningHook(t);
  const start = async (kind: string, token = ''): Promise<FlowJson> => {
    const headers = { 'x-session-token': token };
    return json(await server.ask('GET', `/self-service/${kind}/api`, { headers }));
  };
  const registration = await start('registration');
  const fields = new URLSearchParams({
    method: 'password',
    password: PASSWORD,
    'traits.email': 'ada@example.org',
    'transient_payload.plan': 'gold',
    'transient_payload.from.campaign': 'spring',
  });
  const signedUp = await server.ask('POST', registration.ui.action, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: fields.toString(),
  });
  assert.equal(signedUp.status, 200, await signedUp.text());
  assert.deepEqual(heard.pop(), { registration: { plan: 'gold', from: { campaign: 'spring' } } });

  const multipart = new FormData();
  for (const [name, value] of Object.entries({
    method: 'password',
    identifier: 'ada@example.org',
    password: PASSWORD,
    'transient_payload.plan': 'silver',
  })) {
    multipart.append(name, value);
  }
  const encoded = new Response(multipart);
  const signedIn = await server.ask('POST', (await start('login')).ui.action, {
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    body: new Uint8Array(await encoded.arrayBuffer()),
  });
  const { session_token } = await json<{ session_token: string }>(signedIn);
  assert.deepEqual(heard.pop(), { login: { plan: 'silver' } });

  for (const change of [
    { method: 'password', password: OTHER_PASSWORD },
    { method: 'profile', traits: { email: 'ada@example.org', name: 'Ada' } },
  ]) {
    const settings = await start('settings', session_token);
    const saved = await server.ask('POST', settings.ui.action, {
      headers: { 'content-type': 'application/json', 'x-session-token': session_token },
      body: JSON.stringify({ ...change, transient_payload: { reason: 'leaked', count: 2 } }),
    });
    assert.equal(saved.status, 200, await saved.text());
    assert.deepEqual(heard.pop(), { settings: { reason: 'leaked', count: 2 } });
  }
  assert.deepEqual(server.logged, []);
});

test('transient_payload is never stored', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  const body = { method: 'password', password: 'short', traits: { email: 'ada@example.org' } };
  await app.send(flow, { ...body, transient_payload: { secret: 'do-not-keep-me' } });
  await app.send(flow, { ...body, password: PASSWORD, transient_payload: { secret: 'do-not-keep-me' } });
  assert.equal(server.rows('select 1 from identities').length, 1);
  assert.ok(!JSON.stringify(server.rows('select body from flows')).includes('do-not-keep-me'));
  assert.ok(!JSON.stringify(server.rows('select body from security_events')).includes('do-not-keep-me'));
});

test('a wrong-typed transient_payload is a problem of the form, not of the server', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  for (const transient_payload of ['text', 7, [1], true]) {
    const body = { method: 'password', password: PASSWORD, traits: { email: 'ada@example.org' } };
    const answer = await app.send(await app.start('registration'), { ...body, transient_payload });
    assert.equal(answer.status, 400, JSON.stringify(transient_payload));
    assert.equal((await json<FlowJson>(answer, 400)).ui.nodes.length > 0, true);
  }
});

test('a failing hook before the login answers once, with its error', async (t) => {
  const stop: HookDefinition<unknown> = {
    name: 'stop',
    flows: ['login'],
    create: () => ({
      init: () => Promise.reject(new ApiError({ status: 403, reason: 'Closed on Sundays.' })),
    }),
  };
  const server = await startServer(t, {
    additions: { hooks: [stop] },
    config: {
      selfservice: {
        flows: {
          login: { before: { hooks: [{ hook: 'stop' }] } },
          registration: { after: { password: { hooks: [] } } },
        },
      },
    },
  });
  const refused = await json<ErrorJson>(await server.ask('GET', '/self-service/login/api'), 403);
  assert.equal(refused.error.reason, 'Closed on Sundays.');
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  assert.match(browser.at(), /\/error\?id=/);
});

test('JSON, form and multipart bodies mean the same', async (t) => {
  const server = await startServer(t);
  const values = { 'traits.email': '', 'traits.age': '36', 'traits.newsletter': 'true', 'traits.name': '' };
  const seen = [];
  for (const [index, encode] of [
    (of: Record<string, string>) => ({ type: 'application/json', body: JSON.stringify(of) }),
    (of: Record<string, string>) => ({
      type: 'application/x-www-form-urlencoded; charset=utf-8',
      body: new URLSearchParams(of).toString(),
    }),
    (of: Record<string, string>) => ({
      type: 'multipart/form-data; boundary=X',
      body: `${Object.entries(of)
        .map(([name, value]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        .join('')}--X--\r\n`,
    }),
  ].entries()) {
    const app = createNativeApp(server);
    const flow = await app.start('registration');
    const email = `ada${index}@example.org`;
    const { type, body } = encode({
      ...values,
      method: 'password',
      password: PASSWORD,
      'traits.email': email,
    });
    const answer = await server.ask('POST', flow.ui.action, { headers: { 'content-type': type }, body });
    const { identity } = await json<{ identity: { traits: Record<string, unknown> } }>(answer);
    assert.equal(identity.traits['email'], email);
    seen.push({ ...identity.traits, email: '' });
  }
  assert.deepEqual(seen, Array(3).fill({ email: '', age: 36, newsletter: true }));
});

test('a password never comes back: not in the form, not in the stored flow', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const page = createScriptedPage(server);
  const flow = await page.start('registration');
  const body = { method: 'password', password: OTHER_PASSWORD, traits: { email: 'nowhere' } };
  const refused = await json<FlowJson>(await page.send(flow, body), 400);
  assert.equal(fieldValue(refused, 'password'), undefined);
  assert.ok(!JSON.stringify(refused).includes(OTHER_PASSWORD));
  assert.ok(!JSON.stringify(server.rows('select * from flows')).includes(OTHER_PASSWORD));
});

test('secrets are taken by POST only: an address with a password in it signs nobody in', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const app = createNativeApp(server);
  const flow = await app.start('login');
  const query = new URLSearchParams({
    flow: flow.id,
    method: 'password',
    identifier: 'ada@example.org',
    password: PASSWORD,
  });
  const refused = await json<FlowJson>(await app.ask('GET', `/self-service/login?${query}`), 400);
  assert.deepEqual(messageIds(refused), [4000001]);
});

test('a submission that is wrong does not spoil one that is right at the same moment', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const flow = await app.start('settings');
  const wrong = { method: 'password', password: 'short' };
  const right = { method: 'password', password: OTHER_PASSWORD };
  const bodies = [wrong, wrong, right, wrong, wrong];
  const answers = await Promise.all(bodies.map((body) => app.send(flow, body)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400, 400, 200, 400, 400],
  );
  await createNativeApp(server).signIn('ada@example.org', { password: OTHER_PASSWORD });
});
