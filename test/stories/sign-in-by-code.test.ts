// Signing up and in by codes that are sent: to a browser, to a native app, by e-mail and to a phone.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createBrowser } from '../support/browser.ts';
import { rewrite } from '../support/change.ts';
import { createCodeVisitor, otherThan, smsChannels, startCodeServer } from '../support/code-server.ts';
import { startCourier } from '../support/courier.ts';
import { SHARED_DATABASES } from '../support/databases.ts';
import {
  type FlowJson,
  fieldValue,
  json,
  messageIds,
  nodeNamed,
  type SignedInJson,
} from '../support/flow-json.ts';
import { HOUR_MS, PASSWORD } from '../support/server.ts';

const ADA = 'ada@example.org';
const PHONE = '+41791234501';

interface Verifiable {
  readonly verifiable_addresses: readonly { readonly value: string; readonly verified: boolean }[];
}

for (const database of SHARED_DATABASES) {
  test(`a browser signs up by a code, signs out and in again, and its address is verified [${database}]`, async (t) => {
    const server = await startCodeServer(t, { database });
    const browser = createBrowser(server);
    await browser.open('/self-service/registration/browser');
    browser.fill({ 'traits.email': ADA, 'traits.name': 'Ada' });
    await browser.press('code', 'method');
    assert.deepEqual(browser.see(), [1040005]);
    browser.fill({ code: await server.codeTo(ADA) });
    await browser.press('code', 'method');
    assert.ok(await browser.isSignedIn());
    const { identity } = await json<{ readonly identity: Verifiable }>(
      await browser.ask('GET', '/sessions/whoami', { headers: { accept: 'application/json' } }),
    );
    assert.deepEqual(
      identity.verifiable_addresses.map(({ value, verified }) => [value, verified]),
      [[ADA, true]],
    );

    server.clock.advance(1_000);
    const other = createBrowser(server);
    await other.open('/self-service/login/browser');
    other.fill({ identifier: ADA.toUpperCase() });
    await other.press('code', 'method');
    assert.deepEqual(other.see(), [1010014]);
    other.fill({ code: otherThan(await server.codeTo(ADA)) });
    await other.press('code', 'method');
    assert.deepEqual(other.see(), [4010008]);
    other.fill({ code: ` ${(await server.codeTo(ADA)).replace(/^(...)/, '$1 ')} ` });
    await other.press('code', 'method');
    assert.ok(await other.isSignedIn());
  });

  test(`fifty submissions of one code at once make one session [${database}]`, async (t) => {
    const server = await startCodeServer(t, {
      database,
      code: { passwordless_enabled: true, config: { max_submissions: 255 } },
      config: { security: { one_time_secrets: { tries_per_account: 1_000 } } },
    });
    await server.person({ email: ADA });
    const app = createCodeVisitor(server);
    const flow = await app.askForCode(ADA);
    const body = { method: 'code', identifier: ADA, code: await server.codeTo(ADA) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.send(flow, body)));
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
    // Too late: the flow is gone, or its code is.
    assert.ok(
      statuses.every((status) => [200, 400, 404, 410].includes(status)),
      statuses.join(),
    );
    const { sessions } = server.bia.database.stores;
    assert.equal((await sessions.list({ limit: 100 }, server.clock.nowMs())).length, 1);
  });

  test(`fifty submissions of one sign-up code at once make one account [${database}]`, async (t) => {
    const server = await startCodeServer(t, {
      database,
      code: { passwordless_enabled: true, config: { max_submissions: 255 } },
      config: { security: { one_time_secrets: { tries_per_account: 1_000 } } },
    });
    const app = createCodeVisitor(server);
    const traits = { email: ADA };
    const flow = await json<FlowJson>(
      await app.send(await app.start('registration'), { method: 'code', traits }),
      400,
    );
    const body = { method: 'code', traits, code: await server.codeTo(ADA) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.send(flow, body)));
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
    assert.ok(
      statuses.every((status) => [200, 400, 404, 410].includes(status)),
      statuses.join(),
    );
    assert.equal(await server.bia.database.stores.identities.count({}), 1);
  });
}

