// What must hold of codes whoever asks for them, guesses at them, or reads what is stored.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoader } from '../../src/app/parts.ts';
import { ConfigError } from '../../src/config/load.ts';
import { createBrowser } from '../support/browser.ts';
import { createCodeVisitor, otherThan, startCodeServer } from '../support/code-server.ts';
import { SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { HOUR_MS, PASSWORD, sharedConfig } from '../support/server.ts';

const ADA = 'ada@example.org';
const NOBODY = 'bob@example.org';
const PHONE = '+41791234501';
const CONCEALED = { config: { security: { account_enumeration: { mitigate: true } } } };
const TRIES = 30;

for (const database of SHARED_DATABASES) {
  test(`guessing sign-in codes over as many flows as one likes never gets past the budget [${database}]`, async (t) => {
    const server = await startCodeServer(t, { database });
    await server.person({ email: ADA });
    let compared = 0;
    // Of each guess one learns at most that it was wrong: 4010008. Beyond the budget nothing is compared any more.
    for (let flowCount = 0; flowCount < 12; flowCount += 1) {
      const app = createCodeVisitor(server);
      const flow = await app.askForCode(ADA);
      const code = await server.codeTo(ADA);
      const guesses = Array.from({ length: 5 }, (_, index) =>
        app.send(flow, { method: 'code', identifier: ADA, code: otherThan(code, index + 1) }),
      );
      for (const answer of await Promise.all(guesses)) {
        if (messageIds(await json<FlowJson>(answer, 400)).includes(4010008)) compared += 1;
      }
      server.clock.advance(1_000);
    }
    assert.equal(compared, TRIES);
    const app = createCodeVisitor(server);
    const flow = await app.askForCode(ADA);
    const right = { method: 'code', identifier: ADA, code: await server.codeTo(ADA) };
    assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, right), 400)), [4000001]);
    // The window of the budget ends, and its person gets in again.
    server.clock.advance(HOUR_MS);
    await app.signInByCode(ADA);
  });

  test(`where accounts are concealed, known and unknown addresses get the same answer [${database}]`, async (t) => {
    const server = await startCodeServer(t, { database, ...CONCEALED });
    await server.person({ email: ADA });
    const seen = await Promise.all([ADA, NOBODY].map((address) => everyAnswer(server, address)));
    assert.deepEqual(seen[0], seen[1]);
    assert.equal((await server.codesTo(ADA)).length, 4);
    assert.equal((await server.codesTo(NOBODY)).length, 0);
  });
}

/** Status, headers and body of all that happens to somebody who asks for codes and guesses, as browser and as native app. */
async function everyAnswer(
  server: Awaited<ReturnType<typeof startCodeServer>>,
  address: string,
): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const look = async (response: Response): Promise<FlowJson> => {
    const body = await response.text();
    const headers = [...response.headers].filter(
      ([name]) => name !== 'set-cookie' && name !== 'x-request-id',
    );
    const plain = (value: string): string =>
      value
        .replaceAll(address, 'ADDRESS')
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
        .replaceAll(/("csrf_token".*?"value":)"[^"]*"/g, '$1"CSRF"');
    seen.push([response.status, plain(JSON.stringify(headers)), plain(body)]);
    return response.status === 400 ? (JSON.parse(body) as FlowJson) : ({} as FlowJson); // read only where it is a form
  };
  const app = createCodeVisitor(server);
  const flow = await app.start('login');
  await look(await app.send(flow, { method: 'code', identifier: address }));
  await look(await app.send(flow, { method: 'code', identifier: address, resend: 'code' }));
  for (let tries = 0; tries < 6; tries += 1) {
    await look(await app.send(flow, { method: 'code', identifier: address, code: '12345' }));
  }
  await look(await app.send(flow, { method: 'code', identifier: address }));
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  browser.fill({ identifier: address });
  await look(await browser.press('code'));
  seen.push(browser.see());
  browser.fill({ code: '12345' });
  await look(await browser.press('code', 'method'));
  seen.push(browser.see());
  // In both steps of a login that asks for the identifier first.
  const other = createCodeVisitor(server);
  await look(await other.send(await other.start('login'), { method: 'code', identifier: address }));
  return seen;
}

test('a guess counts against every address to which a flow sent codes', async (t) => {
  const server = await startCodeServer(t);
  let compared = 0;
  // Each flow brings along a phone of the attacker's, which stands before the address that is to be taken.
  for (let flowCount = 0; flowCount < 10; flowCount += 1) {
    const app = createCodeVisitor(server);
    const traits = { email: ADA, phone: `+4179123450${flowCount}` };
    const flow = await json<FlowJson>(
      await app.send(await app.start('registration'), { method: 'code', traits }),
      400,
    );
    for (let guess = 0; guess < 5; guess += 1) {
      // Five digits never fit.
      const answer = await app.send(flow, { method: 'code', traits, code: `0000${guess}` });
      if (messageIds(await json<FlowJson>(answer, 400)).includes(4040003)) compared += 1;
    }
  }
  assert.equal(compared, TRIES);
});

