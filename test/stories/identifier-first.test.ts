// Signing in by the identifier first, and then by what the account has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { startCodeServer } from '../support/code-server.ts';
import { fieldValue, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, PASSWORD, startServer } from '../support/server.ts';

const identifierFirst = { selfservice: { flows: { login: { style: 'identifier_first' } } } };

test('one says who one is, and is asked for the password then', async (t) => {
  const server = await startServer(t, { config: identifierFirst });
  await createNativeApp(server).signUp('ada@example.org');
  const browser = createBrowser(server);
  await browser.open('/self-service/login/browser');
  assert.equal(nodeNamed(browser.form(), 'password'), undefined);
  browser.fill({ identifier: 'ada@example.org' });
  await browser.press('identifier_first');
  assert.equal(fieldValue(browser.form(), 'identifier'), 'ada@example.org');
  assert.equal(nodeNamed(browser.form(), 'identifier')?.attributes.type, 'hidden');
  browser.fill({ password: PASSWORD });
  await browser.press('password');
  assert.equal(browser.at(), `${APP_URL}/home`);
  assert.equal(await browser.isSignedIn(), true);
});

test('an unknown account is told at once', async (t) => {
  const browser = createBrowser(await startServer(t, { config: identifierFirst }));
  await browser.open('/self-service/login/browser');
  browser.fill({ identifier: 'nobody@example.org' });
  await browser.press('identifier_first');
  assert.deepEqual(browser.see(), [4000037]);
  assert.equal(nodeNamed(browser.form(), 'password'), undefined);
});

test('where accounts are concealed, known and unknown ones look alike up to the refusal of the password', async (t) => {
  const server = await startServer(t, {
    config: { ...identifierFirst, security: { account_enumeration: { mitigate: true } } },
  });
  await createNativeApp(server).signUp('ada@example.org');
  const seen = [];
  for (const identifier of ['ada@example.org', 'bob@example.org']) {
    const browser = createBrowser(server);
    await browser.open('/self-service/login/browser');
    browser.fill({ identifier });
    await browser.press('identifier_first');
    const fields = browser.form().ui.nodes.map(({ group, attributes }) => `${group}.${attributes.name}`);
    browser.fill({ password: 'not the password' });
    await browser.press('password');
    seen.push({ fields, after: browser.see() });
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.ok(seen[0]?.fields.includes('password.password'));
  assert.deepEqual(seen[0]?.after, [4000006]);
});

test('where accounts are concealed and codes are all there is, the next step is the code, for known and unknown', async (t) => {
  const server = await startCodeServer(t, {
    code: { passwordless_enabled: true },
    config: {
      selfservice: {
        flows: { login: { style: 'identifier_first' } },
        methods: { password: { enabled: false } },
      },
      security: { account_enumeration: { mitigate: true } },
    },
  });
  await server.person({ email: 'ada@example.org' });
  const seen = [];
  for (const identifier of ['ada@example.org', 'bob@example.org']) {
    const browser = createBrowser(server);
    await browser.open('/self-service/login/browser');
    browser.fill({ identifier });
    await browser.press('identifier_first');
    const { state, ui } = browser.form();
    const fields = ui.nodes.map(({ group, attributes }) => `${group}.${attributes.name}`);
    const shown = browser.see();
    browser.fill({ code: identifier.startsWith('ada') ? await server.codeTo(identifier) : '123456' });
    await browser.press('code');
    seen.push({ state, fields, shown });
    assert.equal(await browser.isSignedIn(), identifier.startsWith('ada'));
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.equal(seen[0]?.state, 'sent_email');
});
