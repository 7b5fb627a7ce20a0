// Ways into somebody else's account through a provider: none of them leads there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmin, type IdentityJson } from '../support/admin.ts';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { startCodeServer } from '../support/code-server.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { jsonnetUrl, providerEntry, startProvider } from '../support/openid-provider.ts';
import { APP_URL, HOUR_MS, OTHER_PASSWORD, PASSWORD, type TestServer } from '../support/server.ts';
import { signedUpBy, startSocial } from '../support/social-server.ts';

const ADA = 'ada@example.org';
const SIGN_IN_TO_LINK = 1010016;
const NOT_THAT_ACCOUNT = 4010009;
const TAKEN = 4000007;
const REFUSED = 4000001;

async function personBy(server: TestServer, identifier: string): Promise<IdentityJson | undefined> {
  const query = `/admin/identities?credentials_identifier=${encodeURIComponent(identifier)}`;
  const [found] = (await createAdmin(server).get(query)).json<readonly IdentityJson[]>();
  if (!found) return undefined;
  return (
    await createAdmin(server).get(`/admin/identities/${found.id}?include_credential=oidc`)
  ).json<IdentityJson>();
}

const linked = (person: IdentityJson | undefined): readonly string[] =>
  person?.credentials?.['oidc']?.identifiers ?? [];

for (const verified of [true, false]) {
  test(`an address that ${verified ? 'the provider has verified' : 'nobody has verified'} opens no account that has it`, async (t) => {
    const server = await startSocial(t);
    await createBrowser(server).signUp(ADA);
    server.acme.user = { sub: 'mallory', email: ADA, email_verified: verified };
    const mallory = createBrowser(server);
    await server.signIn(mallory);
    assert.deepEqual(mallory.see(), [SIGN_IN_TO_LINK]);
    assert.equal(await mallory.isSignedIn(), false);
    mallory.fill({ password: OTHER_PASSWORD });
    await mallory.press('password');
    assert.equal(await mallory.isSignedIn(), false);
    assert.deepEqual(linked(await personBy(server, ADA)), []);
    // Coming again gives no more.
    await server.signIn(createBrowser(server));
    assert.deepEqual(linked(await personBy(server, ADA)), []);
  });
}

test('the proof of one account links nothing to another one', async (t) => {
  const server = await startSocial(t);
  await createBrowser(server).signUp(ADA);
  await createBrowser(server).signUp('mallory@example.org', OTHER_PASSWORD);
  server.acme.user = { sub: 'mallory', email: ADA, email_verified: true };
  const mallory = createBrowser(server);
  await server.signIn(mallory);
  mallory.fill({ identifier: 'mallory@example.org', password: OTHER_PASSWORD });
  await mallory.press('password');
  assert.deepEqual(mallory.see(), [NOT_THAT_ACCOUNT]);
  assert.equal(await mallory.isSignedIn(), false);
  assert.deepEqual(linked(await personBy(server, ADA)), []);
  assert.deepEqual(linked(await personBy(server, 'mallory@example.org')), []);
});

test('what waits to be linked is the subject that was proven, whoever goes to the provider next', async (t) => {
  const server = await startSocial(t);
  await createBrowser(server).signUp(ADA);
  server.acme.user = { sub: 'ada-upstream', email: ADA, email_verified: true };
  const ada = createBrowser(server);
  await server.signIn(ada);
  server.acme.user = { sub: 'mallory', email: ADA, email_verified: true };
  await server.signIn(createBrowser(server));
  ada.fill({ password: 'correct horse 7 battery' });
  await ada.press('password');
  assert.ok(await ada.isSignedIn());
  assert.deepEqual(linked(await personBy(server, ADA)), ['acme:ada-upstream']);
});

