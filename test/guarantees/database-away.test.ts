// A database that cannot be used: everybody is told so at once and when to come again, and all is well when it is back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { freshDatabase, runRaw } from '../support/databases.ts';
import { createNativeApp } from '../support/native-app.ts';
import { startServer, type TestScope, type TestServer, temporaryFile } from '../support/server.ts';

const EMAIL = 'ada@example.org';

interface Asked {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly tookMs: number;
}

async function asked(server: TestServer, method: string, at: string): Promise<Asked> {
  const startedAt = performance.now();
  const answer = await server.ask(method, at);
  await answer.text();
  const tookMs = performance.now() - startedAt;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), tookMs };
}

const START = '/self-service/registration/api';

async function assertAway(server: TestServer): Promise<void> {
  server.clock.advance(2_000);
  const ready = await asked(server, 'GET', '/health/ready');
  assert.equal(ready.status, 503);
  assert.ok(ready.tookMs < 2_500, `ready took ${Math.round(ready.tookMs)} ms`);
  for (const answer of await Promise.all([asked(server, 'GET', START), asked(server, 'GET', START)])) {
    assert.equal(answer.status, 503);
    assert.equal(answer.retryAfter, '2');
    assert.ok(answer.tookMs < 2_500, `it took ${Math.round(answer.tookMs)} ms`);
  }
  assert.equal((await asked(server, 'GET', '/health/alive')).status, 200);
}

/** Within a few seconds, as whoever was told to come again in two of them would find it. */
async function assertBack(server: TestServer): Promise<void> {
  const deadline = performance.now() + 6_000;
  while ((await asked(server, 'GET', START)).status !== 200) {
    assert.ok(performance.now() < deadline, 'it does not come back');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.clock.advance(2_000);
  assert.equal((await asked(server, 'GET', '/health/ready')).status, 200);
  await createNativeApp(server).signUp(`${Math.random()}@example.org`);
}

describe('SQLite', () => {
  it('locked by somebody else is told within two seconds', async (t) => {
    const file = await temporaryFile(t, 'bia.sqlite');
    const server = await startServer(t, { dsn: `sqlite://${file}` });
    await createNativeApp(server).signUp(EMAIL);
    const other = new DatabaseSync(file);
    other.exec('BEGIN EXCLUSIVE');
    await assertAway(server);
    other.exec('ROLLBACK');
    other.close();
    await assertBack(server);
  });

  it('on a full disk is told at once, and goes on when there is room again', async (t) => {
    const folder = smallDisk(t, '2m');
    if (folder === undefined) return t.skip('this machine lets nobody mount a small disk');
    const server = await startServer(t, { dsn: `sqlite://${path.join(folder, 'bia.sqlite')}` });
    await createNativeApp(server).signUp(EMAIL);
    const filler = path.join(folder, 'filler');
    execFileSync('sh', ['-c', `cat /dev/zero > "${filler}" 2>/dev/null || true`]);
    // What is there of the log may be written over for a while.
    for (let count = 0; count < 200; count += 1) await asked(server, 'GET', START);
    await assertAway(server);
    rmSync(filler);
    await assertBack(server);
  });

  it('has a folder and files that only its owner can read', async (t) => {
    const folder = path.join(path.dirname(await temporaryFile(t, 'x')), 'made', 'data');
    const server = await startServer(t, { dsn: `sqlite://${path.join(folder, 'bia.sqlite')}` });
    await createNativeApp(server).signUp(EMAIL);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of readdirSync(folder)) {
      assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600, name);
    }
  });

  it('has an existing file taken from everybody else, and its folder left alone', async (t) => {
    const file = await temporaryFile(t, 'bia.sqlite');
    mkdirSync(path.dirname(file), { recursive: true });
    new DatabaseSync(file).close();
    chmodSync(file, 0o644);
    chmodSync(path.dirname(file), 0o755);
    await startServer(t, { dsn: `sqlite://${file}` });
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o755);
  });
});

/** A disk of its own, where this user may mount one. */
function smallDisk(scope: TestScope, size: string): string | undefined {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  scope.after(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Between Bia and its database: can fall silent, as a frozen or unplugged server does, or refuse. */
async function startWire(scope: TestScope, dsn: string) {
  const { host, port } = { host: new URL(dsn).hostname, port: Number(new URL(dsn).port || 5432) };
  let state: 'open' | 'silent' | 'refusing' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    sockets.add(inner);
    inner.on('error', () => undefined).on('close', () => sockets.delete(inner));
    if (state === 'refusing') return void inner.destroy();
    const outer = connect(port, host);
    sockets.add(outer);
    outer.on('error', () => undefined).on('close', () => inner.destroy());
    inner.on('close', () => outer.destroy());
    inner.on('data', (data) => state === 'open' && outer.write(data));
    outer.on('data', (data) => state === 'open' && inner.write(data));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const url = new URL(dsn);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    dsn: url.href,
    set: (next: typeof state) => {
      state = next;
      if (next === 'refusing') for (const socket of sockets) socket.destroy();
    },
  };
}

const { BIA_TEST_POSTGRES } = process.env;
// A server of the test run alone has a socket file, and the wire needs an address.
const isReachable = BIA_TEST_POSTGRES !== undefined && /@[^/]*:\d+/.test(BIA_TEST_POSTGRES);

describe('PostgreSQL', { skip: isReachable ? false : 'it needs a server with an address' }, () => {
  async function start(t: TestScope) {
    const fresh = await freshDatabase('postgres', 'empty');
    const wire = await startWire(t, fresh.dsn);
    const { openDatabase } = await import('../../src/store/open.ts');
    const { systemClock } = await import('../../src/lib/clock.ts');
    const database = openDatabase({ dsn: fresh.dsn, clock: systemClock });
    await database.migrateUp();
    await database.close();
    const server = await startServer(t, { dsn: wire.dsn });
    t.after(() => fresh.remove());
    await createNativeApp(server).signUp(EMAIL);
    return { server, wire, dsn: fresh.dsn };
  }

  it('that is frozen is told within two seconds, and its connections are not used again', async (t) => {
    const { server, wire } = await start(t);
    wire.set('silent');
    await assertAway(server);
    wire.set('open');
    await assertBack(server);
  });

  it('that refuses connections is told at once', async (t) => {
    const { server, wire } = await start(t);
    wire.set('refusing');
    await assertAway(server);
    wire.set('open');
    await assertBack(server);
  });

  it('that became read-only, as after a fail-over, is told at once and found again when it can be written', async (t) => {
    const { server, dsn } = await start(t);
    const name = new URL(dsn).pathname.slice(1);
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`;
    await runRaw(dsn, `alter database ${name} set default_transaction_read_only = on`);
    await runRaw(dsn, end);
    await assertAway(server);
    // Connections that were made meanwhile are to a database that cannot be written to, for as long as they live.
    await runRaw(
      dsn.replace(/\/[^/?]*(\?|$)/, '/postgres$1'),
      `alter database ${name} set default_transaction_read_only = off`,
    );
    await assertBack(server);
  });
});
