// What a request says of where it comes from and where it goes decides nothing that others rely on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCodeVisitor, startCodeServer } from '../support/code-server.ts';
import { type FlowJson, json } from '../support/flow-json.ts';
import { APP_URL, startServer } from '../support/server.ts';

const PHONE = '+41791234501';
const HOSTS = ['evil.example', 'id.example.org.evil.example', 'id.example.org@evil.example', 'localhost:1'];

test('a text message names a configured site only, whatever Host the request had', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ phone: PHONE });
  const domainsFor = async (headers: Readonly<Record<string, string>>, address = '127.0.0.1') => {
    server.clock.advance(1_000);
    const app = createCodeVisitor({
      ...server,
      ask: (method, path, ask) =>
        server.ask(method, path, {
          ...ask,
          headers: { ...ask?.headers, ...headers },
          peer: { address, port: 1 },
        }),
    });
    await app.askForCode(PHONE);
    const [last] = await server.bia.database.stores.messages.list({ recipient: PHONE, limit: 1 });
    return [/@(\S+) #\d{6}$/.exec(last?.body ?? '')?.[1], last?.templateData['request_url_domain']];
  };
  for (const host of HOSTS) {
    assert.deepEqual(await domainsFor({ host }), ['id.example.org', 'id.example.org'], host);
    const forwarded = await domainsFor({ 'x-forwarded-host': host });
    assert.deepEqual(forwarded, ['id.example.org', 'id.example.org'], host);
  }
  const app = new URL(APP_URL).host;
  assert.deepEqual(await domainsFor({ host: app }), [app, app]);
});

test('no message has an address of a host that a request made up', async (t) => {
  const server = await startCodeServer(t);
  await server.person({ email: 'ada@example.org' });
  const app = createCodeVisitor({
    ...server,
    ask: (method, path, ask) =>
      server.ask(method, path, { ...ask, headers: { ...ask?.headers, host: 'evil.example' } }),
  });
  await app.askForCode('ada@example.org');
  const [sent] = await server.bia.database.stores.messages.list({ recipient: 'ada@example.org', limit: 1 });
  assert.ok(sent);
  assert.equal(
    JSON.stringify(sent.templateData['request_url']),
    '"http://id.example.org/self-service/login/api"',
  );
  assert.doesNotMatch(JSON.stringify(sent), /evil\.example/);
});

test('the address of a request is one of ours, below the path that the proxy takes off', async (t) => {
  const server = await startServer(t, {
    config: { serve: { public: { base_url: 'https://www.example.org/auth/' } } },
  });
  const seenAs = async (headers: Readonly<Record<string, string>>, address = '203.0.113.7') =>
    (
      await json<FlowJson>(
        await server.ask('GET', '/self-service/login/api?a=b', { headers, peer: { address, port: 1 } }),
      )
    ).request_url;
  const own = 'https://www.example.org/auth/self-service/login/api?a=b';
  assert.equal(await seenAs({ host: 'www.example.org' }), own);
  assert.equal(await seenAs({ host: 'evil.example' }), own);
  assert.equal(await seenAs({ host: '10.0.0.5:4433' }), own);
  assert.equal(await seenAs({ host: 'www.example.org', 'x-forwarded-host': 'evil.example' }), own);
  const app = `${APP_URL}/self-service/login/api?a=b`;
  assert.equal(await seenAs({ host: new URL(APP_URL).host }), app);
  // A trusted proxy is believed, as Kratos does; see the tests above for what is written to people.
  const proxied = await seenAs({ host: 'inner', 'x-forwarded-host': 'www.example.org' }, '127.0.0.1');
  assert.equal(proxied, own);
});

test('a private peer chooses its own address only where the operator trusts it', async (t) => {
  const countedAs = async (over: object): Promise<string> => {
    const server = await startServer(t, {
      logLevel: 'info',
      config: { serve: { public: { rate_limits: { enabled: false }, ...over } } },
    });
    await server.ask('GET', '/self-service/login/api', {
      headers: { 'x-forwarded-for': '198.51.100.77' },
      peer: { address: '10.0.0.7', port: 1 },
    });
    const lines = server.logged.map((line) => JSON.parse(line));
    const warnings = lines.filter(({ msg }) => /are not believed/.test(msg));
    const [request] = lines.filter((line) => JSON.stringify(line).includes('/self-service/login/api'));
    assert.equal(warnings.length, JSON.stringify(request).includes('10.0.0.7') ? 1 : 0);
    return JSON.stringify(request).includes('198.51.100.77') ? 'as it says' : 'as it is';
  };
  assert.equal(await countedAs({}), 'as it is');
  assert.equal(await countedAs({ host: '0.0.0.0' }), 'as it is');
  assert.equal(await countedAs({ host: '10.1.1.1' }), 'as it says');
  const rate_limits = { enabled: false, trusted_proxies: ['10.0.0.0/24'] };
  assert.equal(await countedAs({ host: '0.0.0.0', rate_limits }), 'as it says');
  assert.equal(
    await countedAs({ host: '10.1.1.1', rate_limits: { enabled: false, trusted_proxies: [] } }),
    'as it is',
  );
});
