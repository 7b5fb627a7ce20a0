import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type LogLevel } from '../../lib/log.ts';
import { type AnsweredRequest, createRequestLog, redactedQuery } from './request-log.ts';

function linesOf(
  answered: readonly AnsweredRequest[],
  options: { readonly level?: LogLevel; readonly leavesHealthOut?: boolean } = {},
): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const log = createLog({
    level: options.level ?? 'info',
    format: 'json',
    stream: { write: (line) => lines.push(line) },
  });
  const write = createRequestLog({ log, port: 'public', leavesHealthOut: options.leavesHealthOut ?? false });
  for (const of of answered) write(of);
  return lines.map((line) => JSON.parse(line));
}

function answered(of: {
  readonly path: string;
  readonly search?: string;
  readonly endpoint?: string;
  readonly status?: number;
  readonly userAgent?: string;
}): AnsweredRequest {
  return {
    context: {
      method: 'GET',
      path: of.path,
      search: of.search ?? '',
      requestId: 'r1',
      clientIp: '198.51.100.7',
      scheme: 'https',
      header: (name) => (name === 'user-agent' ? of.userAgent : 'Bearer secret'),
    },
    endpoint: of.endpoint ?? of.path,
    status: of.status ?? 200,
    tookMs: 1.23456,
    responseBytes: 42,
  };
}

test('a request leaves one line', () => {
  const [line] = linesOf([
    answered({ path: '/sessions/abc', endpoint: '/sessions/{id}', userAgent: 'Phone/2' }),
  ]);
  const { time, level, service_name, service_version, ...rest } = line ?? {};
  assert.equal(level, 'info');
  assert.deepEqual(rest, {
    ...{ port: 'public', method: 'GET', path: '/sessions/abc', endpoint: '/sessions/{id}', status: 200 },
    ...{ took_ms: 1.23, size_bytes: 42, client_ip: '198.51.100.7', scheme: 'https', user_agent: 'Phone/2' },
    ...{ request_id: 'r1', msg: 'request answered' },
  });
});

test('our own failures are warnings, and levels hold', () => {
  const both = [answered({ path: '/a' }), answered({ path: '/b', status: 503 })];
  assert.deepEqual(
    linesOf(both).map(({ level }) => level),
    ['info', 'warning'],
  );
  assert.deepEqual(
    linesOf(both, { level: 'warning' }).map(({ path }) => path),
    ['/b'],
  );
  assert.deepEqual(linesOf(both, { level: 'error' }), []);
});

test('health checks are left out where the configuration says so, and nothing else is', () => {
  const paths = ['/health/alive', '/health/ready', '/admin/health/alive', '/admin/health/config', '/health'];
  const all = paths.map((path) => answered({ path }));
  assert.equal(linesOf(all).length, paths.length);
  assert.deepEqual(
    linesOf(all, { leavesHealthOut: true }).map(({ path }) => path),
    ['/admin/health/config', '/health'],
  );
});

test('secrets of a query stay out of the line, under whatever name they come', () => {
  const search =
    'flow=f-secret&token=t-secret&refresh=true&aal=aal2&ory_st_secret&x-secret=1&code=1-secret&%74oken=e-secret';
  assert.equal(redactedQuery(search), 'flow=…&token=…&refresh=true&aal=aal2&…&…&code=…&…');
  const [line] = linesOf([answered({ path: '/ory_st_secret', search, userAgent: 'Bearer secret' })]);
  assert.doesNotMatch(JSON.stringify(line), /secret/);
});

test('what clients send is cut', () => {
  const long = 'x'.repeat(100_000);
  const [line] = linesOf([
    answered({
      path: `/${long}`,
      endpoint: 'unmatched',
      search: `aal=${long}&${'a&'.repeat(1000)}`,
      userAgent: long,
    }),
  ]);
  assert.ok(JSON.stringify(line).length < 1500);
});
