// While a database is moved, everybody stays signed in and nothing changes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { mergeDocuments } from '../../src/config/file.ts';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sharedConfig, startServer, temporaryFile } from '../support/server.ts';

test('read-only mode is switched on and off while the server runs, and nothing is written in between', async (t) => {
  const file = await temporaryFile(t, 'bia.json');
  const dsn = `sqlite://${await temporaryFile(t, 'bia.sqlite')}`;
  const write = (read_only: boolean): void =>
    writeFileSync(file, JSON.stringify(mergeDocuments(sharedConfig(dsn), { serve: { read_only } })));
  write(false);
  const queries: string[] = [];
  const server = await startServer(t, {
    files: [file],
    logLevel: 'info',
    onQuery: (sql) => queries.push(sql),
  });
  const loaded = async (count: number): Promise<void> => {
    const deadlineMs = performance.now() + 5_000;
    while (server.logged.filter((line) => line.includes('loaded again')).length < count) {
      assert.ok(performance.now() < deadlineMs, 'the configuration is not loaded again');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const browser = createBrowser(server);
  await browser.signUp('ada@example.org');
  const app = createNativeApp(server);
  await app.signIn('ada@example.org');
  const open = await app.start('settings');
  const admin = createAdmin(server);
  const { id } = await admin.create('bob@example.org');

  write(true);
  await loaded(1);
  queries.length = 0;
  assert.equal(await browser.isSignedIn(), true);
  assert.equal((await app.ask('GET', '/sessions/whoami')).status, 200);
  assert.equal((await app.ask('GET', `/self-service/settings/flows?id=${open.id}`)).status, 200);
  assert.equal((await admin.get(`/admin/identities/${id}`)).status, 200);
  assert.equal((await admin.get('/admin/identities')).status, 200);
  for (const port of [server.ask, server.askAdmin]) {
    assert.equal((await port('GET', '/health/ready')).status, 200);
  }
  const refused = [
    await server.ask('GET', '/self-service/login/browser'),
    await server.ask('GET', '/self-service/login/api'),
    await app.ask('DELETE', '/self-service/logout/api', { session_token: app.token }),
    await app.send(open, { method: 'password', password: 'another pass phrase 9' }),
    await server.askAdmin('DELETE', `/admin/identities/${id}`),
    await server.askAdmin('DELETE', `/admin/identities/${id}/sessions`),
    await server.askAdmin('POST', '/admin/identities', {
      headers: { 'content-type': 'application/json' },
      body: '{"schema_id":"person","traits":{"email":"eve@example.org"}}',
    }),
  ];
  for (const answer of refused) {
    assert.equal(answer.status, 503, answer.url);
    assert.equal(answer.headers.get('retry-after'), '30');
  }
  assert.deepEqual(
    queries.filter((sql) => /^\s*(?:insert|update|delete|begin)/i.test(sql)),
    [],
  );
  assert.ok(!server.logged.some((line) => line.includes('a request failed')));

  write(false);
  await loaded(2);
  await createNativeApp(server).signUp('eve@example.org');
  assert.equal(await browser.isSignedIn(), true);
});
