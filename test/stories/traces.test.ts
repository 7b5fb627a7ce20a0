// What an SDK of OpenTelemetry gets to see where the program was started with one, and that nothing is loaded without.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { createTracing } from '../../src/http/observe/tracing.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, startServer } from '../support/server.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

test('without an SDK there is no tracing at all', async () => {
  assert.equal(await createTracing('1'), undefined);
});

test('each request is a span named by its route, inside the trace of its caller, with its transactions inside', async (t) => {
  provider.register();
  after(() => {
    for (const api of [trace, context, propagation]) api.disable();
  });
  const server = await startServer(t);
  const app = createNativeApp(server);
  await app.signUp('ada@example.org');
  exporter.reset();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await server.ask('GET', '/sessions/whoami', {
    headers: { 'x-session-token': app.token, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  const [whoami] = exporter.getFinishedSpans();
  assert.equal(whoami?.name, 'GET /sessions/whoami');
  assert.equal(whoami.spanContext().traceId, traceId);
  assert.equal(whoami.parentSpanContext?.spanId, 'b7ad6b7169203331');
  assert.equal(whoami.attributes['http.response.status_code'], 200);

  exporter.reset();
  const other = createNativeApp(server);
  await other.signIn('ada@example.org');
  const spans = exporter.getFinishedSpans();
  const submit = spans.find(({ name }) => name === 'POST /self-service/login');
  const writes = spans.filter(({ name }) => name === 'transaction');
  assert.ok(submit && writes.length > 0);
  assert.ok(writes.some((span) => span.parentSpanContext?.spanId === submit.spanContext().spanId));
  const told = JSON.stringify(spans.map(({ name, attributes, events }) => ({ name, attributes, events })));
  for (const secret of ['ada@example.org', PASSWORD, other.token]) assert.ok(!told.includes(secret), secret);

  exporter.reset();
  await server.ask('GET', '/self-service/login/flows?id=nobody');
  assert.equal(exporter.getFinishedSpans()[0]?.name, 'GET /self-service/login/flows');
});
