// What must hold of passkeys and security keys over HTTP: nothing but the right answer signs anybody in.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type AssertionLies, type CreationLies, createAuthenticator } from '../support/authenticator.ts';
import { createScriptedPage, type ScriptedPage } from '../support/browser.ts';
import { SHARED_DATABASES } from '../support/databases.ts';
import {
  type FactorServer,
  keyCreation,
  keyRequest,
  passkeyCreation,
  passkeyRequest,
  RP,
  startFactorServer,
} from '../support/factor-server.ts';
import { type FlowJson, fieldValue, json, messageIds, type SignedInJson } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';
const BOB = 'bob@example.org';
const otherChallenge = randomBytes(32).toString('base64url');

/** Signs up with a passkey; the browser is signed in afterwards. */
async function signUp(server: FactorServer, email: string, device = createAuthenticator(APP_URL)) {
  const page = createScriptedPage(server);
  const flow = await page.start('registration');
  const passkey_register = device.create(passkeyCreation(flow));
  const made = await json<SignedInJson>(await page.send(flow, { traits: { email }, passkey_register }));
  return { page, device, id: made.identity?.id ?? '' };
}

async function statusOf(page: ScriptedPage): Promise<number> {
  return (await page.ask('GET', '/sessions/whoami')).status;
}

const ASSERTION_LIES: readonly (readonly [what: string, lies: AssertionLies, id: number])[] = [
  ['another challenge', { challenge: otherChallenge }, 4000043],
  ['another origin', { origin: 'https://evil.example.com' }, 4000043],
  ['another relying party', { rpId: 'evil.example.com' }, 4000043],
  ['the type of a creation', { type: 'webauthn.create' }, 4000043],
  ['nobody present', { isPresent: false }, 4000043],
  ['a frame of another site', { crossOrigin: true }, 4000043],
  ['a wrong signature', { hasBadSignature: true }, 4000043],
  ['a changed backup flag', { isBackupEligible: false }, 4000043],
  ['no handle', { userHandle: null }, 4000015],
  ['a handle that nobody has', { userHandle: 'bm9ib2R5' }, 4000015],
];

test('a passkey signs in, and nothing that differs from its honest answer does', async (t) => {
  const server = await startFactorServer(t);
  const { device } = await signUp(server, ADA);
  const page = createScriptedPage(server);
  const flow = await page.start('login');
  for (const [what, lies, id] of ASSERTION_LIES) {
    const sent = await page.send(flow, { passkey_login: device.get(passkeyRequest(flow), lies) });
    assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [id], what);
    assert.equal(await statusOf(page), 401, what);
  }
  const honest = device.get(passkeyRequest(flow), { signCount: 40 });
  await json<SignedInJson>(await page.send(flow, { passkey_login: honest }));
  assert.equal(await statusOf(page), 200);
  // The same answer again: the challenge was another flow's.
  const thief = createScriptedPage(server);
  const replayed = await thief.send(await thief.start('login'), { passkey_login: honest });
  assert.deepEqual(messageIds(await json<FlowJson>(replayed, 400)), [4000043]);
  const finished = await thief.send(flow, { passkey_login: honest });
  assert.ok(finished.status >= 400 && finished.status < 500);
  assert.equal(await statusOf(thief), 401);
});

test('a counter that goes back signs nobody in and marks the passkey', async (t) => {
  const server = await startFactorServer(t);
  const { device, id } = await signUp(server, ADA);
  const signIn = async (signCount: number): Promise<number> => {
    const page = createScriptedPage(server);
    const flow = await page.start('login');
    return (await page.send(flow, { passkey_login: device.get(passkeyRequest(flow), { signCount }) })).status;
  };
  const stored = async () => {
    const answer = await server.admin.get(`/admin/identities/${id}?include_credential=passkey`);
    return JSON.stringify(answer.json()).match(
      /"clone_warning":(true|false),"sign_count":\d+|"sign_count":\d+,"clone_warning":(true|false)/,
    )?.[0];
  };
  assert.equal(await signIn(9), 200);
  assert.match((await stored()) ?? '', /"sign_count":9,"clone_warning":false/);
  assert.equal(await signIn(4), 400);
  assert.match((await stored()) ?? '', /"sign_count":9,"clone_warning":true/);
  assert.equal(await signIn(10), 200);
});

const CREATION_LIES: readonly (readonly [what: string, lies: CreationLies])[] = [
  ['another challenge', { challenge: otherChallenge }],
  ['another origin', { origin: 'https://evil.example.com' }],
  ['another relying party', { rpId: 'evil.example.com' }],
  ['the type of an assertion', { type: 'webauthn.get' }],
  ['nobody present', { isPresent: false }],
  ['a frame of another site', { crossOrigin: true }],
  ['a made-up attestation', { attestation: 'made-up' }],
  ['an attestation with a wrong signature', { attestation: 'packed', hasBadSignature: true }],
];

