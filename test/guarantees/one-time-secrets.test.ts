// What holds for every code and link that recovers an account or verifies an address, on both databases.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowId, parseUuid } from '../../src/lib/ids.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { type DatabaseName, freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { anotherCode, messagesTo, RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { HOUR_MS, startServer, type TestScope, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const UNKNOWN = 'nobody@example.org';
const MANY = 50;

interface Wish {
  readonly use?: 'code' | 'link';
  readonly security?: JsonObject;
  readonly flags?: JsonObject;
}

async function serverWithAda(scope: TestScope, name: DatabaseName, wish: Wish = {}): Promise<TestServer> {
  const fresh = await freshDatabase(name);
  const { selfservice } = RECOVERY_CONFIG;
  const use = wish.use ?? 'code';
  const { recovery, verification } = selfservice.flows;
  const flows = { recovery: { ...recovery, use }, verification: { ...verification, use } };
  const server = await startServer(scope, {
    dsn: fresh.dsn,
    config: {
      selfservice: { ...selfservice, flows },
      feature_flags: { use_continue_with_transitions: true, ...wish.flags },
      security: { one_time_secrets: { ...wish.security } },
    },
  });
  scope.after(fresh.remove);
  await createNativeApp(server).signUp(EMAIL);
  return server;
}

const atOnce = <T>(make: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: MANY }, make));

async function sessionCount({ bia, clock }: TestServer): Promise<number> {
  return (await bia.database.stores.sessions.list({ limit: 500 }, clock.nowMs())).length;
}

const ask = (app: NativeApp, flow: FlowJson, email: string): Promise<Response> =>
  app.send(flow, { method: flow.active, email });

async function asked(app: NativeApp, kind: 'recovery' | 'verification', email = EMAIL): Promise<FlowJson> {
  const flow = await app.start(kind);
  return json<FlowJson>(await ask(app, flow, email));
}

function assertNothingBroke(answers: readonly Response[]): void {
  for (const { status } of answers) assert.ok(status < 500, `status ${status}`);
}

for (const name of SHARED_DATABASES) {
  test(`a recovery code that is sent many times at once makes one session [${name}]`, async (t) => {
    const server = await serverWithAda(t, name);
    const app = createNativeApp(server);
    const flow = await asked(app, 'recovery');
    const code = await sentValue(server, EMAIL, 'recovery_code');
    const before = await sessionCount(server);
    const answers = await atOnce(() => app.send(flow, { code }));
    assertNothingBroke(answers);
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(await sessionCount(server), before + 1);
  });

  test(`a recovery link that is followed many times at once makes one session [${name}]`, async (t) => {
    const server = await serverWithAda(t, name, { use: 'link' });
    await asked(createNativeApp(server), 'recovery');
    const link = await sentValue(server, EMAIL, 'recovery_url');
    const before = await sessionCount(server);
    const answers = await atOnce(() => server.ask('GET', link, { headers: { accept: 'text/html' } }));
    assertNothingBroke(answers);
    const toSettings = answers.filter(({ headers }) => headers.get('location')?.includes('/settings?flow='));
    assert.equal(toSettings.length, 1);
    assert.equal(await sessionCount(server), before + 1);
  });

  test(`a verification code that is sent many times at once verifies once [${name}]`, async (t) => {
    const server = await serverWithAda(t, name);
    const app = createNativeApp(server);
    server.clock.advance(1_000);
    const flow = await asked(app, 'verification');
    const code = await sentValue(server, EMAIL, 'verification_code');
    const answers = await atOnce(() => app.send(flow, { code }));
    assertNothingBroke(answers);
    const bodies = await Promise.all(answers.map((answer) => answer.text()));
    assert.equal(bodies.filter((body) => body.includes('"passed_challenge"')).length, 1);
  });

  test(`everything that was sent for a flow ends with it [${name}]`, async (t) => {
    const server = await serverWithAda(t, name, { use: 'link' });
    const app = createNativeApp(server);
    const flow = await asked(app, 'recovery');
    const first = await sentValue(server, EMAIL, 'recovery_url');
    server.clock.advance(1_000);
    await json(await ask(app, flow, EMAIL));
    const second = await sentValue(server, EMAIL, 'recovery_url');
    assert.notEqual(first, second);
    await createBrowser(server).open(second);
    const late = createBrowser(server);
    await late.open(first);
    assert.deepEqual(late.see(), [4060004]);
    assert.equal(await late.isSignedIn(), false);
    const { secrets } = server.bia.database.stores;
    const id = parseUuid<FlowId>(flow.id);
    assert.ok(id);
    assert.deepEqual(await secrets.findOfFlow(id, 'recovery'), []);
  });

  test(`guessing gets no fresh tries from fresh flows [${name}]`, async (t) => {
    const server = await serverWithAda(t, name, { security: { tries_per_account: 7 } });
    const app = createNativeApp(server);
    for (const guesses of [4, 3]) {
      const flow = await asked(app, 'recovery');
      const code = await sentValue(server, EMAIL, 'recovery_code');
      for (let guess = 0; guess < guesses; guess += 1) {
        const answer = await json<FlowJson>(await app.send(flow, { code: anotherCode(code) }));
        assert.deepEqual(messageIds(answer), [4060006]);
      }
      server.clock.advance(1_000);
    }
    // The budget is used up: the right code is worth nothing any more, in no flow and in no browser.
    const other = createNativeApp(server);
    const flow = await asked(other, 'recovery');
    const code = await sentValue(server, EMAIL, 'recovery_code');
    assert.equal((await other.send(flow, { code })).status, 400);
    assert.equal(await sessionCount(server), 1);
    server.clock.advance(HOUR_MS);
    const later = await asked(other, 'recovery');
    const fresh = await sentValue(server, EMAIL, 'recovery_code');
    assert.equal((await json<FlowJson>(await other.send(later, { code: fresh }))).state, 'passed_challenge');
  });

  test(`nobody can be mail-bombed: an address gets so many messages and no more [${name}]`, async (t) => {
    const server = await serverWithAda(t, name, { security: { sends_per_address: 3 } });
    // One was sent when she registered.
    const clients = Array.from({ length: 6 }, (_, index) => `198.51.100.${index + 1}`);
    const statuses: number[] = [];
    for (const address of clients) {
      const app = createNativeApp(server, { peer: { address, port: 4711 } });
      const flow = await app.start('recovery');
      statuses.push((await ask(app, flow, EMAIL)).status);
    }
    assert.deepEqual(statuses, [200, 200, 400, 400, 400, 400]);
    assert.equal((await messagesTo(server, EMAIL)).length, 3);
  });

  test(`a change of address to somebody else's cannot be used to bomb them [${name}]`, async (t) => {
    const server = await serverWithAda(t, name, { security: { sends_per_address: 2 } });
    const app = createNativeApp(server);
    await app.signIn(EMAIL);
    for (let round = 0; round < 5; round += 1) {
      for (const email of ['victim@example.org', `ada${round}@example.org`]) {
        const flow = await app.start('settings');
        await json(await app.send(flow, { method: 'profile', traits: { email } }));
      }
    }
    assert.equal((await messagesTo(server, 'victim@example.org')).length, 2);
  });
}

