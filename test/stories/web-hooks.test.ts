// Web hooks as an operator sets them up: what services are told, what they may do, and what comes of it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Additions } from '../../src/app/parts.ts';
import { createLoader } from '../../src/app/parts.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type FlowJson, json, messageIds, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { PASSWORD, sharedConfig, startServer, type TestServer } from '../support/server.ts';
import { jsonnet, type Sink, type SinkAnswer, startSink } from '../support/sink.ts';

const EMAIL = 'ada@example.org';
const WHOLE = jsonnet('function(ctx) ctx');
const SHORT = jsonnet('function(ctx) { flow: ctx.flow.id }');

const hook = (sink: Sink, path: string, of: JsonObject = {}): JsonObject => ({
  hook: 'web_hook',
  config: { url: `${sink.origin}${path}`, method: 'POST', body: SHORT, ...of },
});

interface Started {
  readonly server: TestServer;
  readonly sink: Sink;
  readonly app: NativeApp;
  /** What the service answers at a path. */
  readonly answer: (path: string, answer: SinkAnswer) => void;
  readonly pathsCalled: () => readonly string[];
}

async function start(
  t: TestContext,
  flowsOf: (sink: Sink) => JsonObject,
  of: { readonly config?: JsonObject; readonly additions?: Additions } = {},
): Promise<Started> {
  const sink = await startSink(t);
  const answers = new Map<string, SinkAnswer>();
  sink.answer = ({ path }) => answers.get(path) ?? {};
  const server = await startServer(t, {
    logLevel: 'error',
    ...(of.additions ? { additions: of.additions } : {}),
    config: { ...of.config, selfservice: { flows: flowsOf(sink) } },
  });
  return {
    server,
    sink,
    app: createNativeApp(server),
    answer: (path, answer) => answers.set(path, answer),
    pathsCalled: () => sink.calls.map(({ path }) => path),
  };
}

const session = { hook: 'session' };
const afterPassword = (hooks: readonly JsonObject[]): JsonObject => ({ after: { password: { hooks } } });

const problem = (pointer: string, id = 4711): SinkAnswer => ({
  status: 400,
  json: { messages: [{ instance_ptr: pointer, messages: [{ id, text: 'Not today.', type: 'error' }] }] },
});

async function signUp(app: NativeApp, more: object = {}): Promise<Response> {
  const flow = await app.start('registration');
  return app.send(flow, { method: 'password', password: PASSWORD, traits: { email: EMAIL }, ...more });
}

async function signIn(app: NativeApp, more: object = {}): Promise<Response> {
  const flow = await app.start('login');
  return app.send(flow, { method: 'password', identifier: EMAIL, password: PASSWORD, ...more });
}

test('a service is told of the flow, the person, the session and the request, and of no secret', async (t) => {
  const { server, sink } = await start(t, (to) => ({
    login: afterPassword([hook(to, '/in', { body: WHOLE })]),
  }));
  const admin = createAdmin(server);
  await admin.create(EMAIL, {
    credentials: { password: { config: { password: PASSWORD } } },
    metadata_public: { team: 'blue' },
    metadata_admin: { note: 'hush' },
  });
  await createBrowser(server).signIn(EMAIL);
  const [call] = await sink.wait(1);
  assert.ok(call);
  const told = call.json();
  assert.deepEqual(Object.keys(told).sort(), [
    'flow',
    'identity',
    'request_cookies',
    'request_headers',
    'request_method',
    'request_url',
    'session',
  ]);
  const identity = told['identity'] as JsonObject;
  assert.deepEqual([identity['metadata_public'], identity['metadata_admin']], [{ team: 'blue' }, undefined]);
  assert.equal((told['flow'] as JsonObject)['active'], 'password');
  assert.deepEqual((told['flow'] as JsonObject)['transient_payload'], {});
  assert.equal(told['request_method'], 'POST');
  for (const secret of ['hush', PASSWORD, 'hashed_password']) assert.ok(!call.text.includes(secret), secret);
  const headers = Object.keys(told['request_headers'] as JsonObject);
  assert.ok(!headers.some((name) => /cookie|authorization|session/i.test(name)), headers.join(' '));
  const token = nodeNamed({ ui: (told['flow'] as unknown as FlowJson).ui } as FlowJson, 'csrf_token');
  assert.equal(token?.attributes.value, '');
});

