import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { selfSignedCertificate } from '../../test/support/self-signed.ts';
import { createOutbound, OutboundError, type OutboundOptions } from './outbound.ts';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function listen<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  // The cast: a server on a TCP port has no other kind of address.
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly line: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A service that notes what it is asked and answers from a script, the last line for ever. */
async function service(
  answers: readonly (readonly [status: number, headers?: Record<string, string>, body?: string])[],
): Promise<{ readonly url: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const [status, headers = {}, text = 'ok'] = answers[Math.min(seen.length, answers.length - 1)] ?? [500];
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      response.writeHead(status, { connection: 'close', ...headers }).end(text);
    });
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, seen };
}

const isKind =
  (kind: OutboundError['kind']) =>
  (error: unknown): boolean =>
    error instanceof OutboundError && error.kind === kind;

function recordingPauses(options: OutboundOptions = {}): {
  readonly outbound: ReturnType<typeof createOutbound>;
  readonly pauses: readonly number[];
} {
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => void pauses.push(ms);
  return { pauses, outbound: createOutbound({ ...options, pause }) };
}

test('method, headers and body arrive; status, headers and text come back', async () => {
  const { url, seen } = await service([[201, { 'X-Answer': 'yes' }, 'grüße']]);
  const response = await createOutbound().request(`${url}/a?b=1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"ä":1}',
  });
  assert.deepEqual([response.status, response.headers.get('x-answer'), response.text], [201, 'yes', 'grüße']);
  assert.equal(seen[0]?.line, 'POST /a?b=1');
  assert.equal(seen[0]?.body, '{"ä":1}');
  assert.equal(seen[0]?.headers['content-type'], 'application/json');
  assert.equal(seen[0]?.headers['content-length'], '8');
});

test('a failing service is asked again, ever later, and the last answer is handed back', async () => {
  const { url, seen } = await service([[500], [502], [503]]);
  const { outbound, pauses } = recordingPauses();
  const response = await outbound.request(url, { retries: 2 });
  assert.equal(response.status, 503);
  assert.equal(seen.length, 3);
  assert.deepEqual(pauses, [1_000, 2_000]);
});

const date = 'Tue, 03 Mar 2026 10:00:00 GMT';
for (const [headers, expected] of [
  [{ 'Retry-After': '7' }, 7_000],
  [{ 'Retry-After': '86400' }, 30_000],
  [{ Date: date, 'Retry-After': 'Tue, 03 Mar 2026 10:00:05 GMT' }, 5_000],
  [{ Date: date, 'Retry-After': 'Tue, 03 Mar 2026 09:00:00 GMT' }, 0],
  [{ 'Retry-After': 'soon' }, 1_000],
] as const) {
  test(`Retry-After ${headers['Retry-After']} makes a pause of ${expected} ms`, async () => {
    const { url } = await service([[429, headers], [200]]);
    const { outbound, pauses } = recordingPauses();
    assert.equal((await outbound.request(url, { retries: 1 })).status, 200);
    assert.deepEqual(pauses, [expected]);
  });
}

for (const status of [200, 304, 400, 404, 501]) {
  test(`an answer of ${status} is final`, async () => {
    const { url, seen } = await service([[status]]);
    assert.equal((await recordingPauses().outbound.request(url, { retries: 2 })).status, status);
    assert.equal(seen.length, 1);
  });
}

test('headers can differ between tries', async () => {
  const { url, seen } = await service([[500], [200]]);
  let tries = 0;
  const headersOfTry = (): Record<string, string> => {
    tries += 1;
    return { 'X-Try': String(tries) };
  };
  await recordingPauses().outbound.request(url, { retries: 1, headersOfTry });
  assert.deepEqual(
    seen.map(({ headers }) => headers['x-try']),
    ['1', '2'],
  );
});

test('a service that never answers is given up in time, tried again, and named', async () => {
  let connections = 0;
  const port = await listen(
    createServer((socket) => {
      connections += 1;
      socket.on('error', () => socket.destroy());
    }),
  );
  const call = recordingPauses().outbound.request(`http://127.0.0.1:${port}/`, { timeoutMs: 30, retries: 1 });
  await assert.rejects(call, isKind('timeout'));
  assert.equal(connections, 2);
});

test('the time also counts for a body that trickles', async () => {
  const port = await listen(
    http.createServer((_request, response) => {
      response.writeHead(200).write('a');
    }),
  );
  await assert.rejects(
    createOutbound().request(`http://127.0.0.1:${port}/`, { timeoutMs: 50 }),
    isKind('timeout'),
  );
});

test('an answer that is too large is cut off and not asked for again', async () => {
  const { url, seen } = await service([[200, {}, 'x'.repeat(2_000)]]);
  await assert.rejects(createOutbound().request(url, { maxBytes: 1_999, retries: 2 }), isKind('too-large'));
  assert.equal(seen.length, 1);
  assert.equal((await createOutbound().request(url, { maxBytes: 2_000 })).text.length, 2_000);
});

test('a port where nobody listens is a network error', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(createOutbound().request(`http://127.0.0.1:${port}/`), isKind('network'));
});

