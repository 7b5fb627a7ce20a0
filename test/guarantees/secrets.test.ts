// What is secret stays so: in the tables, in the log, and in how long an answer takes. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHashPool, type HashPool } from '../../src/hash/pool.ts';
import { createBrowser, SESSION_COOKIE } from '../support/browser.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

test('the database holds no session token', async (t) => {
  const server = await startServer(t, { isOnDisk: true });
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const browser = createBrowser(server);
  await browser.signIn('ada@example.org');
  await browser.open('/self-service/settings/browser');
  const csrf = [...browser.cookies.all].find(([name]) => name.startsWith('csrf_token_'))?.[1] ?? '';
  const tables = server
    .rows("select name from sqlite_master where type = 'table'")
    .map(({ name }) => String(name));
  const everything = JSON.stringify(tables.map((name) => server.rows(`select * from "${name}"`)));
  assert.ok(everything.includes('ada@example.org'));
  for (const secret of [app.token, PASSWORD, csrf, browser.cookies.all.get(SESSION_COOKIE) ?? '']) {
    assert.ok(secret.length > 20);
    assert.ok(!everything.includes(secret), `${secret} stands in a table`);
    assert.ok(!everything.includes(secret.replace('ory_st_', '')));
  }
});

test('the log holds no token, no password and no cookie', async (t) => {
  const server = await startServer(t, { logLevel: 'debug' });
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  const browser = createBrowser(server);
  await browser.signIn('ada@example.org', OTHER_PASSWORD);
  await browser.signIn('ada@example.org');
  const { logout_url, logout_token } = await json<{ logout_url: string; logout_token: string }>(
    await browser.ask('GET', '/self-service/logout/browser'),
  );
  const cookie = browser.cookies.all.get(SESSION_COOKIE) ?? '';
  await browser.open(logout_url);
  await app.ask('GET', `/sessions/whoami?x=${app.token}`);
  await server.bia.close();
  const log = server.logged.join('');
  assert.ok(log.includes('/self-service/login'));
  for (const secret of [app.token, PASSWORD, OTHER_PASSWORD, cookie, logout_token, 'ada@example.org']) {
    assert.ok(!log.includes(secret), `${secret} stands in the log`);
    assert.ok(!log.includes(encodeURIComponent(secret)));
  }
});

/** A pool that counts what runs in it. */
function countingPool(): { readonly pool: HashPool; readonly take: () => number } {
  const inner = createHashPool();
  let count = 0;
  return {
    pool: {
      ...inner,
      run: (hash) => {
        count += 1;
        return inner.run(hash);
      },
    },
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}

test('an unknown user costs the same work as a wrong password', async (t) => {
  const { pool, take } = countingPool();
  const server = await startServer(t, { hashPool: pool });
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  app.token = '';
  const workOf = async (identifier: string): Promise<number> => {
    const flow = await app.start('login');
    take();
    const refused = await app.send(flow, { method: 'password', identifier, password: OTHER_PASSWORD });
    assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000006]);
    return take();
  };
  const work = [];
  for (const identifier of ['ada@example.org', 'nobody@example.org', 'x'.repeat(5000), '\u{1f98a}']) {
    work.push(await workOf(identifier));
  }
  assert.deepEqual(work, [1, 1, 1, 1]);
});

test('minimum password length counts characters', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const problems = async (chosen: string, email: string) => {
    const body = { method: 'password', password: chosen, traits: { email } };
    const answer = await app.send(await app.start('registration'), body);
    return answer.status === 200 ? [] : messageIds(await json<FlowJson>(answer, 400));
  };
  assert.deepEqual(await problems('日本語日本語日', 'a@example.org'), [4000032]);
  assert.deepEqual(await problems('🦊🐻🐼🐨', 'b@example.org'), [4000032]);
  // Seven letters, each with an accent of its own: fourteen code points before normalisation.
  assert.deepEqual(await problems('e\u0301'.repeat(7), 'c@example.org'), [4000032]);
  assert.deepEqual(await problems('日本語日本語日本', 'd@example.org'), []);
});

test('a password that the hash would cut off is refused, not cut off', async (t) => {
  const server = await startServer(t);
  const app = createNativeApp(server);
  const long = 'long enough to be cut '.repeat(4).slice(0, 73);
  const body = { method: 'password', traits: { email: 'ada@example.org' } };
  const refused = await app.send(await app.start('registration'), { ...body, password: long });
  assert.deepEqual(messageIds(await json<FlowJson>(refused, 400)), [4000033]);
  await app.signUp('ada@example.org', { password: long.slice(0, 72) });
});
