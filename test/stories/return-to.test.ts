// Where one goes after a flow: to the address that was asked for, if the operator allows it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { errorId, json } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  APP_URL,
  ID_URL,
  OTHER_PASSWORD,
  PASSWORD,
  startServer,
  type TestServer,
} from '../support/server.ts';

const query = (returnTo: string): string => `?return_to=${encodeURIComponent(returnTo)}`;
const allowing = (...urls: readonly string[]) => ({ selfservice: { allowed_return_urls: urls } });

/** True where a flow may begin with this address to return to. */
async function isTaken(server: TestServer, returnTo: string): Promise<boolean> {
  const answer = await server.ask('GET', `/self-service/login/api${query(returnTo)}`);
  if (answer.status === 200) return true;
  assert.equal(await errorId(answer, 400), 'self_service_flow_return_to_forbidden', returnTo);
  return false;
}

test('after signing up, signing in, a change and signing out one is where one wanted to be', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  const wanted = `${APP_URL}/basket?item=7#top`;
  await browser.open(`/self-service/registration/browser${query(wanted)}`);
  browser.fill({ 'traits.email': 'ada@example.org', password: PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), wanted);

  await browser.open(`/self-service/settings/browser${query(wanted)}`);
  browser.fill({ password: OTHER_PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), wanted);

  const logout = await browser.ask('GET', `/self-service/logout/browser${query(wanted)}`);
  await browser.open((await json<{ logout_url: string }>(logout)).logout_url);
  assert.equal(browser.at(), wanted);

  await browser.open(`/self-service/login/browser${query(wanted)}`);
  browser.fill({ identifier: 'ada@example.org', password: OTHER_PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), wanted);
});

test('who has to sign in for settings comes back to the address of the settings', async (t) => {
  const server = await startServer(t);
  await createNativeApp(server).signUp('ada@example.org');
  const browser = createBrowser(server);
  await browser.open(`/self-service/settings/browser${query(`${APP_URL}/account`)}`);
  assert.ok(browser.at().startsWith(`${APP_URL}/login?flow=`));
  browser.fill({ identifier: 'ada@example.org', password: PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), `${APP_URL}/account`);
});

test('a path alone means the default site', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.open(`/self-service/registration/browser${query('/welcome')}`);
  browser.fill({ 'traits.email': 'ada@example.org', password: PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), `${APP_URL}/welcome`);
});

test('the address by method goes before the address of the flow, and that before the default', async (t) => {
  const flows = {
    login: { after: { default_browser_return_url: `${APP_URL}/after-login` } },
    registration: {
      after: {
        default_browser_return_url: `${APP_URL}/after-registration`,
        password: { default_browser_return_url: `${APP_URL}/after-password`, hooks: [{ hook: 'session' }] },
      },
    },
  };
  const server = await startServer(t, { config: { selfservice: { flows } } });
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  assert.equal(browser.at(), `${APP_URL}/after-password`);
  const other = createBrowser(server);
  await other.signIn('ada@example.org');
  assert.equal(other.at(), `${APP_URL}/after-login`);
});

test('return_to compares whole path segments, refuses userinfo', async (t) => {
  const server = await startServer(t, { config: allowing('https://shop.example.net/app') });
  for (const fine of ['/app', '/app/', '/app/a/b?c=d#e', '/app/../app/x', '/app?next=//evil.example']) {
    assert.equal(await isTaken(server, `https://shop.example.net${fine}`), true, fine);
  }
  const refused = [
    'https://shop.example.net/application',
    'https://shop.example.net/app/../admin',
    'https://shop.example.net/app/%2e%2e/admin',
    'https://shop.example.net/app/..%2fadmin',
    'https://shop.example.net/APP',
    'https://user@shop.example.net/app',
    'https://user:secret@shop.example.net/app',
    'https://shop.example.net@evil.example/app',
    'https://shop.example.net.evil.example/app',
    'https://shop.example.net:8443/app',
    'http://shop.example.net/app',
    '//evil.example/app',
    '\\\\evil.example/app',
    'https:\\\\evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://shop.example.net\t.evil.example/app',
    'http://[',
  ];
  for (const bad of refused) assert.equal(await isTaken(server, bad), false, bad);
});

test('wildcards of return_to stand for whole labels below a domain of one’s own', async (t) => {
  const config = allowing(
    'https://*.example.net/app',
    'https://*.com',
    'https://*.co.uk',
    'https://*evil.org',
  );
  const server = await startServer(t, { config });
  for (const fine of ['https://a.example.net/app', 'https://a.b.example.net/app/x']) {
    assert.equal(await isTaken(server, fine), true, fine);
  }
  for (const bad of [
    'https://example.net/app',
    'https://evilexample.net/app',
    'https://a.example.net/application',
    'https://a.example.net.evil.org/app',
    'https://shop.com/app',
    'https://shop.co.uk/app',
    'https://veryevil.org/',
  ]) {
    assert.equal(await isTaken(server, bad), false, bad);
  }
  assert.equal(server.bia.warnings.filter(({ key }) => key.includes('allowed_return_urls')).length, 3);
});

test('each way to begin refuses an address that is not allowed', async (t) => {
  const server = await startServer(t);
  const evil = query('https://evil.example/');
  const page = createScriptedPage(server);
  for (const kind of ['login', 'registration']) {
    const refused = await page.ask('GET', `/self-service/${kind}/browser${evil}`);
    assert.equal(await errorId(refused, 400), 'self_service_flow_return_to_forbidden', kind);
  }
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const signedIn = createScriptedPage(server, browser.cookies);
  for (const at of [`settings/browser${evil}`, `logout/browser${evil}`]) {
    const refused = await signedIn.ask('GET', `/self-service/${at}`);
    assert.equal(await errorId(refused, 400), 'self_service_flow_return_to_forbidden', at);
  }
});

test('a sign-out with a forged address is refused before the session is ended', async (t) => {
  const server = await startServer(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const { logout_token } = await json<{ logout_token: string }>(
    await browser.ask('GET', '/self-service/logout/browser'),
  );
  await browser.open(`/self-service/logout${query('https://evil.example/')}&token=${logout_token}`);
  assert.ok(browser.at().startsWith(`${APP_URL}/error?id=`));
  assert.equal(await browser.isSignedIn(), true);
});

test('the server’s own self-service addresses may always be returned to', async (t) => {
  const server = await startServer(t, { config: allowing() });
  assert.equal(await isTaken(server, `${ID_URL}/self-service/settings/browser`), true);
  assert.equal(await isTaken(server, `${ID_URL}/self-services`), false);
  assert.equal(await isTaken(server, `${ID_URL}/sessions/whoami`), false);
});
