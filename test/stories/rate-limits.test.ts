// Who asks too often is asked to wait, through the whole server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer } from '../../src/http/guard/client-address.ts';
import { errorId } from '../support/flow-json.ts';
import { startServer, type TestScope } from '../support/server.ts';

const peer = (address: string): Peer => ({ address, port: 50_000 });
const VISITOR = peer('198.51.100.7');

function limited(t: TestScope, limits: Readonly<Record<string, number | readonly string[]>> = {}) {
  const rate_limits = { enabled: true, low: 3, medium: 4, high: 5, ...limits };
  return startServer(t, { config: { serve: { public: { rate_limits } } } });
}

test('an address is told what is left, then refused until the next minute', async (t) => {
  const server = await limited(t);
  const ask = () => server.ask('GET', '/sessions/whoami', { peer: VISITOR });
  for (const left of ['4', '3', '2', '1', '0']) {
    const answer = await ask();
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('x-ratelimit-limit'), '5');
    assert.equal(answer.headers.get('x-ratelimit-remaining'), left);
  }
  server.clock.advance(15_000);
  const refused = await ask();
  assert.equal(refused.headers.get('retry-after'), '45');
  await errorId(refused, 429);
  server.clock.advance(45_000);
  assert.equal((await ask()).status, 401);
});

test('each allowance is counted for itself', async (t) => {
  const server = await limited(t);
  const statusOf = async (method: string, path: string): Promise<number> =>
    (await server.ask(method, path, { peer: VISITOR, headers: { accept: 'application/json' } })).status;
  for (let count = 0; count < 3; count += 1) assert.equal(await statusOf('POST', '/self-service/login'), 400);
  assert.equal(await statusOf('POST', '/self-service/login'), 429);
  assert.equal(await statusOf('POST', '/self-service/registration'), 429);
  for (let count = 0; count < 4; count += 1) {
    assert.equal(await statusOf('GET', '/self-service/login/browser'), 200);
  }
  assert.equal(await statusOf('GET', '/self-service/registration/browser'), 429);
  assert.equal(await statusOf('GET', '/sessions/whoami'), 401);
});

test('addresses are counted apart, an IPv6 network together', async (t) => {
  const server = await limited(t, { high: 1 });
  const statusFrom = async (address: string): Promise<number> =>
    (await server.ask('GET', '/sessions/whoami', { peer: peer(address) })).status;
  assert.equal(await statusFrom('198.51.100.7'), 401);
  assert.equal(await statusFrom('198.51.100.8'), 401);
  assert.equal(await statusFrom('198.51.100.7'), 429);
  assert.equal(await statusFrom('2001:db8::1'), 401);
  assert.equal(await statusFrom('2001:db8::2'), 429);
  assert.equal(await statusFrom('2001:db8:0:1::1'), 401);
});

test('behind a proxy that is trusted its visitors are counted, behind others the sender', async (t) => {
  const server = await limited(t, { high: 1, trusted_proxies: ['10.0.0.0/24'] });
  const statusFor = async (visitor: string, proxy: string): Promise<number> =>
    (
      await server.ask('GET', '/sessions/whoami', {
        peer: peer(proxy),
        headers: { 'x-forwarded-for': visitor },
      })
    ).status;
  assert.equal(await statusFor('198.51.100.7', '10.0.0.1'), 401);
  assert.equal(await statusFor('198.51.100.8', '10.0.0.1'), 401);
  assert.equal(await statusFor('198.51.100.7', '10.0.0.1'), 429);
  assert.equal(await statusFor('203.0.113.1', '192.0.2.99'), 401);
  assert.equal(await statusFor('203.0.113.2', '192.0.2.99'), 429);
});

test('health and the admin port are not counted, and exempt networks are not refused', async (t) => {
  const server = await limited(t, { high: 1, low: 1, medium: 1, exempt_networks: ['192.0.2.0/24'] });
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await server.ask('GET', '/health/alive', { peer: VISITOR })).status, 200);
    assert.equal((await server.askAdmin('GET', '/admin/health/alive', { peer: VISITOR })).status, 200);
    assert.equal((await server.ask('GET', '/sessions/whoami', { peer: peer('192.0.2.7') })).status, 401);
  }
});
