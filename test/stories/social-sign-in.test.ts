// Signing in with an account at another provider: from pages, from apps, with what is missing and with what is there already.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin, type IdentityJson } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { jsonnetUrl } from '../support/openid-provider.ts';
import { APP_URL, ID_URL, MINUTE_MS, PASSWORD } from '../support/server.ts';
import { signedUpBy, startSocial } from '../support/social-server.ts';

const ADA = { sub: 'ada-1', email: 'ada@example.org', email_verified: true };
const CONTINUE = 1040003;
const REQUIRED = 4000002;
const LOGIN_EXPIRED = 4010001;

for (const name of SHARED_DATABASES) {
  test(`somebody signs up, signs in elsewhere, links and unlinks [${name}]`, async (t) => {
    const fresh = await freshDatabase(name);
    const server = await startSocial(t, { dsn: fresh.dsn });
    t.after(fresh.remove);
    const browser = await signedUpBy(server, ADA);
    assert.equal(browser.at(), `${APP_URL}/home`);
    const elsewhere = createBrowser(server);
    await server.signIn(elsewhere);
    const who = await json<SessionJson>(await elsewhere.ask('GET', '/sessions/whoami'));
    assert.equal(who.identity.traits['email'], ADA.email);
    await elsewhere.open('/self-service/settings/browser');
    const names = elsewhere.form().ui.nodes.map(({ attributes }) => attributes.name);
    assert.ok(!names.includes('unlink'), 'the last way to sign in stays');
    elsewhere.fill({ password: PASSWORD });
    await elsewhere.press('password');
    await elsewhere.open('/self-service/settings/browser');
    await elsewhere.press('acme', 'unlink');
    const [person] = (
      await createAdmin(server).get('/admin/identities?credentials_identifier=acme:ada-1')
    ).json<readonly IdentityJson[]>();
    assert.equal(person, undefined);
    await server.signIn(createBrowser(server));
  });
}

for (const name of SHARED_DATABASES) {
  test(`of two sign-ups of one subject at the same moment one makes the account and the other signs in [${name}]`, async (t) => {
    const fresh = await freshDatabase(name);
    const server = await startSocial(t, { dsn: fresh.dsn });
    t.after(fresh.remove);
    const browsers = Array.from({ length: 4 }, () => createBrowser(server));
    const backs: string[] = [];
    for (const browser of browsers) backs.push(await server.leave(browser, { kind: 'registration' }));
    await Promise.all(browsers.map((browser, at) => browser.open(backs[at] ?? '')));
    for (const browser of browsers) assert.equal(await browser.isSignedIn(), true);
    const people = (await createAdmin(server).get('/admin/identities')).json<readonly IdentityJson[]>();
    assert.equal(people.length, 1);
  });
}

test('what the provider did not say is asked for, and the sign-up goes on', async (t) => {
  const server = await startSocial(t);
  server.acme.user = { sub: 'grace-1' };
  const browser = createBrowser(server);
  await server.signIn(browser);
  assert.match(browser.at(), new RegExp(`^${APP_URL}/registration`));
  assert.ok(messageIds(browser.form()).includes(REQUIRED));
  const [button] = browser.form().ui.nodes.filter((node) => node.attributes.name === 'provider');
  assert.ok(JSON.stringify(button).includes(String(CONTINUE)));
  browser.fill({ 'traits.email': 'grace@example.org' });
  await browser.press('acme', 'provider');
  await browser.open(await server.acme.visit(browser.at()));
  assert.ok(await browser.isSignedIn());
});

test('whoever has an account signs in to it, and from then on by the provider', async (t) => {
  const server = await startSocial(t);
  await createBrowser(server).signUp(ADA.email);
  const browser = createBrowser(server);
  server.acme.user = ADA;
  await server.signIn(browser, { kind: 'registration' });
  assert.match(browser.at(), /\/login\?flow=.*no_org_ui=true/);
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  const who = await json<SessionJson>(await browser.ask('GET', '/sessions/whoami'));
  assert.deepEqual(
    who.authentication_methods.map(({ method }) => method),
    ['password', 'oidc'],
  );
  const later = createBrowser(server);
  await server.signIn(later);
  assert.ok(await later.isSignedIn());
});

