// Messages to a service of the operator's: what it is told, how it is asked, and what its answers lead to.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { CourierMessage } from '../../src/courier/message.ts';
import { createTestClock } from '../../src/lib/clock.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { openDatabase } from '../../src/store/open.ts';
import {
  aMail,
  type CourierOptions,
  reasonsOf,
  type Settled,
  settled,
  startCourier,
} from '../support/courier.ts';
import { START_MS, type TestScope } from '../support/server.ts';

interface Called {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Service {
  readonly url: string;
  readonly calls: readonly Called[];
}

async function startService(scope: TestScope, answer: () => number = () => 204): Promise<Service> {
  const calls: Called[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      calls.push({ method, path: url, headers, text: Buffer.concat(chunks).toString() });
      const status = answer();
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }; // it listens on a port
}

type Send = (of?: Partial<CourierMessage>, attempts?: number) => Promise<Settled>;

async function open(t: TestContext, courier: JsonObject, of: Partial<CourierOptions> = {}): Promise<Send> {
  const clock = createTestClock(START_MS);
  const database = openDatabase({ dsn: 'memory', clock });
  await database.migrateUp();
  const { messages } = database.stores;
  startCourier(t, { messages, clock, courier, ...of });
  t.after(() => database.close());
  return async (message, attempts) => {
    const mail = aMail(message);
    await messages.insert(mail);
    return settled(messages, mail.id, attempts);
  };
}

const jsonnet = (snippet: string): string => `base64://${Buffer.from(snippet).toString('base64')}`;
const byHttp = (url: string, request: JsonObject = {}): JsonObject => ({
  delivery_strategy: 'http',
  http: { request_config: { url: `${url}/mail`, ...request } },
});
const bodyOf = (service: Service): unknown => JSON.parse(service.calls.at(-1)?.text ?? '');

test('without a snippet a service is told what is to be sent to whom', async (t) => {
  const service = await startService(t);
  const send = await open(t, byHttp(service.url));
  assert.equal((await send()).message.status, 'sent');
  const [call] = service.calls;
  assert.deepEqual([call?.method, call?.path], ['POST', '/mail']);
  assert.equal(call?.headers['content-type'], 'application/json');
  assert.deepEqual(bodyOf(service), {
    recipient: 'ada@example.org',
    template_type: 'recovery_code_valid',
    to: 'ada@example.org',
    recovery_code: '123456',
    recovery_url: null,
    verification_url: null,
    verification_code: null,
    subject: 'Your code is 123456',
    body: 'Hello Ada, your code is 123456.',
  });
});

test('a snippet sees everything about the message', async (t) => {
  const service = await startService(t);
  const send = await open(t, byHttp(service.url, { method: 'PUT', body: jsonnet('function(ctx) ctx') }), {
    html: () => Promise.resolve('<b>123456</b>'),
  });
  const message = aMail();
  await send(message);
  const { recipient, subject, body, templateData, requestHeaders } = message;
  assert.deepEqual(bodyOf(service), {
    ...{ recipient, subject, body, html_body: '<b>123456</b>', template_type: 'recovery_code_valid' },
    ...{ template_data: templateData, message_type: 'email', request_headers: requestHeaders },
  });
  assert.equal(service.calls[0]?.method, 'PUT');
  await send({ templateName: 'verification_code_valid' });
  assert.deepEqual(
    (bodyOf(service) as JsonObject)['request_headers'],
    {},
    'it says not from where it was asked',
  );
});

test('a form is made of a snippet whose values are texts, and of no other', async (t) => {
  const service = await startService(t);
  const request = (snippet: string): JsonObject => ({
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: jsonnet(snippet),
  });
  const send = await open(t, byHttp(service.url, request('function(ctx) { To: ctx.recipient, n: "1" }')));
  assert.equal((await send()).message.status, 'sent');
  assert.equal(service.calls[0]?.text, 'To=ada%40example.org&n=1');
  const wrong = await open(t, byHttp(service.url, request('function(ctx) { To: ctx.recipient, n: 1 }')));
  assert.match(String(reasonsOf(await wrong({}, 1))[0]), /"n" in a form must be a text/);
  const odd = await open(t, byHttp(service.url, { headers: { 'content-type': 'text/xml' } }));
  assert.match(String(reasonsOf(await odd({}, 1))[0]), /content type/);
  assert.equal(service.calls.length, 1);
});

test('any 2xx counts as sent, and nothing else does', async (t) => {
  let status = 200;
  const service = await startService(t, () => status);
  const send = await open(t, byHttp(service.url));
  for (status of [200, 201, 202, 204, 299]) assert.equal((await send()).message.status, 'sent', `${status}`);
  for (status of [302, 400, 403, 429, 500, 503]) {
    const found = await send({}, 1);
    assert.equal(found.message.status, 'queued', `${status}`);
    assert.deepEqual(reasonsOf(found), [`The service that sends messages answered ${status}.`]);
  }
  assert.ok(
    service.calls.every(({ path }) => path === '/mail'),
    'no redirect is followed',
  );
});

test('a snippet that fails, hangs or cannot be read is a reason, not a failure of the courier', async (t) => {
  const service = await startService(t);
  for (const [snippet, reason] of [
    [jsonnet("function(ctx) error 'no such tenant'"), /no such tenant/],
    [jsonnet('function(ctx) {'), /syntax error/],
    [jsonnet("import '/etc/hostname'"), /not supported/],
    [jsonnet('local f(n) = if n == 0 then 0 else f(n - 1) + f(n - 1); f(60)'), /longer than/],
    ['file:///nowhere/mail.jsonnet', /ENOENT/],
    [`${service.url}/gone.jsonnet`, /answered 204/],
  ] as const) {
    const send = await open(t, byHttp(service.url, { body: snippet }));
    const found = await send({}, 1);
    assert.equal(found.message.status, 'queued', String(reason));
    assert.match(String(reasonsOf(found)[0]), reason);
  }
  assert.ok(service.calls.every(({ path }) => path === '/gone.jsonnet'));
});

test('SMS goes to the service of its channel, and mail beside it to its own', async (t) => {
  const [mail, sms] = [await startService(t), await startService(t)];
  const auth = { type: 'basic_auth', config: { user: 'bia', password: 'secret' } };
  const send = await open(t, {
    ...byHttp(mail.url, { auth: { type: 'api_key', config: { name: 'X-Key', value: 'k1', in: 'header' } } }),
    channels: [
      {
        id: 'sms',
        request_config: { url: `${sms.url}/sms`, auth, body: jsonnet('function(ctx) ctx') },
      },
    ],
  });
  const text = { type: 'sms', channel: 'sms', recipient: '+49301234567', subject: '' } as const;
  assert.equal((await send(text)).message.status, 'sent');
  assert.equal((await send()).message.status, 'sent');
  assert.equal(mail.calls[0]?.headers['x-key'], 'k1');
  assert.equal(sms.calls[0]?.headers.authorization, `Basic ${Buffer.from('bia:secret').toString('base64')}`);
  const { message_type, recipient, html_body } = bodyOf(sms) as JsonObject;
  assert.deepEqual([message_type, recipient, html_body], ['sms', '+49301234567', undefined]);
  assert.deepEqual([mail.calls.length, sms.calls.length], [1, 1]);
});

test('without a service for SMS the reason is said', async (t) => {
  const service = await startService(t);
  const send = await open(t, byHttp(service.url));
  const found = await send({ type: 'sms', channel: 'sms', recipient: '+49301234567' }, 1);
  assert.match(String(reasonsOf(found)[0]), /courier\.channels/);
  assert.equal(service.calls.length, 0);
});

test('services in private networks are not called where they are closed off', async (t) => {
  const service = await startService(t);
  const send = await open(t, byHttp(service.url), {
    clients: { http: { disallow_private_ip_ranges: true } },
  });
  assert.match(String(reasonsOf(await send({}, 1))[0]), /private network/);
  assert.equal(service.calls.length, 0);
});
