// Whoever changes an account at the same moment as somebody else: no change that was answered with success is undone. Each name is a guarantee.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../../src/identity/change/snapshot.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { type FlowJson, json, messageIds } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sentValue } from '../support/outgoing.ts';
import { createPausingHook } from '../support/pausing-hook.ts';
import { EMAIL, type PersonServer, startPersonServer, TRIED_DATABASES } from '../support/person-server.ts';
import { dictatedPin } from '../support/pin/dictated.ts';
import { OTHER_PASSWORD, PASSWORD, startServer } from '../support/server.ts';

const NAMED = { method: 'profile', traits: { email: EMAIL, name: 'Ada' } };

/** A story on each database, with a person who is signed in on two devices. */
function onEach(title: string, story: (server: PersonServer) => Promise<void>): void {
  for (const database of TRIED_DATABASES) {
    test(`${title} [${database}]`, async (t) => story(await startPersonServer(t, database)));
  }
}

async function stored({ bia, id }: PersonServer): Promise<Snapshot> {
  const person = await bia.database.stores.identities.findFull(id);
  assert.ok(person);
  return person;
}

const signsIn = async (server: PersonServer, password: string): Promise<boolean> => {
  const app = createNativeApp(server);
  const flow = await app.start('login');
  return (await app.send(flow, { method: 'password', identifier: EMAIL, password })).status === 200;
};

onEach('an account that is disabled while its owner saves a name stays disabled', async (server) => {
  const flow = await server.app.start('settings');
  const pause = server.hook.pauseNext('settings');
  const saving = server.app.send(flow, NAMED);
  await pause.reached;
  const banned = await server.admin.patch(`/admin/identities/${server.id}`, [
    { op: 'replace', path: '/state', value: 'inactive' },
  ]);
  assert.equal(banned.status, 200);
  pause.goOn();
  assert.equal((await saving).status, 401);
  assert.equal((await stored(server)).state, 'inactive');
  assert.equal(await signsIn(server, PASSWORD), false);
});

onEach('an account that is disabled while its owner changes the password stays disabled', async (server) => {
  const flow = await server.app.start('settings');
  const pause = server.hook.pauseNext('settings');
  const saving = server.app.send(flow, { method: 'password', password: OTHER_PASSWORD });
  await pause.reached;
  await server.admin.patch(`/admin/identities/${server.id}`, [
    { op: 'replace', path: '/state', value: 'inactive' },
  ]);
  pause.goOn();
  assert.equal((await saving).status, 401);
  assert.equal((await stored(server)).state, 'inactive');
});

onEach(
  'a second factor that is added while a name is saved in another tab is kept, and so is the name',
  async (server) => {
    const flow = await server.app.start('settings');
    const pause = server.hook.pauseNext('settings');
    const saving = server.app.send(flow, NAMED);
    await pause.reached;
    const other = await server.otherApp.start('settings');
    const adding = await server.otherApp.send(other, { method: 'pin', pin: dictatedPin(other) });
    assert.equal(adding.status, 200);
    pause.goOn();
    assert.equal((await saving).status, 200);
    const after = await stored(server);
    assert.ok(after.credentials['pin']);
    assert.equal(after.traits['name'], 'Ada');
  },
);

onEach('a password that is changed while a name is saved in another tab stays changed', async (server) => {
  const flow = await server.app.start('settings');
  const pause = server.hook.pauseNext('settings');
  const saving = server.app.send(flow, NAMED);
  await pause.reached;
  const change = { method: 'password', password: OTHER_PASSWORD };
  assert.equal((await server.otherApp.send(await server.otherApp.start('settings'), change)).status, 200);
  pause.goOn();
  const saved = await json<FlowJson>(await saving);
  assert.equal(saved.state, 'success');
  assert.equal((await stored(server)).traits['name'], 'Ada');
  assert.equal(await signsIn(server, OTHER_PASSWORD), true);
  assert.equal(await signsIn(server, PASSWORD), false);
});

onEach(
  'of two who change the same part at once the second is told so, and nothing of theirs is written',
  async (server) => {
    const flow = await server.app.start('settings');
    const pause = server.hook.pauseNext('settings');
    const saving = server.app.send(flow, { method: 'password', password: 'fourteen yellow balloons' });
    await pause.reached;
    const change = { method: 'password', password: OTHER_PASSWORD };
    assert.equal((await server.otherApp.send(await server.otherApp.start('settings'), change)).status, 200);
    pause.goOn();
    assert.deepEqual(messageIds(await json<FlowJson>(await saving, 400)), [4000001]);
    assert.equal(await signsIn(server, OTHER_PASSWORD), true);
    assert.equal(await signsIn(server, 'fourteen yellow balloons'), false);
  },
);

