// A form that waited too long is replaced by a fresh one, and nothing of what was begun is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { type ErrorJson, type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, HOUR_MS, PASSWORD, startServer } from '../support/server.ts';

const EXPIRED = { login: 4010001, registration: 4040001, settings: 4050001 } as const;
const KINDS = ['login', 'registration', 'settings'] as const;
const bodyOf = {
  login: { method: 'password', identifier: 'ada@example.org', password: PASSWORD },
  registration: { method: 'password', password: PASSWORD, traits: { email: 'new@example.org' } },
  settings: { method: 'profile', traits: { email: 'ada@example.org', name: 'Ada' } },
};

for (const kind of KINDS) {
  test(`a browser that sends an expired ${kind} is shown a fresh one that says so, and it works`, async (t) => {
    const server = await startServer(t, { config: { session: { lifespan: '720h' } } });
    const browser = createBrowser(server);
    if (kind === 'settings') await browser.signUp('ada@example.org');
    if (kind === 'login') await createNativeApp(server).signUp('ada@example.org');
    await browser.open(`/self-service/${kind}/browser?return_to=${encodeURIComponent(`${APP_URL}/basket`)}`);
    const old = browser.form();
    server.clock.advance(HOUR_MS);
    const button = kind === 'settings' ? 'profile' : 'password';
    await browser.press(button);
    assert.notEqual(browser.form().id, old.id);
    assert.equal(browser.form().type, 'browser');
    assert.deepEqual(browser.see(), [EXPIRED[kind]]);
    const values = {
      login: { identifier: 'ada@example.org', password: PASSWORD },
      registration: { 'traits.email': 'new@example.org', password: PASSWORD },
      settings: { 'traits.name': 'Ada' },
    };
    browser.fill(values[kind]);
    await browser.press(button);
    assert.equal(browser.at(), `${APP_URL}/basket`);
    assert.equal(await browser.isSignedIn(), true);
  });

  for (const client of ['page that works by script', 'native app'] as const) {
    test(`a ${client} that sends an expired ${kind} gets 410 with a replacement of the same type`, async (t) => {
      const server = await startServer(t, { config: { session: { lifespan: '720h' } } });
      const browser = createBrowser(server);
      const app = createNativeApp(server);
      await createNativeApp(server).signUp('ada@example.org');
      if (kind === 'settings') {
        await browser.signIn('ada@example.org');
        await app.signIn('ada@example.org');
      }
      const page = createScriptedPage(server, browser.cookies);
      const on = client === 'native app' ? app : page;
      const flow = await on.start(kind);
      server.clock.advance(HOUR_MS + 90_000);
      const gone = await json<ErrorJson & { since: number; expired_at: string }>(
        await on.send(flow, bodyOf[kind]),
        410,
      );
      assert.equal(gone.error.id, 'self_service_flow_expired');
      assert.equal(gone.since, 90_000 * 1_000_000);
      assert.equal(Date.parse(gone.expired_at), Date.parse(flow.expires_at));
      const fresh = await json<FlowJson>(
        await on.ask('GET', `/self-service/${kind}/flows?id=${gone.use_flow_id}`),
      );
      assert.equal(fresh.type, flow.type);
      assert.equal(fresh.request_url, flow.request_url);
      assert.deepEqual(messageIds(fresh), [EXPIRED[kind]]);
      assert.equal((await on.send(fresh, bodyOf[kind])).status, 200);
    });
  }
}

test('fetching an expired flow tells where to begin again', async (t) => {
  const server = await startServer(t);
  const page = createScriptedPage(server);
  const app = createNativeApp(server);
  const query = `?return_to=${encodeURIComponent(`${APP_URL}/basket`)}`;
  const [inBrowser, native] = [await page.start('login', query), await app.start('login')];
  server.clock.advance(HOUR_MS);
  const gone = await json<ErrorJson>(
    await page.ask('GET', `/self-service/login/flows?id=${inBrowser.id}`),
    410,
  );
  assert.equal(
    gone.error.details?.['redirect_to'],
    `http://id.example.org/self-service/login/browser${query}`,
  );
  assert.equal(gone.error.details?.['return_to'], `${APP_URL}/basket`);
  const nativeGone = await json<ErrorJson>(
    await app.ask('GET', `/self-service/login/flows?id=${native.id}`),
    410,
  );
  assert.equal(nativeGone.error.details?.['api'], 'http://id.example.org/self-service/login/api');
});

test('a form may be sent until its last moment', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  server.clock.advance(HOUR_MS - 1);
  await json(await app.send(flow, bodyOf.registration));
});

test('a lifespan of one’s own counts', async (t) => {
  const server = await startServer(t, { config: { selfservice: { flows: { login: { lifespan: '5m' } } } } });
  const app = createNativeApp(server);
  const flow = await app.start('login');
  server.clock.advance(5 * 60_000);
  assert.equal((await app.send(flow, bodyOf.login)).status, 410);
});

test('a flow that was used is gone for whoever sends it again, and names its replacement', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  await json(await app.send(flow, bodyOf.registration));
  const again = await createNativeApp(server).send(flow, {
    ...bodyOf.registration,
    traits: { email: 'second@example.org' },
  });
  assert.equal(again.status, 410);
  const { use_flow_id: next } = await json<{ readonly use_flow_id: string }>(again, 410);
  assert.notEqual(next, flow.id);
});
