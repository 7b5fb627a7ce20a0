// Recoveries and verifications that waited too long, or that somebody else tried to submit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { errorId, type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { HOUR_MS, startServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const EXPIRED = { recovery: 4060005, verification: 4070005 } as const;

test('an expired flow of a native app is replaced by one that it may read', async (t) => {
  const server = await startServer(t, { config: RECOVERY_CONFIG });
  for (const kind of ['recovery', 'verification'] as const) {
    const app = createNativeApp(server);
    const flow = await app.start(kind);
    server.clock.advance(HOUR_MS);
    const moved = await app.send(flow, { method: 'code', email: EMAIL });
    assert.equal(moved.status, 303);
    const next = await json<FlowJson>(await app.ask('GET', moved.headers.get('location') ?? ''));
    assert.deepEqual([next.type, messageIds(next)], ['api', [EXPIRED[kind]]]);
    assert.equal((await app.send(next, { method: 'code', email: EMAIL })).status, 200);
  }
});

test('an expired flow of a browser is replaced by one that works', async (t) => {
  const server = await startServer(t, { config: RECOVERY_CONFIG });
  await createNativeApp(server).signUp(EMAIL);
  const browser = createBrowser(server);
  for (const kind of ['verification', 'recovery'] as const) {
    await browser.open(`/self-service/${kind}/browser`);
    server.clock.advance(HOUR_MS);
    browser.fill({ email: EMAIL });
    await browser.press('code');
    assert.deepEqual(browser.see(), [EXPIRED[kind]]);
    browser.fill({ email: EMAIL });
    await browser.press('code');
    browser.fill({ code: await sentValue(server, EMAIL, `${kind}_code`) });
    await browser.press('code');
  }
  assert.ok(await browser.isSignedIn());
});

test('a link that expired with its flow leads any browser to a new one, whoever asked for it', async (t) => {
  for (const kind of ['recovery', 'verification'] as const) {
    const { selfservice } = RECOVERY_CONFIG;
    const flows = { ...selfservice.flows, [kind]: { ...selfservice.flows[kind], use: 'link' } };
    const server = await startServer(t, { config: { selfservice: { ...selfservice, flows } } });
    await createNativeApp(server).signUp(EMAIL);
    const app = createNativeApp(server);
    server.clock.advance(1_000);
    await app.send(await app.start(kind), { method: 'link', email: EMAIL });
    const link = await sentValue(server, EMAIL, `${kind}_url`);
    server.clock.advance(HOUR_MS);
    const browser = createBrowser(server);
    await browser.open(link);
    assert.deepEqual(browser.see(), [EXPIRED[kind]]);
    assert.equal(browser.form().type, 'browser');
  }
});

test('a forged submission to a recovery changes nothing, and the own form still works', async (t) => {
  const server = await startServer(t, { config: RECOVERY_CONFIG });
  await createNativeApp(server).signUp(EMAIL);
  const page = createScriptedPage(server);
  const flow = await page.start('recovery');
  const forged = { csrf_token: 'forged', method: 'code', email: EMAIL };
  assert.equal(await errorId(await page.send(flow, forged), 403), 'security_csrf_violation');
  assert.equal((await page.send(flow, { method: 'code', email: EMAIL })).status, 200);
});