test('a list of a method takes the place of the list for all, but gates alone leave it in force', async (t) => {
  const { app, pathsCalled } = await start(t, (to) => ({
    registration: { after: { hooks: [hook(to, '/all')], password: { hooks: [session] } } },
    settings: {
      after: {
        hooks: [hook(to, '/settings')],
        profile: { hooks: [{ hook: 'verify_new_address' }] },
        password: { hooks: [{ hook: 'revoke_active_sessions' }] },
      },
    },
  }));
  app.token = (await json<{ session_token: string }>(await signUp(app))).session_token;
  assert.deepEqual(pathsCalled(), []);
  const password = await app.send(await app.start('settings'), {
    method: 'password',
    password: `${PASSWORD} 2`,
  });
  assert.equal(password.status, 200);
  assert.deepEqual(pathsCalled(), []);
  const traits = { email: EMAIL, name: 'Ada' };
  assert.equal((await app.send(await app.start('settings'), { method: 'profile', traits })).status, 200);
  assert.deepEqual(pathsCalled(), ['/settings']);
});

test('a refused sign-up shows the messages at their nodes, and nothing is stored', async (t) => {
  const { app, answer, server } = await start(t, (to) => ({
    registration: afterPassword([hook(to, '/may', { can_interrupt: true }), session]),
  }));
  answer('/may', problem('#/traits/email'));
  const refused = await signUp(app);
  assert.equal(refused.status, 400);
  const flow = await json<FlowJson>(refused, 400);
  assert.deepEqual(
    nodeNamed(flow, 'traits.email')?.messages.map(({ id }) => id),
    [4711],
  );
  answer('/may', problem('#/'));
  assert.deepEqual(messageIds(await json<FlowJson>(await signUp(app), 400)), [4711]);
  const found = await createAdmin(server).get(`/admin/identities?credentials_identifier=${EMAIL}`);
  assert.deepEqual(found.json(), []);
  answer('/may', { status: 400, json: {} });
  assert.equal((await signUp(app)).status, 500);
  answer('/may', {});
  assert.equal((await signUp(app)).status, 200);
});

test('a service makes something else of a new person, within their schema', async (t) => {
  const { app, answer } = await start(t, (to) => ({
    registration: afterPassword([hook(to, '/parse', { response: { parse: true } }), session]),
  }));
  answer('/parse', { json: { identity: { traits: { email: 'no address' } } } });
  assert.equal((await signUp(app)).status, 400);
  answer('/parse', { json: { identity: { state: 'asleep' } } });
  assert.equal((await signUp(app)).status, 500);
  const identity = { traits: { email: EMAIL, name: 'Grace' }, metadata_public: { tier: 2 } };
  answer('/parse', { json: { identity } });
  const made = await json<{ identity: JsonObject }>(await signUp(app));
  assert.deepEqual(
    [made.identity['traits'], made.identity['metadata_public']],
    [identity.traits, { tier: 2 }],
  );
});

test('a failure before the end stops the sign-in; one after a sign-up undoes nothing', async (t) => {
  const { app, answer, server } = await start(t, (to) => ({
    login: afterPassword([hook(to, '/in')]),
    registration: afterPassword([session, hook(to, '/up')]),
  }));
  answer('/up', { status: 403 });
  assert.equal((await signUp(app)).status, 502);
  const admin = createAdmin(server);
  const [person] = (await admin.get(`/admin/identities?credentials_identifier=${EMAIL}`)).json<
    readonly JsonObject[]
  >();
  assert.ok(person);
  const sessions = async (): Promise<number> =>
    (await admin.get(`/admin/identities/${String(person['id'])}/sessions`)).json<readonly JsonObject[]>()
      .length;
  const before = await sessions();
  answer('/in', { status: 403 });
  assert.equal((await signIn(app)).status, 502);
  assert.equal(await sessions(), before);
});

