// A native app asks for a verification, and its person opens the link of the mail in a browser: it goes on there, with pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser } from '../support/browser.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { messagesTo } from '../support/outgoing.ts';
import { APP_URL, HOUR_MS, startServer, type TestScope } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

async function started(t: TestScope, use: 'code' | 'link', flows: JsonObject = {}) {
  const server = await startServer(t, {
    config: {
      selfservice: {
        methods: { link: { enabled: true } },
        flows: { verification: { enabled: true, use, ui_url: `${APP_URL}/verification` }, ...flows },
      },
    },
  });
  const app = createNativeApp(server);
  await app.signUp(EMAIL);
  app.token = '';
  // After the mail of the sign-up.
  server.clock.advance(1_000);
  const flow = await app.start('verification');
  const method = use;
  assert.equal((await app.send(flow, { method, email: EMAIL })).status, 200);
  const mail = (await messagesTo(server, EMAIL)).at(-1);
  const link = /http\S+self-service\/verification\S+/.exec(mail?.body ?? '')?.[0] ?? '';
  return { server, app, flow, link: link.replace(/&amp;/g, '&'), browser: createBrowser(server) };
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '');

test('the code is filled in, another one can be sent, and the second press says that it is done', async (t) => {
  const { server, app, flow, link, browser } = await started(t, 'code');
  await browser.open(pathOf(link));
  assert.match(browser.at(), new RegExp(`^${APP_URL}/verification\\?flow=${flow.id}$`));
  assert.deepEqual(browser.see(), [1080003]);
  server.clock.advance(1_000);
  browser.fill({ code: '' });
  const again = await browser.press(EMAIL, 'email');
  assert.equal(again.status, 303);
  assert.deepEqual(browser.see(), [1080003]);
  const second = (await messagesTo(server, EMAIL)).at(-1);
  browser.fill({ code: /^\d{6}$/m.exec(second?.body ?? '')?.[0] ?? '' });
  await browser.press('code', 'method');
  assert.deepEqual(browser.see(), [1080002]);
  // The app sees it as well.
  const shown = await json<FlowJson>(await app.ask('GET', `/self-service/verification/flows?id=${flow.id}`));
  assert.equal(shown.state, 'passed_challenge');
  await browser.open(pathOf(link));
  assert.deepEqual(browser.see(), [4070002]);
});

test('a wrong link, a late one and one too often used lead to pages, never to JSON', async (t) => {
  for (const late of [false, true]) {
    const { server, link, flow, browser } = await started(t, 'code');
    const wrong = pathOf(link).replace(/code=\d+/, 'code=000000');
    if (late) server.clock.advance(2 * HOUR_MS);
    const answer = await browser.ask('GET', late ? pathOf(link) : wrong);
    assert.equal(answer.status, 303);
    const at = answer.headers.get('location') ?? '';
    assert.match(at, new RegExp(`^${APP_URL}/verification\\?flow=`));
    await browser.open(late ? pathOf(link) : wrong);
    assert.deepEqual(browser.see(), [late ? 4070005 : 4070006]);
    assert.equal(browser.form().id === flow.id, !late);
  }
});

test('a link proves by itself, and its second press leads to a page too', async (t) => {
  const { browser, link } = await started(t, 'link');
  await browser.open(pathOf(link));
  assert.deepEqual(browser.see(), [1080002]);
  await browser.open(pathOf(link));
  assert.match(browser.at(), new RegExp(`^${APP_URL}/verification\\?flow=`));
  assert.deepEqual(browser.see(), [4070001]);
});

test('on the built-in page there is a field for the code', async (t) => {
  const { server, link } = await started(t, 'code', { verification: { enabled: true, use: 'code' } });
  const opened = await server.ask('GET', pathOf(link), { headers: HTML });
  assert.equal(opened.status, 303);
  const cookie = opened.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const page = await server.ask('GET', pathOf(opened.headers.get('location') ?? ''), {
    headers: { ...HTML, cookie },
  });
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.match(html, /name="code"/);
  const hidden = /name="csrf_token"[^>]*value="([^"]+)"/.exec(html)?.[1] ?? '';
  assert.ok(hidden, 'the form has the token of its browser');
  const send = (fields: Record<string, string>, jar = cookie) =>
    server.ask('POST', pathOf(/action="([^"]+)"/.exec(html)?.[1] ?? '').replace(/&amp;/g, '&'), {
      headers: { ...HTML, cookie: jar, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  // Without the token nobody sends it from elsewhere.
  assert.equal((await send({ method: 'code', email: EMAIL, csrf_token: 'x' })).status, 303);
  const code = new URL(link).searchParams.get('code') ?? '';
  const done = await send({ method: 'code', code, csrf_token: hidden });
  assert.equal(done.status, 303);
  assert.match(done.headers.get('location') ?? '', /\/ui\/verification\?flow=/);
});

test('a code that comes with an address is checked, since there are clients that always send both', async (t) => {
  const { server, app, flow, link } = await started(t, 'code');
  const code = new URL(link).searchParams.get('code') ?? '';
  const sent = (await messagesTo(server, EMAIL)).length;
  const wrong = await json<FlowJson>(await app.send(flow, { method: 'code', email: EMAIL, code: '000000' }));
  assert.deepEqual(messageIds(wrong), [4070006]);
  const done = await json<FlowJson>(await app.send(flow, { method: 'code', email: EMAIL, code }));
  assert.equal(done.state, 'passed_challenge');
  assert.equal((await messagesTo(server, EMAIL)).length, sent);
});