test('where registration is closed, an account is still linked and nobody is made', async (t) => {
  const server = await startSocial(t, {
    config: { selfservice: { flows: { registration: { enabled: false } } } },
  });
  await createAdmin(server).create(ADA.email, {
    credentials: { password: { config: { password: PASSWORD } } },
  });
  server.acme.user = { sub: 'nobody', email: 'nobody@example.org' };
  const stranger = createBrowser(server);
  await server.signIn(stranger);
  assert.match(stranger.at(), /\/error\?id=/);
  server.acme.user = ADA;
  const ada = createBrowser(server);
  await server.signIn(ada);
  ada.fill({ password: PASSWORD });
  await ada.press('password');
  assert.ok(await ada.isSignedIn());
});

test('the way back that is opened twice leads on, and signs nobody else in', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  await browser.open(back);
  assert.ok(await browser.isSignedIn());
  await browser.open(back);
  assert.equal(browser.at(), `${APP_URL}/home`);
  const other = createBrowser(server);
  await other.open(back);
  assert.match(other.at(), /\/error\?id=/);
  assert.equal(await other.isSignedIn(), false);
});

test('the way back in another browser is refused, and the one that left still comes in', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  const other = createBrowser(server);
  await other.open(back);
  assert.equal(await other.isSignedIn(), false);
  await browser.open(back);
  assert.ok(await browser.isSignedIn());
});

test('the way back that comes too late shows a new form', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  server.clock.advance(61 * MINUTE_MS);
  await browser.open(back);
  assert.deepEqual(browser.see(), [LOGIN_EXPIRED]);
  assert.equal(await browser.isSignedIn(), false);
});

test('a way back at the address of another provider is refused', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = await server.leave(browser);
  const elsewhere = back.replace('/callback/acme', '/callback/nowhere');
  await browser.open(elsewhere);
  assert.match(browser.at(), /\/error\?id=/);
  assert.equal(await browser.isSignedIn(), false);
});

test('an answer by POST, without cookies, goes on by GET', async (t) => {
  const server = await startSocial(t);
  const browser = createBrowser(server);
  const back = new URL(await server.leave(browser));
  const posted = await server.ask('POST', back.pathname, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.acme.issuer },
    body: back.searchParams.toString(),
  });
  assert.equal(posted.status, 302);
  await browser.open(posted.headers.get('location') ?? '');
  assert.ok(await browser.isSignedIn());
});

test('a mapper in TypeScript takes the place of Jsonnet', async (t) => {
  const server = await startSocial(t, {
    entry: { mapper_url: jsonnetUrl("error 'not asked'") },
    additions: {
      claimsMappers: {
        acme: ({ claims }) => ({
          traits: { email: `${String(claims['sub'])}@mapped.example.org` },
          metadata_public: { issuer: claims.iss },
        }),
      },
    },
  });
  const browser = await signedUpBy(server, ADA);
  const who = await json<SessionJson & { identity: { metadata_public: unknown } }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.equal(who.identity.traits['email'], 'ada-1@mapped.example.org');
  assert.deepEqual(who.identity.metadata_public, { issuer: server.acme.issuer });
});

const EXCHANGE = '?return_session_token_exchange_code=true&return_to=exampleapp://callback';

/** A native app that has sent its person through the system browser. */
async function throughSystemBrowser(
  server: Awaited<ReturnType<typeof startSocial>>,
  kind: 'login' | 'registration',
  { system = createBrowser(server), query = '' } = {},
) {
  const app = createNativeApp(server);
  const flow = (await app.start(kind, `${EXCHANGE}${query}`)) as FlowJson & {
    session_token_exchange_code: string;
  };
  const left = await json<{ redirect_browser_to: string }>(
    await app.send(flow, { method: 'oidc', provider: 'acme' }),
    422,
  );
  await system.open(await server.acme.visit(left.redirect_browser_to));
  const back = new URL(system.at());
  assert.equal(back.href.startsWith('exampleapp://callback?'), true);
  const codes = new URLSearchParams({
    init_code: flow.session_token_exchange_code,
    return_to_code: back.searchParams.get('code') ?? '',
  });
  return { app, system, fetchSession: () => app.ask('GET', `/sessions/token-exchange?${codes}`) };
}

const NATIVE = { selfservice: { allowed_return_urls: [APP_URL, 'exampleapp://callback'] } };

