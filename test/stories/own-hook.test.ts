// Somebody adds a hook: every phase, every answer, every flow. A hook is one value; here it says what the test wants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow, FlowKind } from '../../src/flow/flow.ts';
import type {
  HookContext,
  HookDefinition,
  HookDeps,
  HookHandlers,
  InitContext,
} from '../../src/flow/hook/contract.ts';
import type { Effect } from '../../src/flow/method/outcome.ts';
import { ApiError } from '../../src/protocol/api-error.ts';
import type { Message } from '../../src/protocol/message.ts';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { type FlowJson, type IdentityJson, json, messageIds, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { RECOVERY_CONFIG, sentValue } from '../support/outgoing.ts';
import { PASSWORD, startServer, type TestScope, type TestServer } from '../support/server.ts';

const EMAIL = 'ada@example.org';
const KINDS = ['login', 'registration', 'settings', 'recovery', 'verification'] as const;
const ACTS_ON_ACCOUNT = ['login', 'settings', 'recovery', 'verification'] as const;

const NO: Message = { id: 4999001, text: 'The hook says no.', type: 'error' };
const TEAPOT = new ApiError({ status: 418, id: 'teapot', reason: 'The hook is a teapot.' });

interface Hooked {
  readonly server: TestServer;
  /** What the hook does from now on. */
  readonly say: (handlers: HookHandlers) => void;
  readonly deps: () => HookDeps;
}

async function startHooked(t: TestScope): Promise<Hooked> {
  let handlers: HookHandlers = {};
  let given: HookDeps | undefined;
  const tell: HookDefinition<unknown> = {
    name: 'tell',
    flows: KINDS,
    create: (_config, deps) => {
      given = deps;
      return {
        init: async (context) => (await handlers.init?.(context)) ?? { kind: 'pass' },
        before: async (context) => (await handlers.before?.(context)) ?? { kind: 'pass' },
        inTransaction: async (context) => handlers.inTransaction?.(context),
        after: async (context) => handlers.after?.(context),
      };
    },
  };
  const hooks = { hooks: [{ hook: 'tell' }] };
  const { flows } = RECOVERY_CONFIG.selfservice;
  const server = await startServer(t, {
    isOnDisk: true,
    additions: { hooks: [tell] },
    config: {
      feature_flags: { use_continue_with_transitions: true },
      selfservice: {
        ...RECOVERY_CONFIG.selfservice,
        flows: {
          login: { before: hooks, after: hooks },
          registration: {
            before: hooks,
            after: { password: { hooks: [{ hook: 'session' }, { hook: 'tell' }] } },
          },
          settings: { before: hooks, after: hooks },
          recovery: { ...flows.recovery, before: hooks, after: hooks },
          verification: { enabled: true, before: hooks, after: hooks },
        },
      },
    },
  });
  return {
    server,
    say: (next) => {
      handlers = next;
    },
    deps: () => {
      assert.ok(given);
      return given;
    },
  };
}

/** Does what ends a flow of this kind; hooks run with the last answer. */
async function act(server: TestServer, kind: FlowKind, app: NativeApp): Promise<Response> {
  const flow = await app.start(kind);
  server.clock.advance(1_000);
  switch (kind) {
    case 'login':
      return app.send(flow, { method: 'password', identifier: EMAIL, password: PASSWORD });
    case 'registration':
      return app.send(flow, { method: 'password', password: PASSWORD, traits: { email: EMAIL } });
    case 'settings':
      return app.send(flow, { method: 'profile', traits: { email: EMAIL, name: 'Ada' } });
    case 'recovery': {
      const asked = await json<FlowJson>(await app.send(flow, { method: 'code', email: EMAIL }));
      return app.send(asked, { method: 'code', code: await sentValue(server, EMAIL, 'recovery_code') });
    }
    case 'verification': {
      const asked = await json<FlowJson>(await app.send(flow, { method: 'code', email: EMAIL }));
      const code = await sentValue(server, EMAIL, 'verification_code');
      return app.send(asked, { method: 'code', code });
    }
    default:
      return kind satisfies never;
  }
}

/** Somebody whose account is there where the flow needs one, and who is signed in for settings alone. */
async function actor({ server, say }: Hooked, kind: FlowKind): Promise<NativeApp> {
  say({});
  const app = createNativeApp(server);
  if (kind !== 'registration') await app.signUp(EMAIL);
  if (kind !== 'settings') app.token = '';
  // Later than the message of the sign-up.
  server.clock.advance(1_000);
  return app;
}

async function stored(server: TestServer): Promise<IdentityJson & { readonly metadata_public: unknown }> {
  const [person] = (await createAdmin(server).get('/admin/identities')).json<
    readonly (IdentityJson & { readonly metadata_public: unknown })[]
  >();
  assert.ok(person, 'there is somebody');
  return person;
}

/** A write that a test can see: one more message to somebody who gets none otherwise. */
const leaveTrace = (server: TestServer): { effect: Effect; wasLeft: () => Promise<boolean> } => {
  const id = `trace-${Math.random()}`;
  return {
    effect: async (stores) => {
      await stores.events.append({ kind: 'login.refused', atMs: 1, reason: id });
      return true;
    },
    wasLeft: () => {
      const rows = server.rows('select body from security_events');
      return Promise.resolve(rows.some(({ body }) => String(body).includes(id)));
    },
  };
};

const countOf = (server: TestServer, event: string): number =>
  server.rows('select kind from security_events').filter((row) => row['kind'] === event).length;

for (const kind of KINDS) {
  test(`init of a ${kind} flow: a pass, a veto, a refusal and a throw are honoured`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    const heard: InitContext[] = [];
    const start = (): Promise<Response> => app.ask('GET', `/self-service/${kind}/api`);
    hooked.say({
      init: async (context) => {
        heard.push(context);
        return { kind: 'pass' };
      },
    });
    assert.equal((await start()).status, 200);
    assert.deepEqual(
      heard.map((context) => [context.kind, context.person !== undefined]),
      [[kind, kind === 'settings']],
    );
    const trace = leaveTrace(hooked.server);
    for (const [init, status] of [
      [async () => ({ kind: 'veto', problems: [{ message: NO }] }) as const, 400],
      [async () => ({ kind: 'refuse', error: TEAPOT, effects: [trace.effect] }) as const, 418],
      [() => Promise.reject(TEAPOT), 418],
    ] as const) {
      let flow: Flow | undefined;
      hooked.say({
        init: (context) => {
          flow = context.flow;
          return init();
        },
      });
      assert.equal((await start()).status, status);
      assert.ok(flow);
      const { flows } = hooked.server.bia.database.stores;
      assert.equal(await flows.find(kind, flow.id), undefined, 'no flow was made');
    }
    assert.ok(await trace.wasLeft(), 'what was begun instead is stored');
  });

  test(`before the end of a ${kind} flow: what the hook knows, and its write with a pass`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    const heard: HookContext[] = [];
    const [before, together] = [leaveTrace(hooked.server), leaveTrace(hooked.server)];
    hooked.say({
      before: async (context) => {
        heard.push(context);
        return { kind: 'pass', effect: before.effect };
      },
      inTransaction: async (context) => {
        heard.push(context);
        return together.effect;
      },
      after: async (context) => {
        heard.push(context);
        return {};
      },
    });
    assert.equal((await act(hooked.server, kind, app)).status, 200);
    assert.equal(heard.length, 3);
    const method = { settings: 'profile', recovery: 'code', verification: 'code' } as const;
    for (const context of heard) {
      assert.equal(context.kind, kind);
      assert.equal(context.method, kind === 'login' || kind === 'registration' ? 'password' : method[kind]);
      assert.equal(context.identity.traits['email'], EMAIL);
      assert.equal(typeof context.request.url, 'string');
      assert.deepEqual(context.request.cookies, {});
    }
    assert.ok((await before.wasLeft()) && (await together.wasLeft()));
    assert.equal(typeof hooked.deps().outbound.request, 'function');
  });

  test(`before the end of a ${kind} flow: a veto is shown, a refusal answered, a throw too, and nothing happens`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    const trace = leaveTrace(hooked.server);
    const lost = leaveTrace(hooked.server);
    const happened = (): number => countOf(hooked.server, `${kind}.succeeded`);
    const earlier = happened();
    hooked.say({ before: async () => ({ kind: 'veto', problems: [{ message: NO }] }) });
    const vetoed = await json<FlowJson>(await act(hooked.server, kind, app), 400);
    assert.deepEqual(messageIds(vetoed), [NO.id]);
    hooked.say({
      before: async () => ({ kind: 'refuse', error: TEAPOT, effects: [trace.effect] }),
      inTransaction: async () => lost.effect,
    });
    assert.equal((await act(hooked.server, kind, app)).status, 418);
    hooked.say({ before: () => Promise.reject(TEAPOT), inTransaction: async () => lost.effect });
    assert.equal((await act(hooked.server, kind, app)).status, 418);
    assert.ok(await trace.wasLeft(), 'what was begun instead is stored');
    assert.equal(await lost.wasLeft(), false);
    assert.equal(happened(), earlier);
  });

  test(`before the end of a ${kind} flow: it can be put off, and the client is told what to do`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    const trace = leaveTrace(hooked.server);
    hooked.say({
      before: async () => ({
        kind: 'postpone',
        effects: [trace.effect],
        continueWith: [{ action: 'show_settings_ui', flow: { id: 'elsewhere' } }],
        goTo: 'http://app.example.org/later',
      }),
    });
    const postponed = await json<FlowJson>(await act(hooked.server, kind, app));
    assert.deepEqual(postponed.continue_with, [{ action: 'show_settings_ui', flow: { id: 'elsewhere' } }]);
    assert.ok(await trace.wasLeft());
  });

  test(`after a ${kind} flow: what was done stays done, whatever the hook does`, async (t) => {
    for (const [fails, status] of [
      [TEAPOT, 418],
      [new Error('a mistake of its author'), 200],
    ] as const) {
      const hooked = await startHooked(t);
      const app = await actor(hooked, kind);
      hooked.say({ after: () => Promise.reject(fails) });
      assert.equal((await act(hooked.server, kind, app)).status, status);
      assert.ok(countOf(hooked.server, `${kind}.succeeded`) > 0);
    }
  });
}

