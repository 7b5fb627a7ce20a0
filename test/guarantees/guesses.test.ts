// Guesses are counted before anything is compared, in one place for all methods. SECURITY.md names these tests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { pin } from '../support/pin/index.ts';
import { PASSWORD, PERSON_SCHEMA, schemaUrl, startServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const WRONG_PASSWORD = 4000006;
const WRONG_PIN = 4009901;
/** With the reason: too many attempts. */
const GENERIC = 4000001;
const TRIES = 2;

const few = {
  security: { one_time_secrets: { tries_per_account: TRIES }, passwords: { tries_per_account: TRIES * 10 } },
};

test('guesses at a password are counted over all forms, known account or not', async (t) => {
  const server = await startServer(t, { config: few });
  await createNativeApp(server).signUp(EMAIL);
  const guess = async (identifier: string, password: string): Promise<readonly number[]> => {
    const app = createNativeApp(server);
    const answer = await app.send(await app.start('login'), { method: 'password', identifier, password });
    return messageIds(await json<FlowJson>(answer, 400));
  };
  for (const identifier of [EMAIL, 'nobody@example.org']) {
    for (let tries = 0; tries < TRIES * 10; tries += 1) {
      assert.deepEqual(await guess(identifier, 'a wrong guess'), [WRONG_PASSWORD]);
    }
    assert.deepEqual(await guess(identifier, PASSWORD), [GENERIC], 'the right one is not compared any more');
    assert.deepEqual(
      await guess(` ${identifier.toUpperCase()}`, PASSWORD),
      [GENERIC],
      'however it is spelled',
    );
  }
  server.clock.advance(60 * 60_000);
  await createNativeApp(server).signIn(EMAIL);
});

test('a method of an embedding program has its guesses counted too, and cannot forget it for two at once', async (t) => {
  const schema = JSON.parse(
    JSON.stringify(PERSON_SCHEMA).replace(
      '"password":{"identifier":true}',
      '"password":{"identifier":true},"pin":{"identifier":true}',
    ),
  );
  const server = await startServer(t, {
    additions: { methods: [pin] },
    config: {
      ...few,
      identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(schema) }] },
      selfservice: { methods: { pin: { enabled: true } } },
    },
  });
  const app = createNativeApp(server);
  const registration = await app.start('registration');
  await json(await app.send(registration, { method: 'pin', pin: '123456', traits: { email: EMAIL } }));
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const other = createNativeApp(server);
      const flow = await other.start('login');
      const sent = await other.send(flow, { method: 'pin', identifier: EMAIL, pin: '000000' });
      return messageIds(await json<FlowJson>(sent, 400));
    }),
  );
  assert.equal(answers.flat().filter((id) => id === WRONG_PIN).length, TRIES);
  assert.equal(answers.flat().filter((id) => id === GENERIC).length, 20 - TRIES);
});
