// An old secret leaves the configuration: what was sealed with it before is sealed anew by then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reseal } from '../../src/app/reseal.ts';
import { mergeDocuments } from '../../src/config/file.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createBrowser, SESSION_COOKIE } from '../support/browser.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sharedConfig, startServer, type TestScope, type TestServer } from '../support/server.ts';
import { jsonnet, startSink, until } from '../support/sink.ts';

const OLD = 'o'.repeat(32);
const NEW = 'n'.repeat(32);
const EMAIL = 'ada@example.org';

const configOf = (dsn: string, of: JsonObject): JsonObject => {
  const merged = mergeDocuments(sharedConfig(dsn), of);
  assert.ok(isJsonObject(merged));
  return merged;
};

const sourcesOf = (config: JsonObject) => ({
  ...{ files: [], env: {}, base: config },
  open: (dsn: string) => openDatabase({ dsn, clock: systemClock }),
});

const setCookies = (answer: Response): readonly string[] =>
  answer.headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')));

for (const name of SHARED_DATABASES) {
  test(`events that wait, and those that may be replayed, outlive the secret of ciphers [${name}]`, async (t: TestScope) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const sink = await startSink(t);
    const hook: JsonObject = {
      hook: 'web_hook',
      config: {
        ...{ url: `${sink.origin}/in`, method: 'POST', response: { ignore: true } },
        body: jsonnet('function(ctx) { who: ctx.identity.traits.email }'),
      },
    };
    const config = (cipher: readonly string[], delivers: boolean): JsonObject =>
      configOf(fresh.dsn, {
        secrets: { cipher },
        'watch-courier': delivers,
        courier: { worker: { pull_wait: '10ms' } },
        selfservice: { flows: { login: { after: { password: { hooks: [hook] } } } } },
      });
    const start = (cipher: readonly string[], delivers: boolean): Promise<TestServer> =>
      startServer(t, { dsn: fresh.dsn, config: config(cipher, delivers) });
    const report = (...cipher: readonly string[]) => reseal(sourcesOf(config(cipher, false)));

    const before = await start([OLD], false);
    await createNativeApp(before).signUp(EMAIL);
    await createNativeApp(before).signIn(EMAIL);
    const [{ looked }, again] = [await report(NEW, OLD), await report(NEW, OLD)];
    assert.equal(looked, 1);
    assert.deepEqual(again, { looked: 1, resealed: 0, unreadable: 0 });

    const after = await start([NEW], true);
    const { outbox } = after.bia.database.stores;
    const [call] = await sink.wait(1);
    assert.deepEqual(call?.json(), { who: EMAIL });
    await until(async () => (await outbox.list({ status: 'delivered', limit: 5 })).length === 1, 'delivered');

    // What is told of a secret that is missing, and the next rotation.
    assert.deepEqual(await report(OLD), { looked: 1, resealed: 0, unreadable: 1 });
    assert.deepEqual(await report(OLD, NEW), { looked: 1, resealed: 1, unreadable: 0 });
    await after.bia.close();
    const last = await start([OLD], true);
    last.clock.advance(1000);
    assert.equal(await last.bia.database.stores.outbox.replay({ nowMs: last.clock.nowMs(), limit: 5 }), 1);
    const [, replayed] = await sink.wait(2);
    assert.deepEqual(replayed?.json(), { who: EMAIL });
  });

  test(`a browser is given a cookie of the newest secret when it asks who is signed in [${name}]`, async (t: TestScope) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const statements: string[] = [];
    const start = (...cookie: readonly string[]): Promise<TestServer> =>
      startServer(t, {
        dsn: fresh.dsn,
        config: configOf(fresh.dsn, { secrets: { cookie } }),
        onQuery: (sql) => void statements.push(sql),
      });
    const before = await start(OLD);
    let server = before;
    const proxy = { ask: (...asked: Parameters<TestServer['ask']>) => server.ask(...asked) };
    const browser = createBrowser(proxy);
    await browser.signUp(EMAIL);
    assert.deepEqual(setCookies(await browser.ask('GET', '/sessions/whoami')), []);
    const sealedBefore = browser.cookies.all.get(SESSION_COOKIE);

    // A node that can read the new secret seals with the old one still.
    server = await start(OLD, NEW);
    assert.deepEqual(setCookies(await browser.ask('GET', '/sessions/whoami')), []);

    server = await start(NEW, OLD);
    statements.length = 0;
    assert.deepEqual(setCookies(await browser.ask('GET', '/sessions/whoami')), [SESSION_COOKIE]);
    const renewing = statements.splice(0);
    assert.deepEqual(setCookies(await browser.ask('GET', '/sessions/whoami')), [], 'once is enough');
    assert.deepEqual(renewing, statements, 'it takes no statement more');
    assert.notEqual(browser.cookies.all.get(SESSION_COOKIE), sealedBefore);

    server = await start(NEW);
    assert.equal(await browser.isSignedIn(), true);
    browser.cookies.set(SESSION_COOKIE, sealedBefore ?? '');
    assert.equal(await browser.isSignedIn(), false, 'the old secret is gone');
  });
}
