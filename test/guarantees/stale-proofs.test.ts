// A code, a link or a password proves something only while what it stands for is still so. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { messagesTo, sentValue } from '../support/outgoing.ts';
import { EMAIL, type PersonServer, startPersonServer, TRIED_DATABASES } from '../support/person-server.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';

const NEW = 'countess@example.org';
const WRONG_RECOVERY_CODE = 4060006;
const WRONG_VERIFICATION_CODE = 4070006;
const WRONG_LOGIN_CODE = 4010008;
const WRONG_CREDENTIALS = 4000006;

function onEach(title: string, story: (server: PersonServer) => Promise<void>, config = {}): void {
  for (const database of TRIED_DATABASES) {
    test(`${title} [${database}]`, async (t) => story(await startPersonServer(t, database, { config })));
  }
}

interface Sent {
  readonly app: NativeApp;
  readonly flow: FlowJson;
  readonly code: string;
}

/** Somebody asks for a code, which is on its way then. */
async function ask(
  server: PersonServer,
  kind: 'recovery' | 'verification' | 'login',
  address = EMAIL,
): Promise<Sent> {
  server.clock.advance(1_000);
  const app = createNativeApp(server);
  const flow = await app.start(kind);
  const named = kind === 'login' ? { identifier: address } : { email: address };
  await json(await app.send(flow, { method: 'code', ...named }), kind === 'login' ? 400 : 200);
  return { app, flow, code: await sentValue(server, address, `${kind}_code`) };
}

const prove = ({ app, flow, code }: Sent, more = {}): Promise<Response> =>
  app.send(flow, { method: 'code', code, ...more });

async function assertWrong(sent: Sent, kind: 'recovery' | 'verification' | 'login'): Promise<void> {
  const answer = await prove(sent, kind === 'login' ? { identifier: EMAIL } : {});
  const id = {
    recovery: WRONG_RECOVERY_CODE,
    verification: WRONG_VERIFICATION_CODE,
    login: WRONG_LOGIN_CODE,
  }[kind];
  assert.deepEqual(messageIds(await json<FlowJson>(answer, kind === 'login' ? 400 : 200)), [id]);
}

const change = async (app: NativeApp, body: object): Promise<FlowJson> =>
  json(await app.send(await app.start('settings'), body));
const setPassword = (app: NativeApp) => change(app, { method: 'password', password: OTHER_PASSWORD });
const moveTo = (app: NativeApp, email: string) => change(app, { method: 'profile', traits: { email } });

const ENDS: Readonly<Record<string, (server: PersonServer) => Promise<unknown>>> = {
  'its address was replaced': ({ app }) => moveTo(app, NEW),
  'its address was given to somebody else': async ({ app, admin }) => {
    await moveTo(app, NEW);
    await admin.create(EMAIL);
  },
  'the password was changed': ({ app }) => setPassword(app),
  'an administrator set another password': ({ admin, id }) =>
    admin.put(`/admin/identities/${id}`, {
      schema_id: 'person',
      state: 'active',
      traits: { email: EMAIL },
      credentials: { password: { config: { password: OTHER_PASSWORD } } },
    }),
  'all other sessions were ended': ({ app }) => app.ask('DELETE', '/sessions'),
  'an administrator ended all sessions': ({ admin, id }) => admin.delete(`/admin/identities/${id}/sessions`),
  'the account was disabled and enabled again': async ({ admin, id }) => {
    for (const value of ['inactive', 'active']) {
      await admin.patch(`/admin/identities/${id}`, [{ op: 'replace', path: '/state', value }]);
    }
  },
};

for (const [why, happen] of Object.entries(ENDS)) {
  onEach(`a recovery code is worth nothing after ${why}`, async (server) => {
    const sent = await ask(server, 'recovery');
    await happen(server);
    await assertWrong(sent, 'recovery');
  });

  onEach(`a sign-in code is worth nothing after ${why}`, async (server) => {
    const sent = await ask(server, 'login');
    await happen(server);
    const answer = await prove(sent, { identifier: EMAIL });
    assert.equal(answer.status, 400);
    assert.doesNotMatch(await answer.text(), /ory_st_/);
  });

  onEach(`a recovery code in flight is worth nothing after ${why}`, async (server) => {
    const sent = await ask(server, 'recovery');
    const pause = server.hook.pauseNext('recovery');
    const proving = prove(sent);
    await pause.reached;
    await happen(server);
    pause.goOn();
    assert.doesNotMatch(await (await proving).text(), /ory_st_|passed_challenge|show_settings_ui/);
    const sessions = await server.bia.database.stores.sessions.list({ limit: 50 }, server.clock.nowMs());
    assert.ok(sessions.every(({ session }) => session.authMethods[0]?.method === 'password'));
  });
}

onEach('one recovery ends all other recovery codes of the account', async (server) => {
  const [first, second] = [await ask(server, 'recovery'), await ask(server, 'recovery')];
  assert.equal((await prove(second)).status, 422);
  await assertWrong(first, 'recovery');
});