test('where the account has a second factor, a password alone links nothing', async (t) => {
  const acme = await startProvider(t);
  const server = await startCodeServer(t, {
    code: { mfa_enabled: true },
    config: {
      session: { whoami: { required_aal: 'highest_available' } },
      selfservice: { methods: { oidc: { enabled: true, config: { providers: [providerEntry(acme)] } } } },
    },
  });
  await server.person({ email: ADA }, { credentials: { password: { config: { password: PASSWORD } } } });
  acme.user = { sub: 'upstream', email: ADA, email_verified: true };
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  await browser.press('acme', 'provider');
  await browser.open(await acme.visit(browser.at()));
  assert.deepEqual(browser.see(), [SIGN_IN_TO_LINK]);
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.deepEqual(linked(await personBy(server, ADA)), [], 'the second factor comes first');
  await browser.press(ADA, 'address');
  browser.fill({ code: await server.codeTo(ADA) });
  await browser.press('code', 'method');
  assert.deepEqual(linked(await personBy(server, ADA)), ['acme:upstream']);
});

test('a subject of one provider is nobody at another', async (t) => {
  const server = await startSocial(t);
  const ada = { sub: 'same-subject', email: ADA, email_verified: true };
  await signedUpBy(server, ada);
  server.acme.user = { ...ada, email: 'mallory@example.org' };
  const mallory = createBrowser(server);
  await server.signIn(mallory, { provider: 'globex' });
  const who = await json<{ identity: IdentityJson }>(await mallory.ask('GET', '/sessions/whoami'));
  assert.equal(who.identity.traits['email'], 'mallory@example.org');
  assert.deepEqual(linked(await personBy(server, ADA)), ['acme:same-subject']);
});

test('an address that changes upstream leads to the account of the subject, not to that of the address', async (t) => {
  const server = await startSocial(t);
  await createBrowser(server).signUp('grace@example.org');
  const ada = { sub: 'ada-1', email: ADA, email_verified: true };
  await signedUpBy(server, ada);
  server.acme.user = { ...ada, email: 'grace@example.org' };
  const browser = createBrowser(server);
  await server.signIn(browser);
  const who = await json<{ identity: IdentityJson }>(await browser.ask('GET', '/sessions/whoami'));
  assert.equal(who.identity.traits['email'], ADA);
});

test('a profile that follows the provider takes no address that somebody else has', async (t) => {
  const server = await startSocial(t, { entry: { update_identity_on_login: 'automatic' } });
  await createBrowser(server).signUp('grace@example.org');
  const mallory = { sub: 'mallory', email: 'mallory@example.org', email_verified: true };
  await signedUpBy(server, mallory);
  server.acme.user = { ...mallory, email: 'grace@example.org' };
  const browser = createBrowser(server);
  await server.signIn(browser);
  const who = await json<{ identity: IdentityJson }>(await browser.ask('GET', '/sessions/whoami'));
  assert.equal(who.identity.traits['email'], 'mallory@example.org', 'signed in, and nothing changed');
});

test('a stolen old session links no provider', async (t) => {
  const server = await startSocial(t);
  const ada = createBrowser(server);
  await ada.signUp(ADA);
  server.clock.advance(2 * HOUR_MS);
  server.acme.user = { sub: 'mallory', email: 'mallory@example.org', email_verified: true };
  await ada.open('/self-service/settings/browser');
  await ada.press('acme', 'link');
  assert.match(ada.at(), new RegExp(`^${APP_URL}/login`), 'asked for the password first');
  assert.deepEqual(linked(await personBy(server, ADA)), []);
});

test('a session that grows old at the provider links nothing', async (t) => {
  const server = await startSocial(t, {
    config: { selfservice: { flows: { settings: { privileged_session_max_age: '10m' } } } },
  });
  const ada = createBrowser(server);
  await ada.signUp(ADA);
  server.acme.user = { sub: 'mallory', email: 'mallory@example.org', email_verified: true };
  await ada.open('/self-service/settings/browser');
  await ada.press('acme', 'link');
  const back = await server.acme.visit(ada.at());
  server.clock.advance(11 * 60_000);
  await ada.open(back);
  assert.deepEqual(linked(await personBy(server, ADA)), []);
});