test('a refusal after a sign-in in a browser is shown on the error page, and the browser keeps its session', async (t) => {
  const hooked = await startHooked(t);
  await actor(hooked, 'login');
  hooked.say({ after: () => Promise.reject(TEAPOT) });
  const browser = createBrowser(hooked.server);
  await browser.open('/self-service/login/browser');
  browser.fill({ identifier: EMAIL, password: PASSWORD });
  await browser.press('password');
  assert.match(browser.at(), /\/error\?id=/);
  assert.ok(await browser.isSignedIn());
});

for (const kind of ['login', 'registration', 'settings'] as const) {
  test(`what a hook makes of a person counts, once it fits the schema [${kind}]`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    hooked.say({ before: async () => ({ kind: 'pass', changes: { traits: { email: 'no address' } } }) });
    const refused = await json<FlowJson>(await act(hooked.server, kind, app), 400);
    const shown = nodeNamed(refused, 'traits.email')?.messages ?? [];
    assert.ok(shown.length > 0, 'the problem stands at the node of the trait');
    const verified = [{ via: 'email', value: EMAIL, verified: true }] as const;
    hooked.say({
      before: async ({ identity }) => ({
        kind: 'pass',
        changes: {
          traits: { ...identity.traits, name: 'By hook' },
          metadataPublic: { tier: 'gold' },
          verifiableAddresses: verified,
        },
      }),
    });
    assert.equal((await act(hooked.server, kind, app)).status, 200);
    const person = await stored(hooked.server);
    assert.equal(person.traits['name'], 'By hook');
    assert.deepEqual(person.metadata_public, { tier: 'gold' });
    const [address] = (person as unknown as { verifiable_addresses: { verified: boolean }[] })
      .verifiable_addresses; // of the JSON of an identity
    assert.equal(address?.verified, true);
  });
}