test('asking again gives no fresh tries in the same flow', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  const send = (more: object) => app.send(flow, { method: 'code', identifier: ADA, ...more });
  for (let guess = 0; guess < 5; guess += 1) await json(await send({ code: '12345' }), 400);
  server.clock.advance(1_000);
  await json(await send({ resend: 'code' }), 400);
  const refused = await json<FlowJson>(await send({ code: await server.codeTo(ADA) }), 400);
  assert.deepEqual(messageIds(refused), [4000001]);
});

test('nobody can be flooded with codes: neither one address, nor by one client', async (t) => {
  const server = await startCodeServer(t, {
    config: { security: { one_time_secrets: { sends_per_address: 3, sends_per_client: 5 } } },
  });
  await server.person({ email: ADA });
  await server.person({ phone: PHONE });
  const ask = async (identifier: string, ip: string): Promise<readonly number[]> => {
    const app = createCodeVisitor(server, { peer: { address: ip, port: 50_000 } });
    return messageIds(await app.askForCode(identifier));
  };
  for (let count = 0; count < 3; count += 1) assert.deepEqual(await ask(ADA, '203.0.113.1'), [1010014]);
  // From wherever it is asked for.
  assert.deepEqual(await ask(ADA, '203.0.113.2'), [4000001]);
  for (let count = 0; count < 2; count += 1) assert.deepEqual(await ask(PHONE, '203.0.113.1'), [1010014]);
  // The client has had its share, others have not.
  assert.deepEqual(await ask(PHONE, '203.0.113.1'), [4000001]);
  assert.deepEqual((await server.codesTo(ADA)).length, 3);
});

test('a code sent for one flow, purpose or person fits no other', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  await server.person({ email: NOBODY });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  const code = await server.codeTo(ADA);
  const other = await app.askForCode(NOBODY);
  const wrong = async (to: FlowJson, body: object): Promise<void> =>
    assert.deepEqual(
      messageIds(await json<FlowJson>(await app.send(to, { method: 'code', code, ...body }), 400)),
      [4010008],
    );
  if (code !== (await server.codeTo(NOBODY))) await wrong(other, { identifier: ADA });
  await wrong(flow, { identifier: NOBODY });
  await json(await app.send(flow, { method: 'code', identifier: ADA, code }));
});

test('the database holds digests of codes, and none of a flow that ended', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  const code = await server.codeTo(ADA);
  const { secrets } = server.bia.database.stores;
  // Its id comes from the server itself.
  const id = flow.id as Parameters<typeof secrets.findOfFlow>[0];
  const stored = await secrets.findOfFlow(id, 'login');
  assert.equal(stored.length, 1);
  assert.ok(!JSON.stringify(stored).includes(code));
  await json(await app.send(flow, { method: 'code', identifier: ADA, code }));
  assert.deepEqual(await secrets.findOfFlow(id, 'login'), []);
});

test('codes are the first factor or the second one: both at once is refused at the start', () => {
  const load = (code: object) =>
    createLoader().load({
      files: [],
      env: {},
      base: sharedConfig('memory'),
      flags: { selfservice: { methods: { code: { ...code } } } },
    });
  load({ passwordless_enabled: true });
  load({ mfa_enabled: true });
  assert.throws(
    () => load({ passwordless_enabled: true, mfa_enabled: true }),
    (error) =>
      error instanceof ConfigError &&
      error.faults.length === 1 &&
      error.faults[0]?.key === 'selfservice.methods.code.mfa_enabled' &&
      /never both/.test(error.faults[0].reason),
  );
});

test('a disabled account gets no session by a code', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: ADA }, { state: 'inactive' });
  const app = createCodeVisitor(server);
  const flow = await app.askForCode(ADA);
  const body = { method: 'code', identifier: ADA, code: await server.codeTo(ADA) };
  assert.deepEqual(messageIds(await json<FlowJson>(await app.send(flow, body), 400)), [4010011]);
});

test('whatever is sent as identifier, address or code is answered, and never by a failure of ours', async (t) => {
  const server = await startCodeServer(t, CONCEALED);
  await server.person({ email: ADA }, { credentials: { password: { config: { password: PASSWORD } } } });
  const app = createCodeVisitor(server);
  const odd = ['\u0000', '\ud800', '@', ' ', '+', '+4', 'a@b', '٣'.repeat(6), 'x'.repeat(5_000), "'--", '%'];
  for (const text of odd) {
    const flow = await app.start('login');
    for (const body of [
      { method: 'code', identifier: text },
      { method: 'code', identifier: ADA },
      { method: 'code', identifier: ADA, code: text },
      { method: 'code', identifier: text, code: text, resend: text },
      { method: 'code', address: text, resend: 'code' },
      { method: 'code', identifier: [text], code: { text } },
    ]) {
      assert.equal((await app.send(flow, body)).status, 400, JSON.stringify(body));
    }
    const registration = await app.start('registration');
    for (const body of [
      { method: 'code', traits: { email: text } },
      { method: 'code', traits: { email: ADA, name: text }, code: text, resend: 'code' },
      { method: 'code', traits: [text], code: text },
    ]) {
      assert.equal((await app.send(registration, body)).status, 400, JSON.stringify(body));
    }
  }
});
