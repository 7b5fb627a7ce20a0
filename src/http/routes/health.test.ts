import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createTestClock } from '../../lib/clock.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { errorAnswer, type HttpAnswer } from '../port/answer.ts';
import { createContext } from '../port/context.ts';
import { incomingFromFetch } from '../port/incoming.ts';
import type { Route } from '../port/route.ts';
import { adminHealthRoutes, createReadiness, publicHealthRoutes, type Readiness } from './health.ts';

const OK: HttpAnswer = {
  status: 200,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
  body: '{"status":"ok"}\n',
};

const context = createContext(incomingFromFetch(new Request('http://localhost/')), {
  peer: { address: '127.0.0.1', port: 1 },
  csrfCookieName: 'csrf',
  forwardedHeaderNames: [],
  isTrusted: () => false,
  isTls: false,
  maxBodyBytes: 1024,
  fallbackHost: 'localhost',
  newCsrfToken: () => '',
});

async function get(routes: readonly Route[], path: string): Promise<HttpAnswer | undefined> {
  try {
    return await routes.find((route) => route.path === path && route.method === 'GET')?.handle(context);
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return errorAnswer(error, undefined);
  }
}

const adminRoutes = (ready: Readiness): readonly Route[] =>
  adminHealthRoutes({
    ready,
    version: '1.2.3',
    revision: () => 'abc',
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', body: 'a 1\n' }),
  });

test('alive and ready answer on both ports', async () => {
  const ready = async () => undefined;
  for (const path of ['/health/alive', '/health/ready']) {
    assert.deepEqual(await get(publicHealthRoutes({ ready }), path), OK);
    assert.deepEqual(await get(adminRoutes(ready), `/admin${path}`), OK);
  }
});

test('version, revision and metrics are on the admin port only', async () => {
  const ready = async () => undefined;
  const admin = adminRoutes(ready);
  assert.equal((await get(admin, '/admin/version'))?.body, '{"version":"1.2.3"}\n');
  assert.deepEqual(await get(admin, '/admin/health/config'), {
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: 'abc',
  });
  const metrics = await get(admin, '/admin/metrics/prometheus');
  assert.equal(metrics?.headers['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(metrics?.body, 'a 1\n');
  const paths = publicHealthRoutes({ ready }).map(({ path }) => path);
  assert.deepEqual(paths, ['/health/alive', '/health/ready']);
});

test('what is not ready says why to administrators, and to strangers only that it is so', async () => {
  const refused = new AggregateError([new Error('refused at ::1'), new Error('refused at 127.0.0.1')]);
  const ready = async () => refused;
  const admin = await get(adminRoutes(ready), '/admin/health/ready');
  assert.equal(admin?.status, 503);
  assert.deepEqual(JSON.parse(admin?.body ?? ''), {
    error: {
      code: 500,
      status: 'Internal Server Error',
      message: 'refused at ::1; refused at 127.0.0.1',
    },
  });
  const stranger = await get(publicHealthRoutes({ ready }), '/health/ready');
  assert.equal(stranger?.status, 503);
  assert.doesNotMatch(stranger?.body ?? '', /refused|127/);
  assert.deepEqual(Object.keys(JSON.parse(stranger?.body ?? '').error), ['code', 'status', 'message']);
  assert.equal((await get(publicHealthRoutes({ ready }), '/health/alive'))?.status, 200);
});

test('probes cannot hammer the store, and still learn of changes within a second', async () => {
  const clock = createTestClock(0);
  let asked = 0;
  let failure: Error | undefined;
  const check = async (): Promise<void> => {
    asked += 1;
    if (failure) throw failure;
  };
  const ready = createReadiness({ check, clock });
  await Promise.all(Array.from({ length: 100 }, ready));
  assert.equal(asked, 1);
  failure = new Error('away');
  clock.advance(999);
  assert.equal(await ready(), undefined);
  clock.advance(1);
  assert.equal(await ready(), failure);
  failure = undefined;
  clock.advance(1000);
  assert.equal(await ready(), undefined);
  assert.equal(asked, 3);
});

test('a store that is silent is not ready after one and a half seconds, and is asked again', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const clock = createTestClock(0);
    let isSilent = true;
    const ready = createReadiness({
      check: () => (isSilent ? new Promise(() => {}) : Promise.resolve()),
      clock,
    });
    const answer = ready();
    mock.timers.tick(1_500);
    assert.match(String(await answer), /no answer within 1\.5 s/);
    isSilent = false;
    clock.advance(1_000);
    assert.equal(await ready(), undefined);
  } finally {
    mock.timers.reset();
  }
});