for (const kind of ['recovery', 'verification'] as const) {
  test(`in ${kind} a hook changes nobody`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    hooked.say({ before: async () => ({ kind: 'pass', changes: { metadataPublic: { tier: 'gold' } } }) });
    assert.equal((await act(hooked.server, kind, app)).status, 200);
    assert.equal((await stored(hooked.server)).metadata_public, null);
  });
}

test('hooks run in the order of the configuration, and each sees what the one before has changed', async (t) => {
  const heard: string[] = [];
  const hook = (name: string): HookDefinition<unknown> => ({
    name,
    flows: ['registration'],
    create: () => ({
      before: async ({ identity }) => {
        heard.push(`${name}: ${identity.traits['name'] ?? ''}`);
        return { kind: 'pass', changes: { traits: { ...identity.traits, name } } };
      },
    }),
  });
  const server = await startServer(t, {
    additions: { hooks: [hook('one'), hook('two'), hook('other')] },
    config: {
      selfservice: {
        flows: {
          registration: {
            after: {
              hooks: [{ hook: 'other' }],
              password: { hooks: [{ hook: 'session' }, { hook: 'two' }, { hook: 'one' }] },
            },
          },
        },
      },
    },
  });
  await createNativeApp(server).signUp(EMAIL);
  assert.deepEqual(heard, ['two: ', 'one: two']);
});

for (const kind of ACTS_ON_ACCOUNT) {
  test(`no transaction is open while a hook of a ${kind} flow takes its time`, async (t) => {
    const hooked = await startHooked(t);
    const app = await actor(hooked, kind);
    // A write from elsewhere would wait for an open transaction, and that one for the hook.
    const write = async (): Promise<undefined> => {
      await createAdmin(hooked.server).create(`${Math.random()}@example.org`);
    };
    hooked.say({
      before: async () => (await write()) ?? { kind: 'pass' },
      inTransaction: write,
      after: write,
    });
    assert.equal((await act(hooked.server, kind, app)).status, 200);
  });
}