test('no account and no key is made by an answer that is not honest', async (t) => {
  const server = await startFactorServer(t, {
    methods: { webauthn: { enabled: true, config: { passwordless: true, rp: RP } } },
  });
  const page = createScriptedPage(server);
  for (const [what, lies] of CREATION_LIES) {
    const flow = await page.start('registration');
    const device = createAuthenticator(APP_URL);
    const bodies = [
      { method: 'passkey', passkey_register: device.create(passkeyCreation(flow), lies) },
      {
        method: 'webauthn',
        webauthn_register: device.create(keyCreation(flow), lies),
        webauthn_register_displayname: 'key',
      },
    ];
    for (const body of bodies) {
      const sent = await page.send(flow, { traits: { email: ADA }, ...body });
      assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000001], what);
    }
  }
  assert.deepEqual((await server.admin.get(`/admin/identities?credentials_identifier=${ADA}`)).json(), []);
  await server.person(BOB);
  await signInByPassword(page, BOB);
  for (const [what, lies] of CREATION_LIES) {
    const flow = await page.start('settings');
    const device = createAuthenticator(APP_URL);
    const bodies = [
      { method: 'passkey', passkey_settings_register: device.create(passkeyCreation(flow), lies) },
      {
        method: 'webauthn',
        webauthn_register: device.create(keyCreation(flow), lies),
        webauthn_register_displayname: 'key',
      },
    ];
    for (const body of bodies) {
      const sent = await page.send(flow, body);
      assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000001], what);
    }
  }
});

async function signInByPassword(page: ScriptedPage, identifier: string): Promise<void> {
  const flow = await page.start('login');
  const sent = await page.send(flow, { method: 'password', identifier, password: PASSWORD });
  assert.ok(sent.status === 200 || sent.status === 422);
}

test('an id of a key that belongs to one account is taken by no other', async (t) => {
  const server = await startFactorServer(t);
  const { device } = await signUp(server, ADA);
  const id = device.keys[0]?.id ?? Buffer.alloc(0);
  const thief = createAuthenticator(APP_URL);
  const page = createScriptedPage(server);
  const flow = await page.start('registration');
  const body = { passkey_register: thief.create(passkeyCreation(flow), { id }) };
  const sent = await page.send(flow, { traits: { email: BOB }, ...body });
  assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000007]);
  await server.person(BOB);
  await signInByPassword(page, BOB);
  const settings = await page.start('settings');
  const add = { passkey_settings_register: thief.create(passkeyCreation(settings), { id }) };
  const added = await page.send(settings, add);
  assert.deepEqual(messageIds(await json<FlowJson>(added, 400)), [4000007]);
});

test('a passkey with the handle of somebody else signs in as nobody', async (t) => {
  const server = await startFactorServer(t);
  const [ada, bob] = [await signUp(server, ADA), await signUp(server, BOB)];
  const page = createScriptedPage(server);
  const flow = await page.start('login');
  const userHandle = bob.device.keys[0]?.userHandle ?? '';
  const sent = await page.send(flow, { passkey_login: ada.device.get(passkeyRequest(flow), { userHandle }) });
  assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000043]);
  assert.equal(await statusOf(page), 401);
});

test('a refresh takes passkeys of its person only', async (t) => {
  const server = await startFactorServer(t);
  const [ada, bob] = [await signUp(server, ADA), await signUp(server, BOB)];
  const flow = await ada.page.start('login', '?refresh=true');
  const body = { passkey_login: bob.device.get(passkeyRequest(flow), { key: 0 }) };
  assert.deepEqual(messageIds(await json<FlowJson>(await ada.page.send(flow, body), 400)), [4000043]);
});

