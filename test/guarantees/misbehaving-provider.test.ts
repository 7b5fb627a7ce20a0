// A provider that makes mistakes, or is somebody else: a clear refusal each time, nobody signed in and nobody half made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import type { Mistakes } from '../support/openid-provider.ts';
import { APP_URL } from '../support/server.ts';
import { startSocial } from '../support/social-server.ts';

const now = () => Math.floor(Date.now() / 1000);
const REFUSED = 4000001;

interface Row {
  readonly title: string;
  readonly mistakes: Mistakes;
  /** Whether the person is shown the form with a message, or the error page. */
  readonly ends: 'on the form' | 'on the error page';
  readonly claimsSource?: 'userinfo';
}

const ROWS: readonly Row[] = [
  { title: 'the person is refused', mistakes: { denies: 'access_denied' }, ends: 'on the form' },
  {
    title: 'the id_token names another issuer',
    mistakes: { claims: (c) => ({ ...c, iss: 'https://evil.example' }) },
    ends: 'on the form',
  },
  {
    title: 'the id_token is for another client',
    mistakes: { claims: (c) => ({ ...c, aud: 'stranger' }) },
    ends: 'on the form',
  },
  {
    title: 'the id_token is for two clients and names the other one',
    mistakes: { claims: (c) => ({ ...c, aud: ['acme-client', 'stranger'], azp: 'stranger' }) },
    ends: 'on the form',
  },
  {
    title: 'the id_token has another nonce',
    mistakes: { claims: (c) => ({ ...c, nonce: 'stolen' }) },
    ends: 'on the form',
  },
  {
    title: 'the id_token has no nonce',
    mistakes: { claims: ({ nonce: _n, ...c }) => c },
    ends: 'on the form',
  },
  {
    title: 'the id_token has expired',
    mistakes: { claims: (c) => ({ ...c, iat: now() - 7200, exp: now() - 3600 }) },
    ends: 'on the form',
  },
  { title: 'the id_token is not signed', mistakes: { signs: 'with-none' }, ends: 'on the form' },
  {
    title: 'the id_token is signed by a key that is not published',
    mistakes: { signs: 'with-a-stranger-key' },
    ends: 'on the form',
  },
  {
    title: 'the id_token is signed with the client secret',
    mistakes: { signs: 'with-the-client-secret' },
    ends: 'on the form',
  },
  {
    title: 'the id_token names an unknown key',
    mistakes: { header: { kid: 'nowhere' } },
    ends: 'on the form',
  },
  { title: 'there is no id_token', mistakes: { signs: 'nothing' }, ends: 'on the form' },
  {
    title: 'the id_token is no token',
    mistakes: { tokenBody: (body) => ({ ...body, id_token: 'a.b.c' }) },
    ends: 'on the error page',
  },
  {
    title: 'the answer names another issuer',
    mistakes: { callback: { iss: 'https://evil.example' } },
    ends: 'on the form',
  },
  {
    title: 'userinfo is about somebody else',
    mistakes: { userinfo: (user) => ({ ...user, sub: 'somebody-else' }) },
    ends: 'on the form',
    claimsSource: 'userinfo',
  },
  {
    title: 'userinfo fails',
    mistakes: { breaks: '/userinfo' },
    ends: 'on the error page',
    claimsSource: 'userinfo',
  },
  {
    title: 'the id_token names nobody',
    mistakes: { claims: ({ sub: _s, ...c }) => c },
    ends: 'on the error page',
  },
  {
    title: 'the subject is a number',
    mistakes: { claims: (c) => ({ ...c, sub: 7 }) },
    ends: 'on the error page',
  },
  { title: 'the code is refused', mistakes: { tokenStatus: 400 }, ends: 'on the error page' },
  { title: 'the token endpoint fails', mistakes: { tokenStatus: 503 }, ends: 'on the error page' },
  { title: 'the token endpoint sends no JSON', mistakes: { breaks: '/token' }, ends: 'on the error page' },
  {
    title: 'the token endpoint sends no token',
    mistakes: { tokenBody: () => ({ token_type: 'Bearer' }) },
    ends: 'on the error page',
  },
  { title: 'the keys are no keys', mistakes: { breaks: '/jwks' }, ends: 'on the error page' },
];

for (const { title, mistakes, ends, claimsSource } of ROWS) {
  test(`${title}: refused ${ends}`, async (t) => {
    const server = await startSocial(t, claimsSource ? { entry: { claims_source: claimsSource } } : {});
    const { acme } = server;
    const browser = createBrowser(server);
    const back = await (async () => {
      acme.mistakes = mistakes;
      return server.leave(browser);
    })();
    await browser.open(back);
    if (ends === 'on the form') {
      assert.match(browser.at(), new RegExp(`^${APP_URL}/login\\?flow=`));
      assert.deepEqual(browser.see(), [REFUSED]);
    } else assert.match(browser.at(), new RegExp(`^${APP_URL}/error\\?id=`));
    assert.equal(await browser.isSignedIn(), false);
    const people = (await createAdmin(server).get('/admin/identities')).json<readonly unknown[]>();
    assert.equal(people.length, 0, 'nobody was made');
    // What went wrong once stands in nobody's way. A key set that could not be read is tried again after a moment.
    acme.mistakes = {};
    server.clock.advance(11_000);
    await server.signIn(browser);
    assert.equal(await browser.isSignedIn(), true);
  });
}

test('answers that are too large are not read', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  server.acme.mistakes = { padding: 1024 * 1024 };
  await browser.open(back);
  assert.match(browser.at(), /\/error\?id=/);
  assert.equal(await browser.isSignedIn(), false);
});

test('a provider that is down harms nobody who signs in another way', async (t) => {
  const server = await startSocial(t);
  server.acme.mistakes = { breaks: '/.well-known/openid-configuration' };
  const browser = createBrowser(server);
  await browser.signUp('grace@example.org');
  assert.ok(await browser.isSignedIn());
  const other = createBrowser(server);
  await other.open('/self-service/login/browser');
  await other.press('acme', 'provider');
  assert.match(other.at(), /\/error\?id=/);
});

test('keys that change between the way out and the way back are found', async (t) => {
  const server = await startSocial(t);
  const { acme } = server;
  await server.signIn(createBrowser(server));
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  await acme.rotate();
  await browser.open(back);
  assert.ok(await browser.isSignedIn());
});

test('unknown keys are looked for once, not once for each who comes', async (t) => {
  const server = await startSocial(t);
  const { acme } = server;
  await server.signIn(createBrowser(server));
  acme.mistakes = { header: { kid: 'nowhere' } };
  const before = acme.asked.filter((path) => path === '/jwks').length;
  for (let count = 0; count < 5; count += 1) await server.signIn(createBrowser(server));
  assert.equal(acme.asked.filter((path) => path === '/jwks').length, before + 1);
});

test('many who come at once share one discovery document', async (t) => {
  const server = await startSocial(t);
  await Promise.all(Array.from({ length: 8 }, () => server.leave(createBrowser(server))));
  const asked = server.acme.asked.filter((path) => path.startsWith('/.well-known/'));
  assert.equal(asked.length, 1);
});

test('a private network is closed to providers, where that is configured', async (t) => {
  const server = await startSocial(t, {
    config: { clients: { http: { disallow_private_ip_ranges: true } } },
  });
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  await browser.press('acme', 'provider');
  assert.match(browser.at(), /\/error\?id=/);
  assert.deepEqual(server.acme.asked, []);
});
