// Strangers can make trouble for themselves and not for others: whoever guesses and asks for messages spends no one else's tries. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Browser, createBrowser } from '../support/browser.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { anotherCode, messagesTo, RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { HOUR_MS, PASSWORD, startServer, type TestScope, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const UNKNOWN = 'nobody@example.org';
const GENERIC = 4000001;
const WRONG_PASSWORD = 4000006;

/** Of many networks, each with its own address. */
const stranger = (number: number) => ({ peer: { address: `198.51.100.${number}`, port: 4711 } });

const limits = {
  one_time_secrets: {
    tries_per_account: 6,
    tries_per_account_and_network: 3,
    sends_per_address: 6,
    sends_per_address_and_network: 3,
  },
  passwords: { tries_per_account: 6, tries_per_account_and_network: 3 },
};

const start = (scope: TestScope, security: object = {}): Promise<TestServer> =>
  startServer(scope, {
    config: {
      selfservice: RECOVERY_CONFIG.selfservice,
      feature_flags: { use_continue_with_transitions: true },
      security: { ...limits, ...security },
    },
  });

async function guess(
  server: TestServer,
  of: {
    readonly number: number;
    readonly identifier?: string;
    readonly password?: string;
    readonly address?: string;
  },
): Promise<readonly number[]> {
  const app = createNativeApp(
    server,
    of.address ? { peer: { address: of.address, port: 1 } } : stranger(of.number),
  );
  const body = {
    method: 'password',
    identifier: of.identifier ?? EMAIL,
    password: of.password ?? 'a wrong guess',
  };
  const answer = await app.send(await app.start('login'), body);
  return answer.status === 200 ? [] : messageIds(await json<FlowJson>(answer, 400));
}

/** The cookie of a browser names its people behind the anti-CSRF token. */
const isKnown = ({ cookies }: Browser): boolean =>
  [...cookies.all].some(([name, value]) => name.startsWith('csrf_token_') && value.includes('.'));

/** Several networks use up what strangers may try. */
async function exhaust(server: TestServer, identifier = EMAIL): Promise<void> {
  for (const number of [1, 1, 1, 2, 2, 2, 3]) await guess(server, { number, identifier });
}

test('a stranger who guesses passwords from one network locks nobody else out', async (t) => {
  const server = await start(t);
  await createNativeApp(server).signUp(EMAIL);
  const seen = [];
  for (let tries = 0; tries < 20; tries += 1) seen.push(...(await guess(server, { number: 1 })));
  assert.deepEqual(seen, [...Array(3).fill(WRONG_PASSWORD), ...Array(17).fill(GENERIC)]);
  assert.deepEqual(
    await guess(server, { number: 1, password: PASSWORD }),
    [GENERIC],
    'the right one is not compared',
  );
  assert.deepEqual(await guess(server, { number: 2, password: PASSWORD }), [], 'a person elsewhere gets in');
});

test('an IPv6 network counts by its /64: guesses, and messages that are asked for', async (t) => {
  const server = await start(t);
  await createNativeApp(server).signUp(EMAIL);
  const seen = [];
  for (let host = 1; host <= 5; host += 1) {
    seen.push(...(await guess(server, { number: 0, address: `2001:db8:1:2::${host}` })));
  }
  assert.deepEqual(seen, [...Array(3).fill(WRONG_PASSWORD), GENERIC, GENERIC]);
  const statuses = [];
  for (let host = 1; host <= 5; host += 1) {
    const app = createNativeApp(server, { peer: { address: `2001:db8:1:2:${host}::1`, port: 1 } });
    statuses.push((await app.send(await app.start('recovery'), { method: 'code', email: EMAIL })).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 400, 400]);
});

test('a browser that its person has signed in with before is not locked out by strangers', async (t) => {
  const server = await start(t);
  const browser = createBrowser(server, stranger(9));
  await browser.signUp(EMAIL);
  browser.cookies.drop('ory_kratos_session');
  await exhaust(server);
  assert.deepEqual(
    await guess(server, { number: 8, password: PASSWORD }),
    [GENERIC],
    'strangers are out of tries',
  );
  await browser.signIn(EMAIL);
  assert.equal(await browser.isSignedIn(), true);
});

test('an app that its person has signed in with before is not locked out by strangers', async (t) => {
  const server = await start(t);
  const app = createNativeApp(server);
  const registration = await app.start('registration');
  const made = await app.send(registration, {
    method: 'password',
    password: PASSWORD,
    traits: { email: EMAIL },
  });
  const token = made.headers.get('x-device-token') ?? '';
  assert.equal(made.status, 200);
  assert.notEqual(token, '');
  await exhaust(server);
  const login = await app.start('login');
  const ask = (deviceToken: string) =>
    server.ask('POST', login.ui.action, {
      headers: { 'content-type': 'application/json', 'x-device-token': deviceToken },
      body: JSON.stringify({ method: 'password', identifier: EMAIL, password: PASSWORD }),
    });
  assert.equal((await ask(`${token.slice(0, -2)}AA`)).status, 400, 'one that was not made here is nobody’s');
  assert.equal((await ask(token)).status, 200);
});

