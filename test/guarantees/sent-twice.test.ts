// A form that is sent twice, or whose answer was lost: its person ends up signed in, or on a form that says what to do. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Browser,
  createBrowser,
  createCookieJar,
  createScriptedPage,
  SESSION_COOKIE,
} from '../support/browser.ts';
import { type FlowJson, fieldValue, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, PASSWORD, startServer, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const SENT_AGAIN = 4019001;
const MADE_ALREADY = 4049001;
const HTML = 'text/html';

/** What a browser sends when the button is pressed: with these cookies, and without waiting for another answer. */
function pressed(
  server: TestServer,
  browser: Browser,
  values: Record<string, string>,
  cookie = browser.cookies.header(),
) {
  const form = browser.form();
  const fields = new URLSearchParams({
    csrf_token: String(fieldValue(form, 'csrf_token') ?? ''),
    method: 'password',
    ...values,
  });
  return () =>
    server.ask('POST', form.ui.action, {
      headers: { accept: HTML, cookie: cookie ?? '', 'content-type': 'application/x-www-form-urlencoded' },
      body: fields.toString(),
    });
}

const whoever = async (server: TestServer, answer: Response): Promise<string | undefined> => {
  const jar = createCookieJar();
  jar.take(answer);
  const session = jar.all.get(SESSION_COOKIE);
  if (session === undefined) return undefined;
  const asked = await server.ask('GET', '/sessions/whoami', {
    headers: { cookie: `${SESSION_COOKIE}=${session}` },
  });
  return (await json<{ identity: { traits: { email: string } } }>(asked)).identity.traits.email;
};

const LOGIN = { identifier: EMAIL, password: PASSWORD };
const SIGN_UP = { 'traits.email': EMAIL, password: PASSWORD };
const RETURN = `?return_to=${encodeURIComponent(`${APP_URL}/start`)}`;

for (const [kind, values] of [
  ['login', LOGIN],
  ['registration', SIGN_UP],
] as const) {
  const begin = async (t: { after: (work: () => void | Promise<void>) => void }) => {
    const server = await startServer(t);
    if (kind === 'login') await createNativeApp(server).signUp(EMAIL);
    const browser = createBrowser(server);
    await browser.open(`/self-service/${kind}/browser${RETURN}`);
    return { server, browser };
  };

  test(`fifty clicks at once end signed in, whichever answer the browser keeps [${kind}]`, async (t) => {
    const { server, browser } = await begin(t);
    const send = pressed(server, browser, values);
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    for (const answer of answers) {
      assert.equal(answer.headers.get('location'), `${APP_URL}/start`);
      assert.equal(await whoever(server, answer), EMAIL);
    }
    const { identities } = server.bia.database.stores;
    assert.equal(await identities.count({}), 1);
  });

  test(`a second click with the session of the first leads to the same place and makes no other session [${kind}]`, async (t) => {
    const { server, browser } = await begin(t);
    const send = pressed(server, browser, values);
    const first = await send();
    browser.cookies.take(first);
    const again = await pressed(server, browser, values)();
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(again.headers.get('location'), `${APP_URL}/start`);
    assert.deepEqual(again.headers.getSetCookie(), []);
    assert.equal(await browser.isSignedIn(), true);
  });

  test(`whoever lost the answer signs in by sending the form again [${kind}]`, async (t) => {
    const { server, browser } = await begin(t);
    const send = pressed(server, browser, values);
    await send();
    const again = await send();
    assert.equal(again.headers.get('location'), `${APP_URL}/start`);
    assert.equal(await whoever(server, again), EMAIL);
    server.clock.advance(10 * 60_000);
    browser.cookies.take(await send());
    const late = await send();
    assert.equal(await whoever(server, late), undefined, 'not for long');
    assert.match(late.headers.get('location') ?? '', /\/login\?flow=/);
  });

  test(`sending it again proves everything anew: another password or another browser gets no session [${kind}]`, async (t) => {
    const { server, browser } = await begin(t);
    const send = pressed(server, browser, values);
    await send();
    const wrong = await pressed(server, browser, { ...values, password: 'another one, 12345' })();
    assert.equal(await whoever(server, wrong), undefined);
    const id = new URL(wrong.headers.get('location') ?? '').searchParams.get('flow');
    const shown = await json<FlowJson>(await browser.ask('GET', `/self-service/login/flows?id=${id}`));
    assert.deepEqual(messageIds(shown), [kind === 'login' ? SENT_AGAIN : MADE_ALREADY]);
    const other = createBrowser(server);
    await other.open(`/self-service/${kind}/browser`);
    const stolen = await pressed(server, browser, values, other.cookies.header())();
    assert.equal(await whoever(server, stolen), undefined);
  });
}

test('a page that works by script is signed in after two submissions at once', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp(EMAIL);
  const page = createScriptedPage(server);
  const flow = await page.start('login');
  const body = { method: 'password', identifier: EMAIL, password: PASSWORD };
  const answers = await Promise.all([page.send(flow, body), page.send(flow, body)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await page.ask('GET', '/sessions/whoami')).status, 200);
  const third = await page.send(flow, body);
  assert.equal(third.status, 200);
  assert.deepEqual(third.headers.getSetCookie(), []);
});

test('a native app that sends a form again is told which one to go on with', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp(EMAIL);
  const app = createNativeApp(server);
  const flow = await app.start('login');
  const body = { method: 'password', identifier: EMAIL, password: PASSWORD };
  assert.equal((await app.send(flow, body)).status, 200);
  const again = await json<{ use_flow_id: string }>(await createNativeApp(server).send(flow, body), 410);
  const next = await json<FlowJson>(
    await app.ask('GET', `/self-service/login/flows?id=${again.use_flow_id}`),
  );
  assert.deepEqual(messageIds(next), [SENT_AGAIN]);
});