test('a subject that somebody has is linked to nobody else', async (t) => {
  const server = await startSocial(t);
  await signedUpBy(server, { sub: 'grace-1', email: 'grace@example.org', email_verified: true });
  const ada = createBrowser(server);
  await ada.signUp(ADA);
  await ada.open('/self-service/settings/browser');
  await ada.press('acme', 'link');
  await ada.open(await server.acme.visit(ada.at()));
  assert.deepEqual(ada.see(), [TAKEN]);
  assert.deepEqual(linked(await personBy(server, ADA)), []);
});

test('a link made in the name of one person does not end in another one’s session', async (t) => {
  const server = await startSocial(t);
  const mallory = createBrowser(server);
  await mallory.signUp('mallory@example.org');
  server.acme.user = { sub: 'mallory-upstream', email: 'm@example.org', email_verified: true };
  await mallory.open('/self-service/settings/browser');
  await mallory.press('acme', 'link');
  const back = await server.acme.visit(mallory.at());
  const ada = createBrowser(server);
  await ada.signUp(ADA);
  await ada.open(back);
  assert.deepEqual(linked(await personBy(server, ADA)), []);
});

test('a refresh by another account of the provider is refused, and the session stays whose it was', async (t) => {
  const server = await startSocial(t);
  await signedUpBy(server, { sub: 'mallory', email: 'mallory@example.org', email_verified: true });
  const ada = await signedUpBy(server, { sub: 'ada-1', email: ADA, email_verified: true });
  for (const sub of ['mallory', 'nobody-yet']) {
    server.acme.user = { sub, email: `${sub}@example.org`, email_verified: true };
    await ada.open('/self-service/login/browser?refresh=true');
    await ada.press('acme', 'provider');
    await ada.open(await server.acme.visit(ada.at()));
    assert.deepEqual(ada.see(), [REFUSED]);
    const who = await json<{ identity: IdentityJson }>(await ada.ask('GET', '/sessions/whoami'));
    assert.equal(who.identity.traits['email'], ADA);
  }
  assert.equal(
    await personBy(server, 'nobody-yet@example.org'),
    undefined,
    'nobody was signed up by a refresh',
  );
});

test('an account that a stranger prepared by a provider is theirs no more once its owner proves the address', async (t) => {
  const server = await startSocial(t, {
    config: {
      selfservice: {
        methods: { code: { enabled: true } },
        flows: { recovery: { enabled: true, use: 'code', ui_url: `${APP_URL}/recovery` } },
      },
      courier: { smtp: { connection_uri: 'smtp://127.0.0.1:1' } },
      identity: { default_schema_id: 'owned', schemas: [{ id: 'owned', url: ownedSchema() }] },
    },
    isOnDisk: true,
  });
  const mallory = await signedUpBy(server, { sub: 'mallory', email: ADA, email_verified: false });
  assert.ok(await mallory.isSignedIn());
  const ada = createBrowser(server);
  await ada.open('/self-service/recovery/browser');
  ada.fill({ email: ADA });
  await ada.press('code');
  const [message] = server.rows(
    'select template_data from courier_messages order by created_at desc limit 1',
  );
  const { recovery_code: code } = JSON.parse(String(message?.['template_data'])) as { recovery_code: string };
  ada.fill({ code });
  await ada.press('code');
  assert.ok(await ada.isSignedIn());
  assert.deepEqual(linked(await personBy(server, ADA)), []);
  assert.equal(await mallory.isSignedIn(), false);
  const again = createBrowser(server);
  await server.signIn(again);
  assert.equal(await again.isSignedIn(), false, 'what the stranger has upstream opens nothing');
});

