// What keeps browsers safe: cookies, forged requests, pages of other sites, proxies. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage, SESSION_COOKIE } from '../support/browser.ts';
import { errorId, type FlowJson, fieldValue, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const CSRF = 'security_csrf_violation';
const signUp = { method: 'password', password: PASSWORD, 'traits.email': 'ada@example.org' };

test('SameSite=None without Secure is refused at start', async (t) => {
  for (const config of [
    { cookies: { same_site: 'None' } },
    { cookies: { same_site: 'None', secure: false }, dev: false, hashers: { bcrypt: { cost: 12 } } },
    { session: { cookie: { same_site: 'None' } } },
    { cookies: { secure: true }, session: { cookie: { same_site: 'None', secure: false } } },
  ]) {
    await assert.rejects(startServer(t, { config }), /SameSite=None needs secure cookies/);
  }
  await startServer(t, { config: { cookies: { same_site: 'None', secure: true } } });
});

test('session.cookie.secure follows cookies.secure', async (t) => {
  for (const [config, isSecure] of [
    [{}, false],
    [{ cookies: { secure: true } }, true],
    [{ cookies: { secure: true }, session: { cookie: { secure: false } } }, false],
    [{ dev: false, hashers: { bcrypt: { cost: 12 } } }, true],
  ] as const) {
    const server = await startServer(t, { config });
    const browser = createBrowser(server);
    const start = await browser.open('/self-service/registration/browser');
    assert.equal(start.headers.getSetCookie().length, 1);
    const form = browser.form();
    const body = new URLSearchParams({ ...signUp, csrf_token: String(fieldValue(form, 'csrf_token')) });
    const done = await browser.ask('POST', form.ui.action, { headers: FORM, body: body.toString() });
    const [session = ''] = done.headers.getSetCookie().filter((line) => line.startsWith(SESSION_COOKIE));
    assert.equal(/; Secure(;|$)/.test(session), isSecure, session);
    assert.match(session, /; HttpOnly/);
    assert.match(session, /; SameSite=Lax/);
  }
});

test('a form without the token of its browser is refused, and nothing happens', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  const { ui } = browser.form();
  const other = createBrowser(server);
  await other.open('/self-service/registration/browser');
  const foreign = String(fieldValue(other.form(), 'csrf_token'));
  for (const csrf_token of ['', 'rubbish', foreign, 'A'.repeat(88)]) {
    const page = createScriptedPage(server, browser.cookies);
    const answer = await page.ask('POST', ui.action, { ...signUp, csrf_token });
    assert.equal(await errorId(answer, 403), CSRF, csrf_token);
  }
  await errorId(await createNativeApp(server).ask('GET', '/sessions/whoami'), 401);
});

test('the anti-CSRF token looks different each time and changes when somebody signs in or out', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  const first = browser.form();
  const token = () => [...browser.cookies.all].find(([name]) => name.startsWith('csrf_token_'))?.[1];
  const before = token();
  const again = await json<FlowJson>(
    await browser.ask('GET', `/self-service/registration/flows?id=${first.id}`),
  );
  assert.notEqual(fieldValue(again, 'csrf_token'), fieldValue(first, 'csrf_token'));
  assert.equal(token(), before);
  await browser.signUp('ada@example.org');
  const signedIn = token();
  assert.notEqual(signedIn, before);
  const { logout_url } = await json<{ logout_url: string }>(
    await browser.ask('GET', '/self-service/logout/browser'),
  );
  await browser.open(logout_url);
  assert.notEqual(token(), signedIn);
});