test('a person signs in by a code that a service of the operator sends to the phone', async (t) => {
  const texts: { readonly to: string; readonly text: string }[] = [];
  const service = createServer((request, response) => {
    void (async () => {
      texts.push(JSON.parse(await text(request)) as (typeof texts)[number]); // the body that the configuration describes
      response.writeHead(204).end();
    })();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  t.after(() => service.close().closeAllConnections());
  const { port } = service.address() as AddressInfo; // it listens on a port
  const channels = smsChannels(`http://127.0.0.1:${port}/sms`);
  const server = await startCodeServer(t, { config: { courier: { channels } } });
  await server.person({ phone: PHONE });
  const { messages } = server.bia.database.stores;
  const courier = startCourier(t, { courier: { channels }, messages, clock: server.clock });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode('+41 79 123 45 01');
  while (courier.outcomes.length === 0) await setTimeout(5);
  assert.deepEqual(
    texts.map(({ to }) => to),
    [PHONE],
  );
  const code = /(?<!\d)\d{6}(?!\d)/.exec(texts[0]?.text ?? '')?.[0];
  await json(await app.send(flow, { method: 'code', identifier: PHONE, code }));
});

test('a code that is sent again makes the earlier one worthless', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  const first = await server.codeTo(ADA);
  server.clock.advance(1_000);
  await json(await app.send(flow, { method: 'code', identifier: ADA, resend: 'code' }), 400);
  const second = await server.codeTo(ADA);
  const refused = await json<FlowJson>(
    await app.send(flow, { method: 'code', identifier: ADA, code: first }),
    400,
  );
  // One in a million codes is the same again.
  if (first !== second) assert.deepEqual(messageIds(refused), [4010008]);
  await json(await app.send(flow, { method: 'code', identifier: ADA, code: second }));
});

test('a code is over when its time is', async (t) => {
  const server = await startCodeServer(t, {
    code: { passwordless_enabled: true, config: { lifespan: '10m' } },
    config: { selfservice: { flows: { login: { lifespan: '1h' } } } },
  });
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  server.clock.advance(HOUR_MS / 4);
  const body = { method: 'code', identifier: ADA, code: await server.codeTo(ADA) };
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, body), 400)), [4010008]);
});

test('each address of a sign-up gets a code of its own, and only the one that came back is verified', async (t) => {
  const server = await startCodeServer(t);
  const app = createCodeVisitor(server);
  const traits = { email: ADA, phone: '+41 79 123 45 01' };
  const flow = await json<FlowJson>(
    await app.send(await app.start('registration'), { method: 'code', traits }),
    400,
  );
  assert.notEqual(await server.codeTo(PHONE), await server.codeTo(ADA));
  const done = await json<SignedInJson & { readonly identity: Verifiable }>(
    await app.send(flow, { method: 'code', traits, code: await server.codeTo(PHONE) }),
  );
  const verified = done.identity.verifiable_addresses.map((address) => [address.value, address.verified]);
  assert.deepEqual(verified.sort(), [
    [PHONE, true],
    [ADA, false],
  ]);
});

test('traits that changed since the code was sent are refused, and the accepted ones stay in the form', async (t) => {
  const server = await startCodeServer(t);
  const app = createCodeVisitor(server);
  const traits = { email: ADA, name: 'Ada' };
  const flow = await json<FlowJson>(
    await app.send(await app.start('registration'), { method: 'code', traits }),
    400,
  );
  const code = await server.codeTo(ADA);
  const swapped = { method: 'code', traits: { email: 'eve@example.org', name: 'Ada' }, code };
  const refused = await json<FlowJson>(await app.send(flow, swapped), 400);
  assert.deepEqual(messageIds(refused), [4000036]);
  assert.equal(fieldValue(refused, 'traits.email'), ADA);
  // Sent once more, the refused ones are still not the accepted ones.
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, swapped), 400)), [4000036]);
  await json(await app.send(flow, { method: 'code', traits, code }));
});

test('an address that somebody has is refused once the code is right, and no account is made', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const traits = { email: ADA };
  const flow = await json<FlowJson>(
    await app.send(await app.start('registration'), { method: 'code', traits }),
    400,
  );
  const body = { method: 'code', traits, code: await server.codeTo(ADA) };
  const refused = await json<FlowJson>(await app.send(flow, body), 400);
  assert.deepEqual(messageIds(refused), [4000007]);
  assert.deepEqual([refused.state], ['passed_challenge']);
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, body), 400)), [4010003]);
  assert.equal(await server.bia.database.stores.identities.count({}), 1);
});