test('a connection that was closed while it was idle is replaced without notice', async () => {
  let connections = 0;
  const used = new WeakSet<object>();
  const server = http.createServer(({ socket }, response) => {
    // The second request on a connection meets a reset, as when the other side closed it at that moment.
    if (used.has(socket)) return socket.resetAndDestroy();
    used.add(socket);
    return response.end('ok');
  });
  server.on('connection', () => {
    connections += 1;
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const outbound = createOutbound();
  assert.equal((await outbound.request(url)).text, 'ok');
  assert.equal((await outbound.request(url)).text, 'ok');
  assert.equal(connections, 2);
});

test('redirects are handed back unless they are asked for', async () => {
  const { url, seen } = await service([[302, { Location: '/b' }], [200]]);
  assert.equal((await createOutbound().request(url)).status, 302);
  assert.equal(seen.length, 1);
});

test('a followed redirect of a submission becomes a plain request', async () => {
  const { url, seen } = await service([[303, { Location: '/b' }], [200]]);
  const headers = { Authorization: 'Bearer x', 'Content-Type': 'text/plain' };
  await createOutbound().request(`${url}/a`, { method: 'POST', body: 'x', headers, redirects: 1 });
  assert.equal(seen[1]?.line, 'GET /b');
  assert.equal(seen[1]?.body, '');
  assert.equal(seen[1]?.headers['content-type'], undefined);
  assert.equal(seen[1]?.headers.authorization, 'Bearer x');
});

test('status 307 keeps method and body within the same service', async () => {
  const { url, seen } = await service([[307, { Location: '/b' }], [200]]);
  await createOutbound().request(`${url}/a`, { method: 'PUT', body: 'x', redirects: 1 });
  assert.deepEqual([seen[1]?.line, seen[1]?.body], ['PUT /b', 'x']);
});

test('another service sees neither credentials nor bodies', async () => {
  const other = await service([[200]]);
  const first = await service([[302, { Location: `${other.url}/x` }]]);
  const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Key': 'k', Accept: 'text/plain' };
  await createOutbound().request(first.url, { headers, redirects: 1 });
  const seen = other.seen[0]?.headers ?? {};
  assert.deepEqual(
    [seen.authorization, seen.cookie, seen['x-key'], seen.accept],
    [undefined, undefined, undefined, 'text/plain'],
  );
  const keeping = await service([[308, { Location: `${other.url}/y` }]]);
  const response = await createOutbound().request(keeping.url, {
    method: 'POST',
    body: 'secret',
    redirects: 1,
  });
  assert.equal(response.status, 308);
  assert.equal(other.seen.length, 1);
});

test('an endless chain of redirects ends where it was said to end', async () => {
  const { url, seen } = await service([[302, { Location: '/again' }]]);
  assert.equal((await createOutbound().request(url, { redirects: 3 })).status, 302);
  assert.equal(seen.length, 4);
});

for (const address of ['ftp://example.org/', 'file:///etc/passwd', 'nothing', '']) {
  test(`"${address}" is no address to call`, async () => {
    await assert.rejects(createOutbound().request(address), isKind('forbidden'));
  });
}

const closed = createOutbound({ disallowPrivate: true });

for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]']) {
  test(`with private networks closed off, ${host} is not called`, async () => {
    const { url, seen } = await service([[200]]);
    const { port } = new URL(url);
    await assert.rejects(closed.request(`http://${host}:${port}/`, { retries: 2 }), isKind('forbidden'));
    assert.equal(seen.length, 0);
  });
}