test('a known device has so many tries of its own and no more, and none at other accounts', async (t) => {
  const server = await start(t);
  const browser = createBrowser(server, stranger(9));
  await browser.signUp(EMAIL);
  await createNativeApp(server).signUp('bob@example.org');
  browser.cookies.drop('ory_kratos_session');
  await exhaust(server);
  await exhaust(server, 'bob@example.org');
  await browser.signIn('bob@example.org');
  assert.deepEqual(browser.see(), [GENERIC], 'bob did not sign in with it');
  for (let tries = 0; tries < 6; tries += 1) {
    await browser.signIn(EMAIL, 'a wrong guess');
    assert.deepEqual(browser.see(), [WRONG_PASSWORD]);
  }
  await browser.signIn(EMAIL);
  assert.deepEqual(browser.see(), [GENERIC], 'it counts as a stranger now');
  server.clock.advance(HOUR_MS);
  await browser.signIn(EMAIL);
  assert.equal(await browser.isSignedIn(), true);
});

test('nobody is a known device by what they were refused, nor for longer than is configured', async (t) => {
  const server = await start(t, { known_devices: { lifespan: '24h' } });
  const browser = createBrowser(server, stranger(9));
  await createNativeApp(server).signUp(EMAIL);
  await browser.signIn(EMAIL, 'a wrong guess');
  assert.equal(isKnown(browser), false);
  await browser.signIn(EMAIL);
  assert.equal(isKnown(browser), true);
  browser.cookies.drop('ory_kratos_session');
  server.clock.advance(25 * HOUR_MS);
  await exhaust(server);
  await browser.signIn(EMAIL);
  assert.deepEqual(browser.see(), [GENERIC]);
});

test('whoever is guessed at gets a mail whose link lets them sign in, and it signs nobody in', async (t) => {
  const server = await start(t);
  await createNativeApp(server).signUp(EMAIL);
  for (const identifier of [EMAIL, UNKNOWN]) await exhaust(server, identifier);
  await exhaust(server);
  server.clock.advance(HOUR_MS);
  await exhaust(server);
  const mails = (await messagesTo(server, EMAIL)).filter(
    ({ templateName }) => templateName === 'account_guessed_at',
  );
  assert.equal(mails.length, 1, 'once a day');
  assert.deepEqual(await messagesTo(server, UNKNOWN), []);
  const link = String(mails[0]?.templateData['sign_in_url']);
  const browser = createBrowser(server, stranger(50));
  await browser.open(link);
  assert.equal(await browser.isSignedIn(), false);
  browser.fill({ identifier: EMAIL, password: PASSWORD });
  await browser.press('password');
  assert.equal(await browser.isSignedIn(), true);
});

test('guessed at or not, known and unknown accounts get the same answers', async (t) => {
  const server = await start(t);
  await createNativeApp(server).signUp(EMAIL);
  const seen = [];
  for (const identifier of [EMAIL, UNKNOWN]) {
    const answers = [];
    for (const number of [11, 11, 11, 11, 12, 12, 12, 13])
      answers.push(await guess(server, { number, identifier }));
    seen.push(answers);
  }
  assert.deepEqual(seen[0], seen[1]);
});

test('a code that an administrator made works whatever strangers have tried', async (t) => {
  const server = await start(t, { one_time_secrets: { ...limits.one_time_secrets, sends_per_address: 20 } });
  const ada = await createNativeApp(server).signUp(EMAIL);
  for (const number of [1, 1, 1, 2, 2, 2, 3]) {
    server.clock.advance(1_000);
    const app = createNativeApp(server, stranger(number));
    const flow = await json<FlowJson>(
      await app.send(await app.start('recovery'), { method: 'code', email: EMAIL }),
    );
    const code = await sentValue(server, EMAIL, 'recovery_code');
    await app.send(flow, { code: anotherCode(code) });
  }
  const made = await server.askAdmin('POST', '/admin/recovery/code', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identity_id: ada.identity?.id ?? ada.session?.identity?.id }),
  });
  const { recovery_code, recovery_link } = await json<{ recovery_code: string; recovery_link: string }>(
    made,
    201,
  );
  const browser = createBrowser(server, stranger(9));
  await browser.open(recovery_link);
  browser.fill({ code: recovery_code });
  await browser.press('code');
  assert.equal(await browser.isSignedIn(), true);
});

test('strangers who ask for messages do not keep a known device from getting one', async (t) => {
  const server = await start(t);
  const browser = createBrowser(server, stranger(9));
  await browser.signUp(EMAIL);
  browser.cookies.drop('ory_kratos_session');
  const statuses = [];
  for (const number of [1, 1, 1, 1, 2, 2, 2, 3]) {
    const app = createNativeApp(server, stranger(number));
    statuses.push((await app.send(await app.start('recovery'), { method: 'code', email: EMAIL })).status);
  }
  // One message went out when she signed up.
  assert.deepEqual(statuses, [200, 200, 200, 400, 200, 200, 400, 400]);
  await browser.open('/self-service/recovery/browser');
  browser.fill({ email: EMAIL });
  await browser.press('code');
  assert.deepEqual(browser.see(), [1060003]);
});