onEach('a recovery code that an administrator made ends with a new password', async (server) => {
  const made = await server.admin.post('/admin/recovery/code', { identity_id: server.id });
  const { recovery_code: code, recovery_link: link } = made.json<{
    recovery_code: string;
    recovery_link: string;
  }>();
  await setPassword(server.app);
  const app = createNativeApp(server);
  const flow = new URL(link).searchParams.get('flow');
  const answer = await app.ask('POST', `/self-service/recovery?flow=${flow}`, { method: 'code', code });
  assert.deepEqual(messageIds(await json<FlowJson>(answer)), [WRONG_RECOVERY_CODE]);
});

onEach('a verification code of an address that was replaced is a wrong one', async (server) => {
  const sent = await ask(server, 'verification');
  await moveTo(server.app, NEW);
  await assertWrong(sent, 'verification');
});

onEach('a verification code in flight whose address is replaced is a wrong one', async (server) => {
  const sent = await ask(server, 'verification');
  const pause = server.hook.pauseNext('verification');
  const proving = prove(sent);
  await pause.reached;
  await moveTo(server.app, NEW);
  pause.goOn();
  assert.doesNotMatch(await (await proving).text(), /passed_challenge/);
});

onEach(
  'a sign-in with the old password that is in flight during the change gets no session',
  async (server) => {
    const app = createNativeApp(server);
    const flow = await app.start('login');
    const pause = server.hook.pauseNext('login');
    const signingIn = app.send(flow, { method: 'password', identifier: EMAIL, password: PASSWORD });
    await pause.reached;
    await setPassword(server.app);
    assert.equal((await server.app.ask('DELETE', '/sessions')).status, 200);
    pause.goOn();
    assert.deepEqual(messageIds(await json<FlowJson>(await signingIn, 400)), [WRONG_CREDENTIALS]);
    const { sessions } = server.bia.database.stores;
    const active = await sessions.count({ identityId: server.id, active: true }, server.clock.nowMs());
    assert.equal(active, 1);
  },
);

onEach(
  'a refresh in flight during the end of its session does not bring the session back',
  async (server) => {
    const flow = await server.otherApp.start('login', '?refresh=true');
    const pause = server.hook.pauseNext('login');
    const refreshing = server.otherApp.send(flow, {
      method: 'password',
      identifier: EMAIL,
      password: PASSWORD,
    });
    await pause.reached;
    await server.app.ask('DELETE', '/sessions');
    pause.goOn();
    assert.equal((await refreshing).status, 401);
    assert.equal((await server.otherApp.ask('GET', '/sessions/whoami')).status, 401);
  },
);

onEach('settings in flight during the end of their session change nothing', async (server) => {
  const flow = await server.otherApp.start('settings');
  const pause = server.hook.pauseNext('settings');
  const saving = server.otherApp.send(flow, { method: 'password', password: OTHER_PASSWORD });
  await pause.reached;
  await server.app.ask('DELETE', '/sessions');
  pause.goOn();
  assert.equal((await saving).status, 401);
  await createNativeApp(server).signIn(EMAIL, { password: PASSWORD });
});

for (const database of TRIED_DATABASES) {
  test(`of two pending changes of an address only the later one can be confirmed [${database}]`, async (t) => {
    const hooks = [{ hook: 'verify_new_address' }];
    const config = { selfservice: { flows: { settings: { after: { profile: { hooks } } } } } };
    const server = await startPersonServer(t, database, { flows: config.selfservice.flows });
    const [first, second] = ['first@example.org', 'second@example.org'];
    for (const address of [first, second]) {
      await moveTo(server.app, address);
      server.clock.advance(1_000);
    }
    const confirm = async (address: string): Promise<FlowJson> => {
      const url = new URL(await sentValue(server, address, 'verification_url'));
      const code = await sentValue(server, address, 'verification_code');
      const app = createNativeApp(server);
      return json(
        await app.ask('POST', url.pathname + url.search.replace(/code=[^&]*&/, ''), { method: 'code', code }),
      );
    };
    assert.deepEqual(messageIds(await confirm(first)), [WRONG_VERIFICATION_CODE]);
    assert.equal((await server.app.whoami()).identity.traits['email'], EMAIL);
    // Asking again in the flow of the first change sends nothing: nobody waits for that address any more.
    const url = new URL(await sentValue(server, first, 'verification_url'));
    const sentBefore = (await messagesTo(server, first, 'verification_code_valid')).length;
    const flowId = url.searchParams.get('flow');
    await server.app.ask('POST', `/self-service/verification?flow=${flowId}`, {
      method: 'code',
      email: first,
    });
    assert.equal((await messagesTo(server, first, 'verification_code_valid')).length, sentBefore);
    assert.equal((await confirm(second)).state, 'passed_challenge');
    assert.equal((await server.app.whoami()).identity.traits['email'], second);
  });
}
