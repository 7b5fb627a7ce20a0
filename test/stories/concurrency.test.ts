// Fifty at once, on both databases: one succeeds, the others are told, and nothing is half-written.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DatabaseName, freshDatabase, runRaw, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer, type TestScope, type TestServer } from '../support/server.ts';

const MANY = 50;

interface Crowd {
  readonly server: TestServer;
  /** How many rows a table has. */
  readonly count: (table: string) => Promise<number>;
}

async function crowd(t: TestScope, name: DatabaseName): Promise<Crowd> {
  const fresh = await freshDatabase(name);
  const server = await startServer(t, { dsn: fresh.dsn });
  t.after(fresh.remove);
  return { server, count: async (table) => (await runRaw(fresh.dsn, `select 1 from ${table}`)).length };
}

const times = <T>(make: (index: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: MANY }, (_, index) => make(index)));

/** One answer is 200, and no other says that something broke. */
function assertOneWon(answers: readonly Response[], losers: readonly number[]): void {
  const statuses = answers.map(({ status }) => status).sort();
  assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
  for (const status of statuses) assert.ok(status === 200 || losers.includes(status), statuses.join());
}

for (const name of SHARED_DATABASES) {
  test(`one login flow, sent ${MANY} times at once, makes one session [${name}]`, async (t) => {
    const { server, count } = await crowd(t, name);
    const app = createNativeApp(server);
    await app.signUp('ada@example.org');
    const before = await count('sessions');
    const visitor = createNativeApp(server);
    const flow = await visitor.start('login');
    const body = { method: 'password', identifier: 'ada@example.org', password: PASSWORD };
    assertOneWon(await times(() => visitor.send(flow, body)), [404, 410]);
    assert.equal(await count('sessions'), before + 1);
    assert.equal(await count("security_events where kind = 'login.succeeded'"), 1);
  });

  test(`one registration flow, sent ${MANY} times for different people, makes one account [${name}]`, async (t) => {
    const { server, count } = await crowd(t, name);
    const app = createNativeApp(server);
    const flow = await app.start('registration');
    const answers = await times((index) =>
      app.send(flow, {
        method: 'password',
        password: PASSWORD,
        traits: { email: `person-${index}@example.org` },
      }),
    );
    assertOneWon(answers, [404, 410]);
    for (const table of ['identities', 'sessions', 'identity_identifiers', 'identity_credentials']) {
      assert.equal(await count(table), 1, table);
    }
    assert.equal(await count('identity_addresses'), 2);
    assert.equal(await count("security_events where kind = 'identity.created'"), 1);
  });

  test(`one settings flow, sent ${MANY} times with different passwords, saves one of them [${name}]`, async (t) => {
    const { server, count } = await crowd(t, name);
    const app = createNativeApp(server);
    await app.signUp('ada@example.org');
    const flow = await app.start('settings');
    const chosen = (index: number) => `${OTHER_PASSWORD} ${index}`;
    const answers = await times((index) => app.send(flow, { method: 'password', password: chosen(index) }));
    assertOneWon(answers, [400]);
    assert.equal(await count("security_events where kind = 'credential.changed'"), 1);
    const winner = answers.findIndex(({ status }) => status === 200);
    await createNativeApp(server).signIn('ada@example.org', { password: chosen(winner) });
  });

  test(`${MANY} registrations of one address make one account, and the others are told [${name}]`, async (t) => {
    const { server, count } = await crowd(t, name);
    const apps = await times(async () => {
      const app = createNativeApp(server);
      return { app, flow: await app.start('registration') };
    });
    const body = { method: 'password', password: PASSWORD, traits: { email: 'ada@example.org' } };
    const answers = await Promise.all(apps.map(({ app, flow }) => app.send(flow, body)));
    assertOneWon(answers, [400]);
    for (const answer of answers) {
      if (answer.status === 400) assert.deepEqual(messageIds(await json<FlowJson>(answer, 400)), [4000007]);
    }
    for (const table of ['identities', 'sessions', 'identity_identifiers', 'identity_credentials']) {
      assert.equal(await count(table), 1, table);
    }
    assert.equal(await count("security_events where kind = 'registration.refused'"), MANY - 1);
    await createNativeApp(server).signIn('ada@example.org');
  });

  test(`${MANY} people sign up at once, and each of them has an account [${name}]`, async (t) => {
    const { server, count } = await crowd(t, name);
    await times((index) => createNativeApp(server).signUp(`person-${index}@example.org`));
    assert.equal(await count('identities'), MANY);
    assert.equal(await count('sessions'), MANY);
    assert.deepEqual(server.logged, []);
  });
}
