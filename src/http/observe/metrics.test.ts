import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

const linesOf = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<readonly string[]> =>
  (await metrics.text()).body.split('\n').filter((line) => line.startsWith(name));

test('requests are counted by code, method and endpoint', async () => {
  const metrics = createMetrics({ version: '1.2.3' });
  const request = { endpoint: '/sessions/{id}', method: 'DELETE', status: 204, tookMs: 3 };
  metrics.countRequest(request);
  metrics.countRequest(request);
  metrics.countRequest({ ...request, status: 401 });
  assert.deepEqual(await linesOf(metrics, 'http_requests_total{'), [
    'http_requests_total{app="kratos",version="1.2.3",hash="undefined",buildTime="undefined",code="204",method="DELETE",endpoint="/sessions/{id}"} 2',
    'http_requests_total{app="kratos",version="1.2.3",hash="undefined",buildTime="undefined",code="401",method="DELETE",endpoint="/sessions/{id}"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'http_requests_statuses_total{'), [
    'http_requests_statuses_total{app="kratos",version="1.2.3",hash="undefined",buildTime="undefined",method="DELETE",status_bucket="2xx"} 2',
    'http_requests_statuses_total{app="kratos",version="1.2.3",hash="undefined",buildTime="undefined",method="DELETE",status_bucket="4xx"} 1',
  ]);
});

test('times and sizes are histograms: buckets add up, sums and counts fit', async () => {
  const metrics = createMetrics({ version: 'v' });
  for (const [tookMs, responseBytes] of [
    [0.5, 100],
    [1, 128],
    [30, 2000],
    [60_000, 10_000_000],
  ] as const) {
    metrics.countRequest({ endpoint: '/a', method: 'GET', status: 200, tookMs, responseBytes });
  }
  metrics.countRequest({ endpoint: '/a', method: 'POST', status: 200, tookMs: 1, requestBytes: 9 });
  const at = async (start: string): Promise<string | undefined> =>
    (await linesOf(metrics, start)).map((line) => line.split(' ')[1]).join(' ');
  const endpoint = 'app="kratos",version="v",hash="undefined",buildTime="undefined",endpoint="/a"';
  assert.equal(await at(`http_response_time_seconds_bucket{${endpoint}`), '3 3 3 3 3 4 4 4 4 4 4 4 4 5');
  assert.equal(await at(`http_response_time_seconds_count{${endpoint}}`), '5');
  assert.ok(Math.abs(Number(await at(`http_response_time_seconds_sum{${endpoint}}`)) - 60.0325) < 1e-9);
  const get = 'app="kratos",version="v",hash="undefined",buildTime="undefined",code="200",method="GET"';
  assert.equal(await at(`http_response_size_bytes_bucket{${get}`), '2 2 2 3 3 3 3 3 3 3 4');
  assert.equal(await at(`http_response_size_bytes_sum{${get}}`), '10002228');
  assert.equal(
    await at(
      `http_requests_size_bytes_sum{app="kratos",version="v",hash="undefined",buildTime="undefined",code="200",method="POST"}`,
    ),
    '9',
  );
  assert.equal(await at(`http_requests_duration_seconds_count{${get},endpoint="/a"}`), '4');
});

test('every family is described once and every line can be parsed', async () => {
  const metrics = createMetrics({ version: 'a"b\\c\nd', hashPool: () => ({ running: 2, waiting: 7 }) });
  metrics.countRequest({ endpoint: '/a', method: 'GET', status: 999, tookMs: 1 });
  metrics.countEvent({ kind: 'login.refused', reason: '4000006' });
  const { contentType, body } = await metrics.text();
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  const sample = /^[a-z_][a-z\d_]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (?:[-+.\de]+|Nan|\+Inf)$/i;
  const described = new Set<string>();
  for (const line of body.split('\n')) {
    if (line === '' || line.startsWith('# HELP')) continue;
    const [, type] = /^# TYPE (\S+)/.exec(line) ?? [];
    if (type === undefined) assert.match(line, sample);
    else assert.ok(!described.has(type), type);
    if (type !== undefined) described.add(type);
  }
  for (const name of ['http_requests_total', 'process_cpu_seconds_total', 'nodejs_eventloop_lag_seconds']) {
    assert.ok(described.has(name), name);
  }
  assert.match(body, /bia_hashes_waiting\{[^}]*\} 7\n/);
  assert.match(body, /bia_hashes_running\{[^}]*\} 2\n/);
  assert.match(body, /status_bucket="unknown"/);
});

test('what clients choose does not add series without end', async () => {
  const metrics = createMetrics({ version: 'v' });
  for (let i = 0; i < 2000; i++) {
    metrics.countRequest({ endpoint: 'unmatched', method: `M${i}`, status: 404, tookMs: 1 });
    metrics.countEvent({ kind: 'login.refused', reason: `reason_${i}` });
    metrics.countEvent({ kind: 'login.refused', reason: `what somebody typed ${i}` });
  }
  assert.equal((await linesOf(metrics, 'http_requests_total{')).length, 1);
  const events = await linesOf(metrics, 'bia_security_events_total{');
  assert.ok(events.length <= 501);
  assert.ok(!events.join().includes('typed'));
});

test('events are counted by kind and reason, and two servers of a process apart', async () => {
  const metrics = createMetrics({ version: 'v' });
  metrics.countEvent({ kind: 'session.issued' });
  metrics.countEvent({ kind: 'session.issued' });
  assert.deepEqual(await linesOf(metrics, 'bia_security_events_total{'), [
    'bia_security_events_total{kind="session.issued",app="kratos",version="v",hash="undefined",buildTime="undefined"} 2',
  ]);
  assert.deepEqual(await linesOf(createMetrics({ version: 'v' }), 'bia_security_events_total{'), []);
});
