// Passkeys and security keys as a first factor: signing up and in, in one step or two, known or concealed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthenticator } from '../support/authenticator.ts';
import { createScriptedPage, type ScriptedPage } from '../support/browser.ts';
import {
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
const NOBODY = 'nobody@example.org';
const PASSWORDLESS = { webauthn: { enabled: true, config: { passwordless: true, rp: RP } } };

/** Identifier first, then the flow that asks for a key. */
async function identify(page: ScriptedPage, identifier: string): Promise<FlowJson> {
  const flow = await page.start('login');
  assert.equal((await page.send(flow, { method: 'webauthn', identifier })).status, 422);
  return json(await page.ask('GET', `/self-service/login/flows?id=${flow.id}`));
}

test('one signs up with a security key alone, and in with it by two steps', async (t) => {
  const server = await startFactorServer(t, { methods: PASSWORDLESS });
  const page = createScriptedPage(server);
  const device = createAuthenticator(APP_URL);
  const flow = await page.start('registration');
  const body = {
    method: 'webauthn',
    webauthn_register: device.create(keyCreation(flow)),
    webauthn_register_displayname: 'Blue key',
  };
  // A wrong trait does not cost the key.
  const refused = await page.send(flow, { traits: { email: 'no address' }, ...body });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000040]);
  await json<SignedInJson>(await page.send(flow, { traits: { email: ADA }, ...body }));
  const other = createScriptedPage(server);
  const asked = await identify(other, ADA);
  const webauthn_login = device.get(keyRequest(asked));
  const done = await json<SignedInJson>(
    await other.send(asked, { method: 'webauthn', identifier: ADA, webauthn_login }),
  );
  assert.deepEqual(
    done.session?.authentication_methods.map(({ method }) => method),
    ['webauthn'],
  );
  const settings = await other.start('settings');
  const only = await other.send(settings, { webauthn_remove: fieldValue(settings, 'webauthn_remove') });
  assert.deepEqual(messageIds(await json<FlowJson>(only, 400)), [4000001]);
});

test('where accounts are concealed, every identifier is asked for a key', async (t) => {
  const server = await startFactorServer(t, {
    methods: PASSWORDLESS,
    config: { security: { account_enumeration: { mitigate: true, answer_step: '0s' } } },
  });
  const page = createScriptedPage(server);
  const [first, again] = [await identify(page, NOBODY), await identify(page, NOBODY)];
  const ids = (flow: FlowJson) => keyRequest(flow).allowCredentials?.map(({ id }) => id);
  assert.equal(ids(first)?.length, 1);
  // Always the same one, as a real key would be.
  assert.deepEqual(ids(first), ids(again));
  const device = createAuthenticator(APP_URL);
  device.create({ rp: { id: 'app.example.org' }, user: { id: 'dXNlcg', name: 'x' }, challenge: 'x' });
  const webauthn_login = device.get(keyRequest(first), { key: 0 });
  const sent = await page.send(first, { method: 'webauthn', identifier: NOBODY, webauthn_login });
  assert.deepEqual(messageIds(await json<FlowJson>(sent, 400)), [4000043]);
});

test('a passkey is made on the second page of a sign-up, with the name that was given on the first', async (t) => {
  const server = await startFactorServer(t, {
    flows: {
      registration: { style: 'profile_first', after: { passkey: { hooks: [{ hook: 'session' }] } } },
    },
  });
  const app = createNativeApp(server);
  const device = createAuthenticator(APP_URL);
  const profile = await app.start('registration');
  const traits = { email: ADA };
  const second = await json<FlowJson>(await app.send(profile, { method: 'profile', traits }), 400);
  const passkey_register = device.create(passkeyCreation(second));
  await json<SignedInJson>(await app.send(second, { traits, passkey_register }));
  const signIn = createNativeApp(server);
  const flow = await signIn.start('login');
  const done = await signIn.send(flow, { passkey_login: device.get(passkeyRequest(flow)) });
  assert.equal((await json<SignedInJson>(done)).session?.identity.traits['email'], ADA);
});

test('a sign-in that asks for the identifier first takes a passkey at both steps', async (t) => {
  const server = await startFactorServer(t, { flows: { login: { style: 'identifier_first' } } });
  await server.person(ADA);
  const page = createScriptedPage(server);
  const start = await page.start('login');
  const named = { method: 'identifier_first', identifier: ADA };
  const step = await json<FlowJson>(await page.send(start, named), 400);
  await json<SignedInJson>(
    await page.send(step, { method: 'password', identifier: ADA, password: PASSWORD }),
  );
  const device = createAuthenticator(APP_URL);
  const settings = await page.start('settings');
  const added = { passkey_settings_register: device.create(passkeyCreation(settings)) };
  await json<FlowJson>(await page.send(settings, added));
  for (const steps of [1, 2]) {
    const other = createScriptedPage(server);
    const first = await other.start('login');
    const flow = steps === 1 ? first : await json<FlowJson>(await other.send(first, named), 400);
    await json<SignedInJson>(await other.send(flow, { passkey_login: device.get(passkeyRequest(flow)) }));
  }
});

test('passkeys of two forms that were open at once both sign in', async (t) => {
  const server = await startFactorServer(t);
  await server.person(ADA);
  const app = await server.firstFactor(ADA);
  const forms = [await app.start('settings'), await app.start('settings')];
  const devices = [];
  for (const form of forms) {
    const device = createAuthenticator(APP_URL);
    devices.push(device);
    const body = { passkey_settings_register: device.create(passkeyCreation(form)) };
    await json<FlowJson>(await app.send(form, body));
  }
  for (const device of devices) {
    const other = createNativeApp(server);
    const flow = await other.start('login');
    await json<SignedInJson>(await other.send(flow, { passkey_login: device.get(passkeyRequest(flow)) }));
  }
});

test('a passkey of an import signs in, also where it does not say whether it can be backed up', async (t) => {
  const server = await startFactorServer(t);
  const maker = createAuthenticator(APP_URL);
  // A key of another system: the public key is taken out of what this server stores for it.
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  const passkey_register = maker.create(passkeyCreation(flow));
  const made = await json<SignedInJson>(await app.send(flow, { traits: { email: ADA }, passkey_register }));
  const path = `/admin/identities/${made.identity?.id ?? ''}`;
  const { credentials } = (await server.admin.get(`${path}?include_credential=passkey`)).json<{
    readonly credentials: {
      readonly passkey: {
        readonly config: { readonly credentials: readonly { id: string; public_key: string }[] };
      };
    };
  }>();
  const [key] = credentials.passkey.config.credentials;
  await server.admin.delete(path);
  const user_handle = Buffer.from('handle of another system').toString('base64');
  const config = { user_handle, credentials: [{ id: key?.id ?? '', public_key: key?.public_key ?? '' }] };
  await server.admin.create(ADA, { credentials: { passkey: { config } } });
  const login = await createNativeApp(server).start('login');
  const userHandle = Buffer.from('handle of another system').toString('base64url');
  const passkey_login = maker.get(passkeyRequest(login), { userHandle });
  const done = await createNativeApp(server).send(login, { passkey_login });
  assert.equal((await json<SignedInJson>(done)).session?.identity.traits['email'], ADA);
});

test('pages find the script, and browsers the origins that may use keys', async (t) => {
  const server = await startFactorServer(t);
  const script = await server.ask('GET', '/.well-known/ory/webauthn.js');
  assert.equal(script.status, 200);
  assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/);
  const origins = await server.ask('GET', '/.well-known/webauthn');
  assert.deepEqual(await origins.json(), { origins: [APP_URL] });
});