test('two anti-CSRF cookies count as none: one of them was planted', async (t) => {
  const server = await startServer(t);
  const page = createScriptedPage(server);
  const flow = await page.start('registration');
  const [name, value] = [...page.cookies.all][0] ?? [];
  const answer = await server.ask('POST', flow.ui.action, {
    headers: { cookie: `${name}=${value}; ${name}=${value}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...signUp, csrf_token: fieldValue(flow, 'csrf_token') }),
  });
  assert.equal(await errorId(answer, 403), CSRF);
});

test('a flow for native apps is refused to pages: neither Origin nor cookies come along', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { cookie: 'a=b' }]) {
    const answer = await server.ask('POST', flow.ui.action, {
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(signUp),
    });
    assert.deepEqual(messageIds(await json<FlowJson>(answer, 400)), [4000001]);
  }
  // Cookies that a proxy in between sets are no sign of a browser.
  const behindProxy = await server.ask('POST', flow.ui.action, {
    headers: { 'content-type': 'application/json', cookie: '__cf_bm=1; _cfuvid=2; cf_clearance=3' },
    body: JSON.stringify(signUp),
  });
  assert.equal(behindProxy.status, 200);
});

test('what changes something on the public port needs a token wherever no flow checks one', async (t) => {
  const server = await startServer(t);
  for (const [method, path] of [
    ['POST', '/nowhere'],
    ['DELETE', '/schemas'],
    ['PUT', '/self-service/errors'],
  ] as const) {
    assert.equal(await errorId(await server.ask(method, path), 403), CSRF, path);
  }
});

const cors = (allowed_origins: readonly string[], more = {}) => ({
  config: { serve: { public: { cors: { enabled: true, allowed_origins, ...more } } } },
});

async function allowedOrigin(server: TestServer, origin: string): Promise<string | null> {
  const answer = await server.ask('GET', '/sessions/whoami', { headers: { origin } });
  return answer.headers.get('access-control-allow-origin');
}

test('Origin: null is refused unless named', async (t) => {
  const all = await startServer(t, cors(['*']));
  assert.equal(await allowedOrigin(all, 'null'), null);
  assert.equal(await allowedOrigin(all, 'https://app.example.org'), 'https://app.example.org');
  const named = await startServer(t, cors(['null']));
  assert.equal(await allowedOrigin(named, 'null'), 'null');
  assert.equal(await allowedOrigin(named, 'https://app.example.org'), null);
});

test('wildcards of origins stand for whole labels', async (t) => {
  const server = await startServer(
    t,
    cors(['https://*.example.org', 'https://*.com', 'https://shop.example.net']),
  );
  for (const fine of ['https://a.example.org', 'https://a.b.example.org', 'https://shop.example.net']) {
    assert.equal(await allowedOrigin(server, fine), fine);
  }
  for (const bad of [
    'https://example.org',
    'https://evilexample.org',
    'https://a.example.org.evil.net',
    'https://evil.net/.example.org',
    'https://user@a.example.org:x.example.org',
    'http://a.example.org',
    'https://evil.com',
    'https://shop.example.net.evil.org',
  ]) {
    assert.equal(await allowedOrigin(server, bad), null, bad);
  }
});

test('a preflight may list headers in any order and case', async (t) => {
  const server = await startServer(t, cors(['https://app.example.org']));
  const preflight = (headers: string) =>
    server.ask('OPTIONS', '/self-service/login', {
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'post',
        'access-control-request-headers': headers,
      },
    });
  for (const fine of ['content-type', 'X-Session-Token,content-TYPE', 'content-type , authorization', '']) {
    const answer = await preflight(fine);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example.org', fine);
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
  }
  assert.equal((await preflight('content-type,x-evil')).headers.get('access-control-allow-origin'), null);
});

test('forwarding headers of strangers are not believed', async (t) => {
  const rate_limits = { enabled: false, trusted_proxies: ['10.0.0.0/8'] };
  const server = await startServer(t, { config: { serve: { public: { rate_limits } } } });
  const forged = {
    'x-forwarded-for': '203.0.113.9',
    'x-real-ip': '203.0.113.9',
    'true-client-ip': '203.0.113.9',
    'cf-connecting-ip': '203.0.113.9',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
  };
  const start = async (address: string) =>
    json<FlowJson>(
      await server.ask('GET', '/self-service/registration/api', {
        peer: { address, port: 4711 },
        headers: forged,
      }),
    );
  const signUpFrom = async (address: string, email: string) => {
    const flow = await start(address);
    const path = new URL(flow.ui.action);
    const answer = await server.ask('POST', `${path.pathname}${path.search}`, {
      peer: { address, port: 4711 },
      headers: { ...forged, 'content-type': 'application/json' },
      body: JSON.stringify({ ...signUp, 'traits.email': email }),
    });
    const { session } = await json<{ session: { devices: { ip_address: string }[] } }>(answer);
    return { at: new URL(flow.request_url), address: session.devices[0]?.ip_address };
  };
  const stranger = await signUpFrom('198.51.100.7', 'ada@example.org');
  assert.equal(stranger.at.origin, 'http://id.example.org');
  assert.equal(stranger.address, '198.51.100.7:4711');
  const proxy = await signUpFrom('10.0.0.7', 'grace@example.org');
  assert.equal(proxy.at.origin, 'https://evil.example');
  assert.equal(proxy.address, '203.0.113.9');
});

test('proxies are believed where the operator says so, and nowhere else', async (t) => {
  const rate_limits = { enabled: false, trusted_proxies: ['198.51.100.0/24'] };
  const server = await startServer(t, { config: { serve: { public: { rate_limits } } } });
  const hostSeenBy = async (address: string) => {
    const headers = { 'x-forwarded-host': 'login.example.org' };
    const answer = await server.ask('GET', '/self-service/login/api', {
      peer: { address, port: 1 },
      headers,
    });
    return new URL((await json<FlowJson>(answer)).request_url).host;
  };
  assert.equal(await hostSeenBy('198.51.100.7'), 'login.example.org');
  assert.equal(await hostSeenBy('10.0.0.7'), 'id.example.org');
  assert.equal(await hostSeenBy('127.0.0.1'), 'id.example.org');
});

test('stored errors hold what the person was told and no inner detail', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser?return_to=https://evil.example/');
  const { id } = Object.fromEntries(new URL(browser.at()).searchParams);
  const { error } = await json<{ error: object }>(await server.ask('GET', `/self-service/errors?id=${id}`));
  assert.deepEqual(Object.keys(error).sort(), ['code', 'id', 'message', 'reason', 'status']);
  for (const unknown of ['8f1bb3a4-5f2c-4f5e-9f6f-0d1d4d4a2a11', 'none', '']) {
    await errorId(await server.ask('GET', `/self-service/errors?id=${unknown}`), 404);
  }
});

test('answers are not kept by caches, and differ by cookie', async (t) => {
  const server = await startServer(t, cors(['*']));
  for (const path of ['/sessions/whoami', '/self-service/login/browser', '/schemas', '/nowhere']) {
    const { headers } = await server.ask('GET', path);
    assert.match(headers.get('cache-control') ?? '', /no-store/, path);
    assert.match(headers.get('vary') ?? '', /Cookie/, path);
    assert.match(headers.get('vary') ?? '', /Origin/, path);
  }
});

test('the session cookie is the last line of an answer, for clients that keep that one alone', async (t) => {
  const server = await startServer(t);
  const ada = createScriptedPage(server);
  const signUpFlow = await ada.start('registration');
  const signedUp = await ada.send(signUpFlow, { ...signUp, 'traits.email': 'ada@example.org' });
  for (const answer of [signedUp]) {
    const names = answer.headers.getSetCookie().map((line) => line.split('=')[0] ?? '');
    assert.ok(names.length >= 2, String(names));
    assert.match(names[0] ?? '', /^csrf_token_/);
    assert.equal(names.at(-1), 'ory_kratos_session');
  }
});
