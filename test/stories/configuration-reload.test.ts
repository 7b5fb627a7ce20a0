// The operator changes the configuration of a running server: a good one is taken, a broken one is not.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { mergeDocuments } from '../../src/config/file.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser } from '../support/browser.ts';
import { createNativeApp } from '../support/native-app.ts';
import { providerEntry, startProvider } from '../support/openid-provider.ts';
import {
  sharedConfig,
  startServer,
  type TestScope,
  type TestServer,
  temporaryFile,
} from '../support/server.ts';

const TAKEN = 'the configuration was loaded again';
const KEPT = 'the last good one stays in force';

/** A server with a configuration file, and the means to change it. */
async function serverWithFile(t: TestScope) {
  const file = await temporaryFile(t, 'bia.json');
  const write = (over: JsonObject): void =>
    writeFileSync(file, JSON.stringify(mergeDocuments(sharedConfig('memory'), over)));
  write({});
  const server = await startServer(t, { files: [file], logLevel: 'info' });
  return { server, file, write };
}

/** Waits until the log holds so many lines with this text: the file system tells of changes in its own time. */
async function until(server: TestServer, text: string, count = 1): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (server.logged.filter((line) => line.includes(text)).length < count) {
    assert.ok(performance.now() < deadlineMs, `the log does not say "${text}"`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isOpen = async (server: TestServer): Promise<boolean> =>
  (await server.ask('GET', '/self-service/registration/api')).status === 200;
const registration = (enabled: boolean) => ({ selfservice: { flows: { registration: { enabled } } } });

test('a changed file is taken while people stay signed in', async (t) => {
  const { server, write } = await serverWithFile(t);
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  assert.equal(await isOpen(server), true);
  write(registration(false));
  await until(server, TAKEN);
  assert.equal(await isOpen(server), false);
  assert.equal(await browser.isSignedIn(), true);
});

test('a broken file is not taken: the last good one stays in force until it is mended', async (t) => {
  const { server, file, write } = await serverWithFile(t);
  write(registration(false));
  await until(server, TAKEN);
  const broken = [
    '{"dsn": ',
    JSON.stringify({ ...sharedConfig('memory'), sessoin: {} }),
    JSON.stringify({ ...sharedConfig('memory'), cookies: { same_site: 'None' } }),
    JSON.stringify({ ...sharedConfig('memory'), identity: { default_schema_id: 'x', schemas: [] } }),
  ];
  for (const [index, text] of broken.entries()) {
    writeFileSync(file, text);
    await until(server, KEPT, index + 1);
    assert.equal(await isOpen(server), false);
  }
  write(registration(true));
  await until(server, TAKEN, 2);
  assert.equal(await isOpen(server), true);
});

test('a file that is replaced by another one counts as changed', async (t) => {
  const { server, file } = await serverWithFile(t);
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(mergeDocuments(sharedConfig('memory'), registration(false))));
  renameSync(next, file);
  await until(server, TAKEN);
  assert.equal(await isOpen(server), false);
});

test('a form that was begun before the change can be sent after it', async (t) => {
  const { server, write } = await serverWithFile(t);
  const app = createNativeApp(server);
  const flow = await app.start('registration');
  write({ session: { lifespan: '1h' } });
  await until(server, TAKEN);
  const body = {
    method: 'password',
    password: 'correct horse 7 battery',
    traits: { email: 'ada@example.org' },
  };
  assert.equal((await app.send(flow, body)).status, 200);
});

test('a way back from a provider survives a reload, and one from a provider that is gone is told', async (t) => {
  const { server, write } = await serverWithFile(t);
  const acme = await startProvider(t);
  const offer = (providers: readonly JsonObject[]) => ({
    selfservice: {
      methods: { oidc: { enabled: true, config: { providers } } },
      flows: { registration: { after: { oidc: { hooks: [{ hook: 'session' }] } } } },
    },
  });
  write(offer([providerEntry(acme)]));
  await until(server, TAKEN);
  const leave = async () => {
    const browser = createBrowser(server);
    await browser.open('/self-service/login/browser');
    await browser.press('acme', 'provider');
    return { browser, back: await acme.visit(browser.at()) };
  };
  const [first, second] = [await leave(), await leave()];
  write(offer([providerEntry(acme, { label: 'Acme Ltd' })]));
  await until(server, TAKEN, 2);
  await first.browser.open(first.back);
  assert.equal(await first.browser.isSignedIn(), true);
  write(offer([providerEntry(acme, { id: 'globex' })]));
  await until(server, TAKEN, 3);
  await second.browser.open(second.back);
  assert.match(second.browser.at(), /\/error\?id=/);
  assert.equal(await second.browser.isSignedIn(), false);
});