for (const database of SHARED_DATABASES) {
  test(`fifty submissions of one assertion at once make one session [${database}]`, async (t) => {
    const server = await startFactorServer(t, { database });
    const { device } = await signUp(server, ADA);
    const app = createNativeApp(server);
    const flow = await app.start('login');
    const body = { method: 'passkey', passkey_login: device.get(passkeyRequest(flow)) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.send(flow, body)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status }) => status < 500));
  });

  test(`fifty submissions of one registration ceremony at once make one account [${database}]`, async (t) => {
    const server = await startFactorServer(t, { database });
    const device = createAuthenticator(APP_URL);
    const app = createNativeApp(server);
    const flow = await app.start('registration');
    const passkey_register = device.create(passkeyCreation(flow));
    const bodies = Array.from({ length: 50 }, (_, at) => ({
      traits: { email: `ada${at}@example.org` },
      passkey_register,
    }));
    const answers = await Promise.all(bodies.map((body) => app.send(flow, body)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status }) => status < 500));
    const people = (await server.admin.get('/admin/identities')).json<unknown[]>();
    assert.equal(people.length, 1);
  });

  test(`two people who claim one key id at once: one of them has it [${database}]`, async (t) => {
    const server = await startFactorServer(t, { database });
    const id = randomBytes(32);
    const ceremonies = await Promise.all(
      [ADA, BOB].map(async (email) => {
        const app = createNativeApp(server);
        const flow = await app.start('registration');
        const passkey_register = createAuthenticator(APP_URL).create(passkeyCreation(flow), { id });
        return () => app.send(flow, { traits: { email }, passkey_register });
      }),
    );
    const answers = await Promise.all(ceremonies.map((send) => send()));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
  });
}

test('a removed passkey leaves nothing: neither its handle nor its id is held any more', async (t) => {
  const server = await startFactorServer(t);
  const id = await server.person(ADA);
  const page = createScriptedPage(server);
  await signInByPassword(page, ADA);
  const device = createAuthenticator(APP_URL);
  const flow = await page.start('settings');
  const body = { passkey_settings_register: device.create(passkeyCreation(flow)) };
  const added = await json<FlowJson>(await page.send(flow, body));
  const handle = device.keys[0]?.userHandle ?? '';
  await json<FlowJson>(await page.send(added, { passkey_remove: fieldValue(added, 'passkey_remove') }));
  const person = (await server.admin.get(`/admin/identities/${id}?include_credential=passkey`)).json();
  assert.ok(!JSON.stringify(person).includes(Buffer.from(handle, 'base64url').toString()));
  const login = await createScriptedPage(server).start('login');
  const used = await page.ask('POST', login.ui.action, {
    passkey_login: device.get(passkeyRequest(login)),
  });
  assert.ok(used.status >= 400 && used.status < 500);
  // The id is free again.
  const other = createScriptedPage(server);
  const registration = await other.start('registration');
  const again = createAuthenticator(APP_URL).create(passkeyCreation(registration), {
    id: device.keys[0]?.id ?? Buffer.alloc(0),
  });
  await json<SignedInJson>(
    await other.send(registration, { traits: { email: BOB }, passkey_register: again }),
  );
});

test('administrators delete passkeys, unless they are the only way in', async (t) => {
  const server = await startFactorServer(t);
  const { id } = await signUp(server, ADA);
  assert.equal((await server.admin.delete(`/admin/identities/${id}/credentials/passkey`)).status, 400);
  const other = await server.person(BOB);
  const page = createScriptedPage(server);
  await signInByPassword(page, BOB);
  const flow = await page.start('settings');
  const device = createAuthenticator(APP_URL);
  const body = { passkey_settings_register: device.create(passkeyCreation(flow)) };
  await json<FlowJson>(await page.send(flow, body));
  assert.equal((await server.admin.delete(`/admin/identities/${other}/credentials/passkey`)).status, 204);
  const login = await page.start('settings');
  assert.equal(fieldValue(login, 'passkey_remove'), undefined);
});

test('a key of somebody else raises no session, and no key is one without its flow', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA);
  await server.person(BOB);
  const enrolled = async (email: string) => {
    const page = createScriptedPage(server);
    await signInByPassword(page, email);
    const device = createAuthenticator(APP_URL);
    const flow = await page.start('settings');
    const webauthn_register = device.create(keyCreation(flow));
    const body = { webauthn_register, webauthn_register_displayname: 'key', method: 'webauthn' };
    await json<FlowJson>(await page.send(flow, body));
    return device;
  };
  const [own, other] = [await enrolled(ADA), await enrolled(BOB)];
  const page = createScriptedPage(server);
  await signInByPassword(page, ADA);
  assert.equal(await statusOf(page), 403);
  const flow = await page.start('login', '?aal=aal2');
  const use = (device: typeof own, lies: AssertionLies) =>
    page.send(flow, {
      method: 'webauthn',
      identifier: ADA,
      webauthn_login: device.get(keyRequest(flow), lies),
    });
  const refused = await use(other, { key: 0 });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000043]);
  for (const [what, lies] of ASSERTION_LIES.filter(([, , id]) => id === 4000043)) {
    const sent = await use(own, lies);
    assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000043], what);
  }
  assert.equal(await statusOf(page), 403);
  await json<SignedInJson>(await use(own, { signCount: 50 }));
  assert.equal(await statusOf(page), 200);
});