test('recovery and verification tell a service when they have passed, and may be stopped before', async (t) => {
  const { flows } = RECOVERY_CONFIG.selfservice;
  const { app, server, sink, answer } = await start(t, (to) => ({
    recovery: { ...flows.recovery, after: { hooks: [hook(to, '/recovery', { body: WHOLE })] } },
    verification: {
      ...flows.verification,
      after: { hooks: [hook(to, '/may', { can_interrupt: true }), hook(to, '/verified', { body: WHOLE })] },
    },
  }));
  await app.signUp(EMAIL);
  app.token = '';
  const passed = async (kind: 'recovery' | 'verification'): Promise<Response> => {
    server.clock.advance(60_000);
    const asked = await json<FlowJson>(
      await app.send(await app.start(kind), { method: 'code', email: EMAIL }),
    );
    return app.send(asked, { method: 'code', code: await sentValue(server, EMAIL, `${kind}_code`) });
  };
  answer('/may', problem('#/'));
  assert.equal((await passed('verification')).status, 400);
  answer('/may', {});
  assert.equal((await passed('verification')).status, 200);
  const told = sink.calls.find(({ path }) => path === '/verified')?.json() as {
    flow: JsonObject;
    identity: JsonObject;
  };
  assert.equal(told.flow['state'], 'passed_challenge');
  const [address] = told.identity['verifiable_addresses'] as readonly JsonObject[];
  assert.equal(address?.['verified'], true);
  await passed('recovery');
  assert.equal(sink.calls.filter(({ path }) => path === '/recovery').length, 1);
});

test('a body may cancel its call, and a program that embeds Bia makes bodies by functions', async (t) => {
  const { app, pathsCalled, sink } = await start(
    t,
    (to) => ({
      registration: afterPassword([
        session,
        hook(to, '/cancelled', { body: jsonnet("function(ctx) error 'cancel'") }),
        hook(to, '/function', { id: 'crm' }),
        hook(to, '/none', { id: 'silent' }),
      ]),
    }),
    {
      additions: {
        hookBodies: {
          crm: (ctx) => ({ members: Object.keys(ctx).length }),
          silent: () => undefined,
        },
      },
    },
  );
  assert.equal((await signUp(app)).status, 200);
  assert.deepEqual(pathsCalled(), ['/function']);
  assert.deepEqual(sink.calls[0]?.json(), { members: 6 });
});

test('a snippet that fails is a fault of the configuration, and the log says which', async (t) => {
  const { app, server } = await start(t, (to) => ({
    login: {
      before: { hooks: [hook(to, '/x', { id: 'broken', body: jsonnet('function(ctx) ctx.nothing') })] },
    },
  }));
  assert.equal((await app.ask('GET', '/self-service/login/api')).status, 500);
  const line = server.logged.find((one) => one.includes('"broken"'));
  assert.match(line ?? '', /field|nothing/i);
});

test('a service in a private network is not called where those are closed off', async (t) => {
  const { app, pathsCalled } = await start(
    t,
    (to) => ({ registration: afterPassword([hook(to, '/may', { can_interrupt: true }), session]) }),
    { config: { clients: { http: { disallow_private_ip_ranges: true } } } },
  );
  assert.equal((await signUp(app)).status, 502);
  assert.deepEqual(pathsCalled(), []);
});

test('calls are signed where a secret is set', async (t) => {
  const { app, sink } = await start(t, (to) => ({
    registration: afterPassword([
      session,
      hook(to, '/up', { signing_secrets: ['a secret that signs calls'] }),
    ]),
  }));
  await signUp(app);
  const { headers } = sink.calls[0] ?? assert.fail();
  assert.match(String(headers['webhook-signature']), /^v1,/);
  assert.match(String(headers['webhook-timestamp']), /^\d+$/);
});

for (const [what, config, reason] of [
  [
    'an ignored answer that may stop the flow',
    { response: { ignore: true }, can_interrupt: true },
    /can_interrupt/,
  ],
  ['an ignored answer that is parsed', { response: { ignore: true, parse: true } }, /response\.parse/],
  ['no address', { url: undefined }, /url/],
  ['a key that is not known', { retries: 3 }, /retries/],
  ['an incomplete proof', { auth: { type: 'api_key', config: { name: 'X-Key', in: 'header' } } }, /auth/],
] as const) {
  test(`${what} is refused at start`, () => {
    const settings = { url: 'http://127.0.0.1/x', method: 'POST', body: SHORT, ...config };
    // As a file has it: what is undefined is not there.
    const hooks = JSON.parse(JSON.stringify([{ hook: 'web_hook', config: settings }]));
    const flags = { selfservice: { flows: { login: { before: { hooks } } } } };
    const load = () => createLoader().load({ files: [], env: {}, base: sharedConfig('memory'), flags });
    assert.throws(load, (error) => {
      const text = JSON.stringify(error);
      assert.match(text, /before\.hooks\.0/);
      return reason.test(text);
    });
  });
}