onEach('what an administrator patches while a password is changed is kept', async (server) => {
  const flow = await server.app.start('settings');
  const pause = server.hook.pauseNext('settings');
  const saving = server.app.send(flow, { method: 'password', password: OTHER_PASSWORD });
  await pause.reached;
  const patch = [{ op: 'add', path: '/metadata_public', value: { plan: 'gold' } }];
  assert.equal((await server.admin.patch(`/admin/identities/${server.id}`, patch)).status, 200);
  pause.goOn();
  assert.equal((await saving).status, 200);
  assert.deepEqual((await stored(server)).metadataPublic, { plan: 'gold' });
  assert.equal(await signsIn(server, OTHER_PASSWORD), true);
});

onEach(
  'what an administrator patches while an address is verified, or an account recovered, is kept',
  async (server) => {
    for (const kind of ['verification', 'recovery'] as const) {
      const app = createNativeApp(server);
      const flow = await app.start(kind);
      await json(await app.send(flow, { method: 'code', email: EMAIL }));
      const code = await sentValue(server, EMAIL, `${kind}_code`);
      const pause = server.hook.pauseNext(kind);
      const proving = app.send(flow, { method: 'code', code });
      await pause.reached;
      const patch = [{ op: 'add', path: '/metadata_public', value: { during: kind } }];
      assert.equal((await server.admin.patch(`/admin/identities/${server.id}`, patch)).status, 200);
      pause.goOn();
      assert.ok([200, 422].includes((await proving).status));
      assert.deepEqual((await stored(server)).metadataPublic, { during: kind });
    }
  },
);

onEach('an account that is deleted meanwhile answers 4xx, whatever its owner was doing', async (server) => {
  const app = createNativeApp(server);
  const recovery = await app.start('recovery');
  await json(await app.send(recovery, { method: 'code', email: EMAIL }));
  const recoveryCode = await sentValue(server, EMAIL, 'recovery_code');
  const verification = await app.start('verification');
  await json(await app.send(verification, { method: 'code', email: EMAIL }));
  const verificationCode = await sentValue(server, EMAIL, 'verification_code');
  const settings = await server.app.start('settings');
  const login = await app.start('login');
  const acts = [
    ['settings', () => server.app.send(settings, NAMED)],
    ['login', () => app.send(login, { method: 'password', identifier: EMAIL, password: PASSWORD })],
    ['recovery', () => app.send(recovery, { method: 'code', code: recoveryCode })],
    ['verification', () => app.send(verification, { method: 'code', code: verificationCode })],
  ] as const;
  const pauses = acts.map(([kind]) => server.hook.pauseNext(kind));
  const answers = acts.map(([, act]) => act());
  for (const pause of pauses) await pause.reached;
  assert.equal((await server.admin.delete(`/admin/identities/${server.id}`)).status, 204);
  for (const pause of pauses) pause.goOn();
  for (const [index, answering] of answers.entries()) {
    const answer = await answering;
    const kind = acts[index]?.[0];
    const isProof = kind === 'recovery' || kind === 'verification';
    // What was sent is gone with its person: that is told like a wrong code, or by a flow to start again with.
    assert.ok(
      isProof ? answer.status < 500 : answer.status >= 400 && answer.status < 500,
      `${kind}: ${answer.status}`,
    );
    assert.doesNotMatch(await answer.text(), /passed_challenge|ory_st_/);
  }
});

for (const name of SHARED_DATABASES) {
  test(`a sign-in that renews an old hash does not undo a password change at the same moment [${name}]`, async (t) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const hook = createPausingHook();
    const flows = { login: hook.config['login'] ?? {} };
    const old = await startServer(t, { dsn: fresh.dsn });
    const app = createNativeApp(old);
    await app.signUp(EMAIL);
    // From now on hashes are made with other parameters.
    const server = await startServer(t, {
      dsn: fresh.dsn,
      additions: { hooks: [hook.definition] },
      config: { hashers: { algorithm: 'bcrypt', bcrypt: { cost: 5 } }, selfservice: { flows } },
    });
    const visitor = createNativeApp(server);
    const flow = await visitor.start('login');
    const pause = hook.pauseNext('login');
    const signingIn = visitor.send(flow, { method: 'password', identifier: EMAIL, password: PASSWORD });
    await pause.reached;
    const change = { method: 'password', password: OTHER_PASSWORD };
    assert.equal((await app.send(await app.start('settings'), change)).status, 200);
    pause.goOn();
    assert.deepEqual(messageIds(await json<FlowJson>(await signingIn, 400)), [4000006]);
    await createNativeApp(server).signIn(EMAIL, { password: OTHER_PASSWORD });
    const again = createNativeApp(server);
    const wrong = { method: 'password', identifier: EMAIL, password: PASSWORD };
    assert.equal((await again.send(await again.start('login'), wrong)).status, 400);
  });
}
