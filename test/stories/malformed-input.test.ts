// Whatever is sent to whichever door, the answer is an ordinary one: never 5xx, never a look inside, nothing half-written.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { serve } from '../../src/app/serve.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { silentLog } from '../../src/lib/log.ts';
import { createBrowser, createScriptedPage } from '../support/browser.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { fieldValue } from '../support/flow-json.ts';
import { freePorts } from '../support/free-ports.ts';
import {
  type Door,
  type Footholds,
  type HostileRequest,
  hostileRequest,
} from '../support/hostile-requests.ts';
import { createNativeApp } from '../support/native-app.ts';
import { APP_URL, sharedConfig, startServer, type TestServer } from '../support/server.ts';

const SEED = Number(process.env['BIA_TEST_SEED'] ?? 20_300_101);
/** Requests, and how long they may take in all; a slow machine sends fewer. */
const RUNS = 1500;
const TIME_LIMIT_MS = 5000;
/** After so many requests the session and the flows that were lent are new ones: some requests end them. */
const LENT_FOR = 60;

async function lend(server: TestServer, round: number): Promise<Footholds> {
  const browser = createBrowser(server);
  await browser.signUp(`browser-${round}@example.org`);
  const app = createNativeApp(server);
  const { identity, session } = await app.signUp(`app-${round}@example.org`);
  const page = createScriptedPage(server);
  const signedIn = createScriptedPage(server, browser.cookies);
  const anonymous = createNativeApp(server);
  const browserFlows = [
    await page.start('login'),
    await page.start('registration'),
    await signedIn.start('settings'),
    await signedIn.start('login', '?refresh=true'),
    await page.start('recovery'),
    await page.start('verification'),
  ];
  const nativeFlows = [
    await anonymous.start('login'),
    await anonymous.start('registration'),
    await app.start('settings'),
    await anonymous.start('recovery'),
    await anonymous.start('verification'),
  ];
  const [csrf = ''] = (page.cookies.header() ?? '').split('; ');
  return {
    ids: [...browserFlows, ...nativeFlows].map(({ id }) => id).concat(identity?.id ?? '', session?.id ?? ''),
    tokens: [app.token],
    csrfTokens: browserFlows.map((flow) => String(fieldValue(flow, 'csrf_token'))),
    cookies: [
      page.cookies.header() ?? '',
      browser.cookies.header() ?? '',
      `${csrf}; ${csrf}`,
      'ory_kratos_session=',
      'ory_kratos_session=%00; ory_kratos_continuity=x',
      '=; ;;; a=b=c; "',
    ],
  };
}

function doorsOf({ bia }: TestServer): readonly Door[] {
  const known = (['public', 'admin'] as const).flatMap((port) =>
    bia.routes[port].map(({ method, path }): Door => ({ port, method, path })),
  );
  const strange = [
    '/',
    '//',
    '/%',
    '/%00',
    '/sessions/',
    '/self-service',
    '/admin',
    '/admin/',
    '/%2e%2e/x',
    '/a/{x}/b',
  ];
  return [...known, ...strange.map((path): Door => ({ port: 'public', method: 'GET', path }))];
}

/** Every door that this version has is open. */
const ALL_ON: JsonObject = {
  selfservice: {
    methods: { code: { enabled: true }, link: { enabled: true } },
    flows: {
      recovery: { enabled: true, ui_url: `${APP_URL}/recovery` },
      verification: { enabled: true, ui_url: `${APP_URL}/verification` },
    },
  },
};

const LOOK_INSIDE =
  /node:internal|file:\/\/|\.ts:\d+|SQLITE_|syntax error|violates|pg_|Cannot read prop|is not a function/;

async function assertOrdinary(response: Response, method: string): Promise<void> {
  const text = await response.text();
  const { status } = response;
  assert.ok(status >= 200 && status < 500, `${status} ${text.slice(0, 300)}`);
  assert.doesNotMatch(text, LOOK_INSIDE);
  if (status < 400 || method === 'HEAD') return;
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('application/json')) {
    assert.match(type, /^text\/(?:plain|html)/, `${status} as ${type}`);
    return;
  }
  const body = JSON.parse(text);
  const isError = typeof body.error?.message === 'string' && typeof body.error.code === 'number';
  assert.ok(isError || Array.isArray(body.ui?.nodes), text.slice(0, 300));
}