test('with codes as second factor nobody signs up or in by a code alone', async (t) => {
  const server = await startCodeServer(t, { code: { mfa_enabled: true } });
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const registration = await app.send(await app.start('registration'), {
    method: 'code',
    traits: { email: 'eve@example.org' },
  });
  assert.deepEqual(messageIds(await json<FlowJson>(registration, 400)), [4010003]);
  const login = await app.send(await app.start('login'), { method: 'code', identifier: ADA });
  assert.deepEqual(messageIds(await json<FlowJson>(login, 400)), [4010002]);
  assert.equal(await server.messageCount(), 0);
});

test('a refresh by code confirms the person who is signed in and nobody else', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  await server.person({ email: 'bob@example.org' });
  const app = createCodeVisitor(server);
  await app.signInByCode(ADA);
  const before = await app.whoami();
  server.clock.advance(HOUR_MS);
  const start = () => app.start('login', '?refresh=true');
  const refused = await app.send(await start(), { method: 'code', identifier: 'bob@example.org' });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000035]);
  assert.deepEqual(await server.codesTo('bob@example.org'), []);
  const flow = await json<FlowJson>(await app.send(await start(), { method: 'code', identifier: ADA }), 400);
  assert.deepEqual(messageIds(flow), [1010025]);
  await json(await app.send(flow, { method: 'code', identifier: ADA, code: await server.codeTo(ADA) }));
  const after = await app.whoami();
  assert.equal(after.id, before.id);
  assert.ok(after.authenticated_at > before.authenticated_at);
});

test('with refresh_login_choose_address a refresh offers the addresses of the account', async (t) => {
  const server = await startCodeServer(t, {
    config: { feature_flags: { refresh_login_choose_address: true } },
  });
  await server.person({ email: ADA, phone: PHONE });
  const app = createCodeVisitor(server);
  await app.signInByCode(ADA);
  const form = await app.start('login', '?refresh=true');
  const offered = form.ui.nodes.filter(({ attributes }) => attributes.name === 'address');
  assert.deepEqual(
    offered.map(({ attributes }) => attributes.value),
    [PHONE, ADA],
  );
  const flow = await json<FlowJson>(await app.send(form, { address: PHONE }), 400);
  await json(await app.send(flow, { method: 'code', identifier: PHONE, code: await server.codeTo(PHONE) }));
});

test('where a code is the only way to sign in, the identifier is enough to have it sent', async (t) => {
  const server = await startCodeServer(t, {
    config: { selfservice: { flows: { login: { style: 'identifier_first' } } } },
  });
  await server.person({ email: ADA });
  await server.person(
    { email: 'bob@example.org' },
    { credentials: { password: { config: { password: PASSWORD } } } },
  );
  const app = createCodeVisitor(server);
  const identify = async (identifier: string): Promise<FlowJson> =>
    json(await app.send(await app.start('login'), { method: 'identifier_first', identifier }), 400);
  const flow = await identify(ADA);
  assert.equal(flow.state, 'sent_email');
  await json(await app.send(flow, { method: 'code', identifier: ADA, code: await server.codeTo(ADA) }));
  const choice = await identify('bob@example.org');
  assert.equal(choice.state, 'choose_method');
  assert.ok(nodeNamed(choice, 'password'));
  assert.deepEqual(await server.codesTo('bob@example.org'), []);
});

test('an account without a code credential signs in by code where the operator wants that', async (t) => {
  const credentials = { password: { config: { password: PASSWORD } } };
  for (const isWanted of [false, true]) {
    const server = await startCodeServer(t, {
      code: { passwordless_enabled: true, config: { missing_credential_fallback_enabled: isWanted } },
    });
    await server.person({ email: ADA }, { schema_id: 'plain', credentials });
    const app = createCodeVisitor(server);
    const flow = await app.askForCode(ADA);
    assert.deepEqual(messageIds(flow), [isWanted ? 1010014 : 4000035]);
    server.clock.advance(1_000);
    if (isWanted) await app.signInByCode(ADA);
  }
});

test('an imported code credential of the first version signs in', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  const { identities } = server.bia.database.stores;
  const identity = await identities.findFullByIdentifier([ADA], 'code');
  const credential = identity?.credentials['code'];
  assert.ok(identity && credential);
  const config = { address_type: 'email', used_at: null };
  await rewrite(server.bia.database, identity.id, (current) => ({
    ...current,
    credentials: { ...current.credentials, code: { ...credential, config, version: 0 } },
  }));
  await createCodeVisitor(server).signInByCode(ADA);
});
