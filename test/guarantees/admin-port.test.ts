// The admin port has no lock of its own: no page of another site may use a browser to reach it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startListening } from '../support/listening-server.ts';
import { connectRaw, rawRequest } from '../support/raw-connection.ts';
import { startServer } from '../support/server.ts';

const IDENTITY = JSON.stringify({ traits: { email: 'mallory@example.org' } });

test('a cross-site page creates no identity on the admin port, and a rebound name reads none', async (t) => {
  const { adminUrl, bia } = await startListening(t, 'sqlite memory');
  const { host } = new URL(adminUrl);
  const send = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const connection = await connectRaw(adminUrl);
    connection.write(
      rawRequest(method, path, {
        headers: { Host: host, Connection: 'close', ...headers },
        ...(body === undefined ? {} : { body }),
      }),
    );
    await connection.closed;
    return Number(connection.received().slice('HTTP/1.1 '.length).slice(0, 3));
  };
  const evil = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
    const headers = { ...evil, 'Content-Type': type };
    assert.equal(await send('POST', '/admin/identities', headers, IDENTITY), 403, type);
    assert.equal(await send('POST', '/identities', headers, IDENTITY), 403, type);
  }
  const plain = { Origin: adminUrl, 'Content-Type': 'text/plain' };
  assert.equal(await send('POST', '/admin/identities', plain, IDENTITY), 400);
  const rebound = { Host: 'evil.example', Origin: 'http://evil.example', 'Content-Type': 'application/json' };
  assert.equal(await send('POST', '/admin/identities', rebound, IDENTITY), 403);
  const reading = { Host: 'evil.example', 'User-Agent': 'Mozilla/5.0 Firefox/150.0' };
  assert.equal(await send('GET', '/admin/identities', reading), 403);
  assert.equal((await bia.database.stores.identities.list({ filter: {}, limit: 10 })).length, 0);

  // A program needs neither the one nor the other.
  assert.equal(await send('POST', '/admin/identities', { Host: 'kratos-admin:4434' }, IDENTITY), 201);
  const own = { Origin: adminUrl, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/json' };
  assert.equal(await send('POST', '/admin/identities', own, IDENTITY), 409);
});

test('an administration page passes where the operator names its origin', async (t) => {
  const admin = { allowed_origins: ['https://ops.example.org'] };
  const server = await startServer(t, { config: { serve: { admin } } });
  const askedBy = async (origin: string): Promise<number> =>
    (await server.askAdmin('GET', '/admin/identities', { headers: { origin } })).status;
  assert.equal(await askedBy('https://ops.example.org'), 200);
  assert.equal(await askedBy('http://admin.example.org'), 200);
  assert.equal(await askedBy('https://other.example.org'), 403);
});