for (const name of SHARED_DATABASES) {
  test(`no request to any door is answered with 5xx or with something from inside [${name}]`, async (t) => {
    t.diagnostic(`seed ${SEED}; BIA_TEST_SEED sets another one`);
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const server = await startServer(t, { dsn: fresh.dsn, config: ALL_ON });
    const witness = createNativeApp(server);
    await witness.signUp('witness@example.org');
    const doors = doorsOf(server);
    let round = 0;
    let footholds = await lend(server, round);
    let sent = 0;
    // The footholds change while requests are made, so each one is generated from a seed of its own.
    const property = fc.asyncProperty(fc.integer(), async (seed) => {
      if (sent % LENT_FOR === LENT_FOR - 1) {
        round += 1;
        footholds = await lend(server, round);
      }
      sent += 1;
      const [request] = fc.sample(hostileRequest(doors, footholds), { seed, numRuns: 1 });
      assert.ok(request);
      await send(server, request);
    });
    await fc.assert(property, {
      seed: SEED,
      numRuns: RUNS,
      endOnFailure: true,
      interruptAfterTimeLimit: TIME_LIMIT_MS,
      markInterruptAsFailure: false,
    });
    t.diagnostic(`${sent} requests`);
    assert.ok(sent > 100);
    assert.deepEqual(
      server.logged.filter((line) => line.includes('"level":"error"')),
      [],
    );
    assert.equal((await witness.whoami()).identity.traits['email'], 'witness@example.org');
  });
}

async function send(
  server: TestServer,
  { door, method, path, headers, body }: HostileRequest,
): Promise<void> {
  const ask = door.port === 'public' ? server.ask : server.askAdmin;
  const failuresBefore = server.logged.filter((line) => line.includes('"level":"error"')).length;
  const options = { headers, ...(body ? { body } : {}) };
  try {
    await assertOrdinary(await ask(method, path, options), method);
    const failures = server.logged.filter((line) => line.includes('"level":"error"'));
    assert.equal(failures.length, failuresBefore, failures.at(-1));
  } catch (error) {
    const shown = body && Buffer.from(body.slice(0, 600)).toString('utf8');
    const what = JSON.stringify({ port: door.port, method, path, headers, body: shown });
    throw new Error(`${what.slice(0, 3000)}\n${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** What a raw connection gets back; empty where it was closed without a word. */
function rawExchange(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(request, 'latin1')));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      // The first answer is enough; the server would keep the connection for the next request.
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${JSON.stringify(request)}`)));
  });
}

test('what no client library would send over a connection is answered, and the server lives on', async (t) => {
  const [publicPort, adminPort] = await freePorts();
  const served = await serve({
    config: sharedConfig('memory'),
    flags: {
      serve: {
        public: { base_url: `http://127.0.0.1:${publicPort}/`, port: publicPort, host: '127.0.0.1' },
        admin: { base_url: `http://127.0.0.1:${adminPort}/`, port: adminPort, host: '127.0.0.1' },
      },
    },
    log: silentLog,
  });
  t.after(() => served.stop());
  const host = 'Host: 127.0.0.1\r\nConnection: close\r\n';
  const lines = [
    ...[
      'GET /%00',
      'GET /%ff%fe',
      'GET /%',
      'GET //evil.example/',
      'GET /../../etc/passwd',
      'GET /./.././sessions/whoami',
    ],
    ...[
      'GET /a\\b',
      'GET /?%',
      'GET /sessions/whoami?%00=%',
      'GET http://evil.example/sessions/whoami',
      'GET *',
    ],
    ...[
      'OPTIONS *',
      'TRACE /',
      'TRACE /sessions/whoami',
      'GET /sessions/%2e%2e%2fwhoami',
      'DELETE /sessions/%00',
    ],
    ...[
      'GET /\xff\xfe',
      `GET /${'a'.repeat(10_000)}`,
      'PROPFIND /',
      'M-SEARCH /sessions/whoami',
      'GET /#x',
      'GET /a b',
    ],
    ...['POST /self-service/login?flow=%', 'GET /schemas/%', 'GET /self-service/errors?id=%00'],
  ];
  const requests = [
    ...lines.map((line) => `${line} HTTP/1.1\r\n${host}\r\n`),
    'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
    'GET /self-service/login/api HTTP/1.1\r\nHost: a b@c/d\r\nConnection: close\r\n\r\n',
    'GET /self-service/login/api HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n',
    'GET /self-service/login/api HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n',
    `GET /sessions/whoami HTTP/1.1\r\n${host}Cookie: ory_kratos_session=\xff\xfe\r\n\r\n`,
    `GET /sessions/whoami HTTP/1.1\r\n${host}X-Session-Token: \xff\xfe\r\nAuthorization: Bearer \xe9\r\n\r\n`,
    `GET /sessions/whoami HTTP/1.1\r\n${host}X: ${'x'.repeat(100_000)}\r\n\r\n`,
    `POST /self-service/login HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
    `POST /self-service/login HTTP/1.1\r\n${host}Content-Length: 99999999999\r\nContent-Type: application/json\r\n\r\n{`,
    `POST /self-service/login HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'rubbish\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  ];
  for (const port of [publicPort, adminPort]) {
    for (const request of requests) {
      const answer = await rawExchange(port, request);
      const shown = JSON.stringify(request.slice(0, 100));
      assert.match(answer, /^HTTP\/1\.1 [234]\d\d /, `${shown}: ${answer.slice(0, 200)}`);
      assert.doesNotMatch(answer, LOOK_INSIDE, shown);
    }
    const alive = await rawExchange(port, `GET /health/alive HTTP/1.1\r\n${host}\r\n`);
    assert.match(alive, /^HTTP\/1\.1 200 /);
  }
});