test('a native app fetches its session with two codes, once, however often it asks at the same time', async (t) => {
  const server = await startSocial(t, { config: NATIVE });
  const { app, system, fetchSession } = await throughSystemBrowser(server, 'login');
  const answers = await Promise.all(Array.from({ length: 20 }, fetchSession));
  const given = answers.filter(({ status }) => status === 200);
  assert.equal(given.length, 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 404));
  const [first] = given;
  assert.ok(first);
  app.token = (await json<{ session_token: string }>(first)).session_token;
  assert.equal((await app.whoami()).identity.traits['email'], ADA.email);
  assert.equal(await system.isSignedIn(), false, 'the system browser is signed in to nothing');
});

for (const refresh of ['', '&refresh=true']) {
  test(`a native app gets a session of its own, whoever is signed in in the system browser [${refresh || 'first sign-in'}]`, async (t) => {
    const server = await startSocial(t, { config: NATIVE });
    const system = await signedUpBy(server, ADA);
    const inBrowser = await json<{ id: string }>(await system.ask('GET', '/sessions/whoami'));
    const { app, fetchSession } = await throughSystemBrowser(server, 'login', { system, query: refresh });
    app.token = (await json<{ session_token: string }>(await fetchSession())).session_token;
    assert.notEqual((await app.whoami()).id, inBrowser.id);
    assert.ok(await system.isSignedIn(), 'the session of the browser stays what it was');
  });
}

test('a native app is shown the form that its person has to complete', async (t) => {
  const server = await startSocial(t, { config: NATIVE });
  server.acme.user = { sub: 'grace-1' };
  const { fetchSession } = await throughSystemBrowser(server, 'login');
  const flow = await json<FlowJson>(await fetchSession(), 422);
  assert.ok(flow.ui.action.startsWith(`${ID_URL}/self-service/registration`));
  assert.ok(messageIds(flow).includes(REQUIRED));
});

test('one of the two codes alone is worth nothing', async (t) => {
  const server = await startSocial(t, { config: NATIVE });
  const { app } = await throughSystemBrowser(server, 'registration');
  for (const query of ['', '?init_code=a&return_to_code=b', '?init_code=&return_to_code=']) {
    assert.equal((await app.ask('GET', `/sessions/token-exchange${query}`)).status, 404);
  }
});

test('browser prompts (FedCM) are not offered, as where Kratos is not configured for them', async (t) => {
  const server = await startSocial(t);
  assert.equal((await server.ask('GET', '/self-service/fed-cm/parameters')).status, 404);
  // A POST without an anti-CSRF token gets no further than that.
  assert.equal((await server.ask('POST', '/self-service/fed-cm/token')).status, 403);
});

test('settings of organizations and of automatic linking are refused at the start', async (t) => {
  for (const entry of [{ organization_id: 'acme-org' }, { account_linking_mode: 'automatic' }]) {
    await assert.rejects(startSocial(t, { entry }), /providers\.0\./);
  }
});

test('a trial sign-in shows its claims to the browser that ran it only', async (t) => {
  const server = await startSocial(t);
  const flow = (
    await createAdmin(server).post('/admin/test-login-flows', { provider_id: 'acme' })
  ).json<FlowJson>();
  const browser = createBrowser(server);
  await browser.open(`${APP_URL}/login?flow=${flow.id}`);
  await browser.press('acme', 'provider');
  const shown = await browser.open(await server.acme.visit(browser.at()));
  assert.match(browser.at(), /\/session\/test-oidc\?flow=/);
  assert.match(await shown.text(), /ada@example\.org/);
  assert.equal(await browser.isSignedIn(), false);
  for (const address of [browser.at(), `/self-service/login/flows?id=${flow.id}`]) {
    const other = await createBrowser(server).ask('GET', address);
    assert.notEqual(other.status, 200);
    assert.doesNotMatch(await other.text(), /ada@example/);
  }
});

test('tokens of the provider are encrypted in the database, and shown to administrators who ask', async (t) => {
  const server = await startSocial(t, { isOnDisk: true });
  await signedUpBy(server, ADA);
  const stored = JSON.stringify(server.rows('select * from identity_credentials'));
  assert.ok(stored.includes('initial_id_token'));
  assert.doesNotMatch(stored, /eyJ/, 'no id_token in clear');
  const [person] = (
    await createAdmin(server).get('/admin/identities?credentials_identifier=acme:ada-1')
  ).json<readonly IdentityJson[]>();
  const shown = (
    await createAdmin(server).get(`/admin/identities/${person?.id}?include_credential=oidc`)
  ).json<IdentityJson>();
  assert.match(JSON.stringify(shown.credentials?.['oidc']?.config), /"initial_id_token":"eyJ/);
});