test('a redirect does not lead into a closed-off network', async () => {
  const inner = await service([[200]]);
  const outer = await service([[302, { Location: `${inner.url}/admin` }]]);
  const outbound = createOutbound({ disallowPrivate: true, privateExceptions: [`${outer.url}/`] });
  await assert.rejects(outbound.request(outer.url, { redirects: 1 }), isKind('forbidden'));
  assert.equal(outer.seen.length, 1);
  assert.equal(inner.seen.length, 0);
});

test('a name that changes its address after the check gains nothing: it is looked up once, for the socket itself', async () => {
  const { url, seen } = await service([[200]]);
  let lookups = 0;
  const outbound = createOutbound({
    disallowPrivate: true,
    resolve: (_host, _options, callback) => {
      lookups += 1;
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  await assert.rejects(outbound.request(`http://rebind.test:${new URL(url).port}/`), isKind('forbidden'));
  assert.equal(lookups, 1);
  assert.equal(seen.length, 0);
});

test('a connection that an exception opened serves no other request', async () => {
  let requests = 0;
  const port = await listen(
    http.createServer((_request, response) => {
      requests += 1;
      response.end('ok');
    }),
  );
  const outbound = createOutbound({
    disallowPrivate: true,
    privateExceptions: [`http://127.0.0.1:${port}/hook`],
  });
  assert.equal((await outbound.request(`http://127.0.0.1:${port}/hook`)).text, 'ok');
  await assert.rejects(outbound.request(`http://127.0.0.1:${port}/other`), isKind('forbidden'));
  assert.equal(requests, 1);
});

test('certificates of an own authority are trusted where their file is named', async () => {
  const certificate = selfSignedCertificate('inner service');
  const port = await listen(https.createServer(certificate, (_request, response) => response.end('secret')));
  const folder = mkdtempSync(path.join(tmpdir(), 'bia-'));
  const certificateFile = path.join(folder, 'ca.pem');
  writeFileSync(certificateFile, certificate.cert);
  const url = `https://127.0.0.1:${port}/`;
  assert.equal((await createOutbound({ certificateFile }).request(url)).text, 'secret');
  rmSync(folder, { recursive: true });
  await assert.rejects(createOutbound().request(url), isKind('network'));
});

test('a proxy of the environment is used, but not for this machine, and private networks stay closed behind it', async () => {
  const seen: string[] = [];
  const proxyPort = await listen(
    http.createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('by the proxy');
    }),
  );
  const directPort = await listen(http.createServer((_request, response) => response.end('direct')));
  const proxyEnv = { HTTP_PROXY: `http://127.0.0.1:${proxyPort}`, NO_PROXY: 'near.example.org' };
  const addresses: Readonly<Record<string, string>> = {
    'far.example.org': '203.0.114.7',
    'inner.example.org': '10.0.0.7',
  };
  const outbound = createOutbound({
    proxyEnv,
    disallowPrivate: true,
    privateExceptions: [`http://127.0.0.1:${directPort}/`],
    resolve: (host, _options, done) => done(null, [{ address: addresses[host] ?? '10.0.0.1', family: 4 }]),
  });
  assert.equal((await outbound.request('http://far.example.org/x')).text, 'by the proxy');
  assert.deepEqual(seen, ['http://far.example.org/x']);
  assert.equal((await outbound.request(`http://127.0.0.1:${directPort}/`)).text, 'direct');
  await assert.rejects(outbound.request('http://inner.example.org/'), isKind('forbidden'));
  await assert.rejects(outbound.request('http://10.0.0.7/'), isKind('forbidden'));
  assert.equal(seen.length, 1);
});
