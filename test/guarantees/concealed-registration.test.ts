// Where accounts are concealed, a registration by password tells nobody whether an address has an account.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser } from '../support/browser.ts';
import { type CodeServer, startCodeServer } from '../support/code-server.ts';
import { SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, OTHER_PASSWORD, PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';
const NOBODY = 'bob@example.org';
const HOOKS = { hooks: [{ hook: 'show_verification_ui' }, { hook: 'session' }] };

const concealed = (use: 'code' | 'link', verification = true): JsonObject => ({
  security: { account_enumeration: { mitigate: true, answer_step: '0s' } },
  selfservice: {
    methods: { link: { enabled: true } },
    flows: {
      registration: { after: { password: HOOKS } },
      verification: { enabled: verification, use, ui_url: `${APP_URL}/verification` },
      recovery: { enabled: true },
    },
  },
});

interface Registered {
  readonly session_token?: string;
  readonly continue_with: readonly { readonly action: string; readonly flow?: { readonly id: string } }[];
}

/** Everything that strangers see of a registration, the verification behind it, and their attempts to sign in. */
async function everyAnswer(server: CodeServer, address: string): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const look = async <Body>(response: Response): Promise<Body> => {
    const body = await response.text();
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id');
    const plain = (value: string): string =>
      value
        .replaceAll(address, 'ADDRESS')
        .replaceAll(encodeURIComponent(address), 'ADDRESS')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
        .replaceAll(/("csrf_token".*?"value":)"[^"]*"/g, '$1"CSRF"')
        .replaceAll(/(csrf_token_[0-9a-f]*=)[^;]*/g, '$1CSRF');
    seen.push([response.status, plain(JSON.stringify(headers)), plain(body)]);
    return (body.startsWith('{') ? JSON.parse(body) : {}) as Body; // each caller knows what it asked for
  };
  const app = createNativeApp(server);
  const sent = { method: 'password', password: OTHER_PASSWORD, traits: { email: address } };
  const form = await app.start('registration');
  const made = await look<Registered>(await app.send(form, sent));
  assert.equal(made.session_token, undefined);
  const id = made.continue_with.find(({ action }) => action === 'show_verification_ui')?.flow?.id;
  assert.ok(id);
  const flow = await look<FlowJson>(await app.ask('GET', `/self-service/verification/flows?id=${id}`));
  assert.equal(flow.state, 'sent_email');
  const method = flow.active;
  const wrong = method === 'code' ? { code: '12345' } : { token: 'not-the-token-that-was-sent' };
  for (let tries = 0; tries < 3; tries += 1) await look(await app.send(flow, { method, ...wrong }));
  // Tries that were spent in other flows are spent in this one too, whoever has the address.
  for (let flowCount = 0; method === 'code' && flowCount < 6; flowCount += 1) {
    const started = await app.start('verification');
    const other = await json<FlowJson>(await app.send(started, { method, email: address }));
    for (let tries = 0; tries < 5; tries += 1) await app.send(other, { method, ...wrong });
  }
  for (let tries = 0; tries < 4; tries += 1) await look(await app.send(flow, { method, ...wrong }));
  const again = await app.start('verification');
  await look(await app.send(again, { method, email: address }));
  // The form once more, and another one with the same address.
  await look(await app.send(form, sent));
  await look(await app.send(await app.start('registration'), sent));
  // The own password opens nothing while the address is not proven, whoever has it.
  for (const password of [OTHER_PASSWORD, 'not this one either']) {
    const login = await app.start('login');
    await look(await app.send(login, { method: 'password', identifier: address, password }));
  }
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser');
  browser.fill({ 'traits.email': address, password: OTHER_PASSWORD });
  await look(await browser.press('password'));
  seen.push(new URL(browser.at()).pathname, browser.see(), [...browser.cookies.all.keys()]);
  assert.equal(await browser.isSignedIn(), false);
  return seen;
}

for (const database of SHARED_DATABASES) {
  for (const use of ['code', 'link'] as const) {
    test(`where accounts are concealed, registration answers alike for known and unknown addresses [${use}, ${database}]`, async (t) => {
      const server = await startCodeServer(t, { database, config: concealed(use) });
      const id = await server.person(
        { email: ADA },
        { credentials: { password: { config: { password: PASSWORD } } } },
      );
      const [known, unknown] = [await everyAnswer(server, ADA), await everyAnswer(server, NOBODY)];
      assert.deepEqual(known, unknown);
      const templates = async (recipient: string) =>
        (await server.bia.database.stores.messages.list({ recipient, limit: 100 })).map(
          ({ templateName }) => templateName,
        );
      // The owner is told once, however often somebody tries.
      const told = await templates(ADA);
      assert.equal(told.filter((name) => name === 'account_exists').length, 1);
      const kept = await server.bia.database.stores.identities.findFullByIdentifier([ADA]);
      assert.equal(kept?.id, id);
      assert.equal(kept?.verifiableAddresses[0]?.verified, false);
      const app = createNativeApp(server);
      await app.signIn(ADA);
    });
  }
}

test('whoever proves the address of a concealed registration signs in with its password', async (t) => {
  const server = await startCodeServer(t, { config: concealed('code') });
  const app = createNativeApp(server);
  const made = await app.signUp(NOBODY);
  assert.equal(made.session_token, undefined);
  const login = await app.start('login');
  const credentials = { method: 'password', identifier: NOBODY, password: PASSWORD };
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(login, credentials), 400)), [4000006]);
  const flow = (made as unknown as Registered).continue_with[0]?.flow; // the part of the answer that this story is about
  const code = await server.codeTo(NOBODY);
  const proof = await app.ask('POST', `/self-service/verification?flow=${flow?.id}`, {
    method: 'code',
    code,
  });
  assert.equal((await json<FlowJson>(proof)).state, 'passed_challenge');
  await app.signIn(NOBODY);
  assert.equal((await app.whoami()).active, true);
});

test('two registrations of one address at the same moment are both answered as new ones', async (t) => {
  const server = await startCodeServer(t, { config: concealed('code') });
  const sent = { method: 'password', password: PASSWORD, traits: { email: NOBODY } };
  const statuses = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const app = createNativeApp(server);
      const answer = await app.send(await app.start('registration'), sent);
      const { continue_with } = await json<Registered>(answer);
      return continue_with.map(({ action }) => action);
    }),
  );
  assert.deepEqual(new Set(statuses.map((actions) => actions.join())), new Set(['show_verification_ui']));
});

test('what cannot be concealed is said truthfully: a second address, or no verification', async (t) => {
  const open = await startCodeServer(t, { config: concealed('code') });
  await open.person({ email: ADA });
  const taken = { method: 'password', password: PASSWORD };
  const app = createNativeApp(open);
  const both = { ...taken, traits: { email: ADA, phone: '+41791234501' } };
  const refused = await json<FlowJson>(await app.send(await app.start('registration'), both), 400);
  assert.deepEqual(messageIds(refused), [4000007]);

  const closed = await startCodeServer(t, { config: concealed('code', false) });
  assert.ok(closed.bia.warnings.some(({ key }) => key === 'security.account_enumeration.mitigate'));
  await closed.person({ email: ADA });
  const other = createNativeApp(closed);
  const one = { ...taken, traits: { email: ADA } };
  const told = await json<FlowJson>(await other.send(await other.start('registration'), one), 400);
  assert.deepEqual(messageIds(told), [4000007]);
  assert.notEqual((await other.signUp(NOBODY)).session_token, undefined);
});