/** An answer without what differs between any two: ids, times, tokens, and the address itself. */
async function comparable(response: Response, email: string): Promise<unknown> {
  const headers = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  const text = JSON.stringify([response.status, headers, await response.text()]);
  return text
    .replaceAll(email, '{address}')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{id}')
    .replace(/csrf_token_[0-9a-f]{64}=[^;]+/g, '{cookie}')
    .replace(/[A-Za-z0-9+/]{86}==/g, '{token}');
}

for (const kind of ['recovery', 'verification'] as const) {
  for (const use of ['code', 'link'] as const) {
    test(`known and unknown addresses are answered alike [${kind} by ${use}]`, async (t) => {
      const server = await serverWithAda(t, 'sqlite memory', { use, security: { sends_per_address: 3 } });
      const known = 'ada@example.org';
      for (const client of ['app', 'script'] as const) {
        const seen: unknown[][] = [];
        for (const email of [known, UNKNOWN]) {
          const answers: unknown[] = [];
          const visitor = client === 'app' ? createNativeApp(server) : createScriptedPage(server);
          const flow = await visitor.start(kind);
          const asking = await visitor.send(flow, { method: use, email });
          answers.push(await comparable(asking, email));
          // A wrong answer, and one that was never right, may not tell either.
          const reply = use === 'code' ? { code: 'abcdef' } : { token: 'abcdef' };
          answers.push(await comparable(await visitor.send(flow, { method: use, ...reply }), email));
          seen.push(answers);
        }
        assert.deepEqual(seen[0], seen[1]);
      }
    });
  }
}

test('known and unknown addresses are answered alike: recovery by choice, with one address', async (t) => {
  const server = await serverWithAda(t, 'sqlite memory', { flags: { choose_recovery_address: true } });
  const answers: unknown[] = [];
  for (const email of [EMAIL, 'adb@example.org']) {
    const app = createNativeApp(server);
    const flow = await app.start('recovery');
    answers.push(await comparable(await app.send(flow, { recovery_address: email }), email));
  }
  assert.deepEqual(answers[0], answers[1]);
});

test('a scanner that opens the links of a mail verifies nothing by code', async (t) => {
  const server = await serverWithAda(t, 'sqlite memory');
  const link = await sentValue(server, EMAIL, 'verification_url');
  for (const method of ['GET', 'HEAD', 'GET']) {
    const answer = await server.ask(method, link, { headers: { accept: 'text/html' } });
    assert.ok(answer.status < 500);
  }
  const { identities } = server.bia.database.stores;
  const ada = await identities.findHolder({
    identifiers: [],
    addresses: [{ via: 'email', value: EMAIL }],
  });
  assert.deepEqual(
    ada?.verifiableAddresses.map(({ verified }) => verified),
    [false],
  );
  // The person confirms by a button, and only then it counts.
  const browser = createBrowser(server);
  await browser.open(link);
  await browser.press('code');
  assert.deepEqual(browser.see(), [1080002]);
});

test('a HEAD request uses no link up', async (t) => {
  const server = await serverWithAda(t, 'sqlite memory', { use: 'link' });
  await asked(createNativeApp(server), 'recovery');
  const link = await sentValue(server, EMAIL, 'recovery_url');
  const before = await sessionCount(server);
  await server.ask('HEAD', link, { headers: { accept: 'text/html' } });
  assert.equal(await sessionCount(server), before);
  const browser = createBrowser(server);
  await browser.open(link);
  assert.deepEqual(browser.see(), [1060001]);
});

test('a code is worth nothing in another flow and for another purpose', async (t) => {
  const server = await serverWithAda(t, 'sqlite memory');
  const app = createNativeApp(server);
  await asked(app, 'recovery');
  const code = await sentValue(server, EMAIL, 'recovery_code');
  const other = await app.start('recovery');
  await json(await ask(app, other, UNKNOWN));
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(other, { code }))), [4060006]);
  const verification = await app.start('verification');
  const wrong = await json<FlowJson>(await app.send(verification, { code }));
  assert.deepEqual(messageIds(wrong), [4070006]);
});