test('a stolen password alone links nothing to an account with a second factor, and no second factor of the thief counts there', async (t) => {
  const server = await startSocial(t, {
    entry: { aal2_amr_values: ['mfa'] },
    config: {
      session: { whoami: { required_aal: 'aal1' } },
      selfservice: { methods: { totp: { enabled: true } } },
    },
  });
  await createAdmin(server).create(ADA, {
    credentials: {
      password: { config: { password: PASSWORD } },
      totp: { config: { totp_url: 'otpauth://totp/Example:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' } },
    },
  });
  server.acme.user = { sub: 'mallory', email: ADA, email_verified: true };
  server.acme.mistakes = { claims: (claims) => ({ ...claims, amr: ['mfa'] }) };
  const mallory = createBrowser(server);
  await server.signIn(mallory);
  assert.deepEqual(mallory.see(), [SIGN_IN_TO_LINK]);
  mallory.fill({ password: PASSWORD });
  await mallory.press('password');
  assert.deepEqual(linked(await personBy(server, ADA)), []);
  const session = await json<{ authenticator_assurance_level: string }>(
    await mallory.ask('GET', '/sessions/whoami'),
  );
  assert.equal(session.authenticator_assurance_level, 'aal1');
  assert.ok(
    mallory.form().ui.nodes.some(({ attributes }) => attributes.name === 'totp_code'),
    'the second factor is asked for before anything is linked',
  );
  const again = createBrowser(server);
  await server.signIn(again);
  assert.equal(await again.isSignedIn(), false);
});

for (const kind of ['login', 'registration'] as const) {
  test(`a page of a stranger signs nobody in to the stranger's account by an id_token of theirs [${kind}]`, async (t) => {
    const server = await startSocial(t);
    const mallory = createBrowser(server);
    await mallory.open(`/self-service/${kind}/browser`);
    const victim = createBrowser(server);
    await victim.open(`/self-service/${kind}/browser`);
    for (const { ui } of [mallory.form(), victim.form()]) {
      const sent = await victim.ask('POST', ui.action, {
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ method: 'oidc', provider: 'acme', id_token: 'of-mallory' }).toString(),
      });
      assert.equal(sent.status, 403);
      assert.equal((await json<{ error: { id?: string } }>(sent, 403)).error.id, 'security_csrf_violation');
    }
  });
}

test('a mapper that trusts an address by mistake still links nothing', async (t) => {
  const server = await startSocial(t, {
    entry: {
      mapper_url: jsonnetUrl(
        `local claims = std.extVar('claims'); { identity: { traits: { email: '${ADA}' }, verified_addresses: [{ via: 'email', value: '${ADA}' }] } }`,
      ),
    },
  });
  await createBrowser(server).signUp(ADA);
  server.acme.user = { sub: 'mallory' };
  const mallory = createBrowser(server);
  await server.signIn(mallory);
  assert.deepEqual(mallory.see(), [SIGN_IN_TO_LINK]);
  assert.equal(await mallory.isSignedIn(), false);
});

test('two tabs cannot unlink what the other one keeps', async (t) => {
  const server = await startSocial(t);
  const browser = await signedUpBy(server, { sub: 'ada-1', email: ADA, email_verified: true });
  server.acme.user = { sub: 'ada-2', email: ADA, email_verified: true };
  await browser.open('/self-service/settings/browser');
  await browser.press('globex', 'link');
  await browser.open(await server.acme.visit(browser.at()));
  assert.deepEqual([...linked(await personBy(server, ADA))].sort(), ['acme:ada-1', 'globex:ada-2']);
  const page = createScriptedPage(server, browser.cookies);
  const [one, two] = await Promise.all([page.start('settings'), page.start('settings')]);
  const answers = await Promise.all([
    page.send(one, { unlink: 'acme' }),
    page.send(two, { unlink: 'globex' }),
  ]);
  const left = linked(await personBy(server, ADA));
  assert.equal(
    left.length,
    1,
    `one of them stays, and ${answers.map(({ status }) => status).join(' and ')} were answered`,
  );
  for (const answer of answers.filter(({ status }) => status === 400))
    assert.ok(messageIds(await json<FlowJson>(answer, 400)).length > 0);
});

function ownedSchema(): string {
  const schema = {
    $id: 'https://schemas.example.org/owned.json',
    type: 'object',
    properties: {
      traits: {
        type: 'object',
        properties: {
          email: {
            type: 'string',
            format: 'email',
            'ory.sh/kratos': {
              credentials: { password: { identifier: true } },
              verification: { via: 'email' },
              recovery: { via: 'email' },
            },
          },
        },
        required: ['email'],
      },
    },
  };
  return `base64://${Buffer.from(JSON.stringify(schema)).toString('base64')}`;
}
