// What is sent is kept as it is, or refused with the reason: nothing is changed silently, at whichever door it comes in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type FlowJson, json } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, PERSON_SCHEMA, schemaUrl, startServer, type TestServer } from '../support/server.ts';

const TOO_LARGE = '9007199254740993';
const LARGEST = '9007199254740991';
const REASON = /9007199254740993, which cannot be kept exactly/;

/** The body is written out, since a program could not hold the number either. */
async function admin(server: TestServer, method: string, path: string, body: string) {
  const response = await server.askAdmin(method, path, {
    headers: { 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

test('a whole number that cannot be kept exactly is refused with the reason at every door', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const { identity } = await app.whoami();
  const one = `/admin/identities/${identity.id}`;
  let people = 0;
  const person = (number: string): string => {
    people += 1;
    return `"schema_id":"person","traits":{"email":"b${people}@example.org","age":${number}}`;
  };
  const doors: readonly (readonly [method: string, path: string, body: (number: string) => string])[] = [
    ['POST', '/admin/identities', (number) => `{${person(number)}}`],
    ['PUT', one, (number) => `{${person(number)},"state":"active"}`],
    ['PATCH', one, (number) => `[{"op":"replace","path":"/traits/age","value":${number}}]`],
    ['PATCH', one, (number) => `[{"op":"add","path":"/metadata_public","value":{"a":[${number}]}}]`],
    ['PATCH', '/admin/identities', (number) => `{"identities":[{"create":{${person(number)}}}]}`],
    [
      'POST',
      '/admin/identities',
      (number) => `{"schema_id":"person","traits":{"email":"c@example.org"},"metadata_admin":${number}}`,
    ],
  ];
  for (const [method, path, body] of doors) {
    const refused = await admin(server, method, path, body(TOO_LARGE));
    assert.equal(refused.status, 400, `${method} ${path}`);
    assert.match(refused.text, REASON, `${method} ${path}`);
    const taken = await admin(server, method, path, body(LARGEST));
    assert.ok(taken.status < 300, `${method} ${path}: ${taken.text}`);
  }
  const shown = await (await server.askAdmin('GET', one)).text();
  assert.match(shown, new RegExp(`"a":\\[${LARGEST}\\]`));
});

test('a whole number that cannot be kept exactly is refused in flows, as JSON and as a form', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const bodies: readonly (readonly [type: string, body: (number: string) => string])[] = [
    [
      'application/json',
      (number) =>
        `{"method":"password","password":"${PASSWORD}","traits":{"email":"j@example.org","age":${number}}}`,
    ],
    [
      'application/x-www-form-urlencoded',
      (number) => `method=password&password=${PASSWORD}&traits.email=f@example.org&traits.age=${number}`,
    ],
  ];
  for (const [type, body] of bodies) {
    const flow = await app.start('registration');
    const send = (number: string) =>
      server.ask('POST', flow.ui.action, { headers: { 'content-type': type }, body: body(number) });
    const refused = await send(TOO_LARGE);
    assert.equal(refused.status, 400);
    const { ui } = (await refused.json()) as FlowJson; // a refused form
    const texts = [...(ui.messages ?? []), ...ui.nodes.flatMap(({ messages }) => messages)].map(
      ({ text }) => text,
    );
    assert.equal(texts.length, 1, texts.join());
    assert.match(texts[0] ?? '', REASON);
    const taken = await json<{ identity: { traits: JsonObject } }>(await send(LARGEST));
    assert.equal(taken.identity.traits['age'], Number(LARGEST));
  }
});

test('a mailbox has one spelling: a dot at the end is no second account', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const stranger = createNativeApp(server);
  const response = await stranger.send(await stranger.start('registration'), {
    method: 'password',
    password: PASSWORD,
    traits: { email: 'ada@example.org.' },
  });
  assert.equal(response.status, 400);
  const created = await admin(
    server,
    'POST',
    '/admin/identities',
    JSON.stringify({ schema_id: 'person', traits: { email: 'ada@example.org.' } }),
  );
  assert.equal(created.status, 400);
});

const PHONE_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        phone: {
          type: 'string',
          format: 'tel',
          'ory.sh/kratos': { credentials: { password: { identifier: true } } },
        },
      },
    },
  },
};

test('a phone number has one spelling: as it stands in a link, it signs the same person in', async (t) => {
  const schemas = [
    { id: 'person', url: schemaUrl(PERSON_SCHEMA) },
    { id: 'phone', url: schemaUrl(PHONE_SCHEMA) },
  ];
  const server = await startServer(t, { config: { identity: { default_schema_id: 'phone', schemas } } });
  const body = (phone: string) =>
    JSON.stringify({
      schema_id: 'phone',
      traits: { phone },
      credentials: { password: { config: { password: PASSWORD } } },
    });
  assert.equal((await admin(server, 'POST', '/admin/identities', body('+41791234501'))).status, 201);
  for (const phone of ['tel:+41791234501', 'TEL:+41-79-123-45-01', ' tel: +41 79 123 45 01 ']) {
    assert.equal((await admin(server, 'POST', '/admin/identities', body(phone))).status, 409, phone);
  }
  await createNativeApp(server).signIn('tel:+41791234501');
});

test('a trait that nobody knows is called by its name', async (t) => {
  const server = await startServer(t);
  const answer = await admin(
    server,
    'POST',
    '/admin/identities',
    JSON.stringify({ schema_id: 'person', traits: { email: 'a@example.org', nick: 1, constructor: 2 } }),
  );
  assert.equal(answer.status, 400);
  assert.match(JSON.parse(answer.text).error.reason, /Unknown field: "nick", "constructor"/);
});

test('a state that does not exist is refused with those that do', async (t) => {
  const server = await startServer(t);
  const answer = await admin(
    server,
    'POST',
    '/admin/identities',
    JSON.stringify({ schema_id: 'person', traits: { email: 'a@example.org' }, state: 'ACTIVE' }),
  );
  assert.equal(answer.status, 400);
  assert.match(JSON.parse(answer.text).error.reason, /Choose one of these: active, inactive\.$/);
});
