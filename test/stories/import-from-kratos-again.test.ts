// An import from Kratos that is repeated: it brings what changed meanwhile, keeps what is newer here, and survives being killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createWorkplace } from '../cli/program.ts';
import { freshDatabase, runRaw, SHARED_DATABASES } from '../support/databases.ts';
import { json, type SessionJson } from '../support/flow-json.ts';
import { createKratosDatabase } from '../support/kratos-database.ts';
import { moveFromKratos } from '../support/kratos-move.ts';
import { addPerson, addRecoveryCode, addSession } from '../support/kratos-people.ts';
import { sharedConfig, type TestServer } from '../support/server.ts';

const SECRET = 'a secret that only tests have';
const UNCHANGED = { new: 0, changed: 0, removed: 0, kept: 0, failed: 0 };

const whoami = (server: TestServer, token: string): Promise<Response> =>
  server.ask('GET', '/sessions/whoami', { headers: { 'x-session-token': token } });

for (const target of SHARED_DATABASES) {
  test(`run again it changes nothing [${target}]`, async (t) => {
    const { kratos, bring, to } = await moveFromKratos(t, { target });
    for (const name of ['ada', 'bob', 'carol', 'dave', 'eve']) {
      const person = await addPerson(kratos, `${name}@example.org`, {
        metadataPublic: { b: 1, a: [2, { d: 1, c: 2 }] },
        credentials: {
          code: { config: { addresses: [{ channel: 'email', address: `${name}@example.org` }] } },
        },
      });
      await addSession(kratos, person.id);
      await addRecoveryCode(kratos, person, { value: '123456', secret: SECRET });
    }
    await bring();
    const everything = async () => {
      const tables = [
        'identities',
        'identity_credentials',
        'identity_addresses',
        'sessions',
        'flows',
        'one_time_secrets',
      ];
      return Promise.all(tables.map((table) => runRaw(to, `select * from ${table} order by 1, 2`)));
    };
    const before = await everything();
    const { counts } = await bring();
    assert.deepEqual(counts, {
      identity: { ...UNCHANGED, unchanged: 5 },
      session: { ...UNCHANGED, unchanged: 5 },
      flow: { ...UNCHANGED, unchanged: 5 },
    });
    assert.deepEqual(await everything(), before);
  });

  test(`run again it brings what changed, and takes away what went [${target}]`, async (t) => {
    const { kratos, bring, serve } = await moveFromKratos(t, { target });
    const ada = await addPerson(kratos, 'ada@example.org');
    const bob = await addPerson(kratos, 'bob@example.org');
    const stays = await addSession(kratos, ada.id);
    const ends = await addSession(kratos, ada.id);
    const goes = await addSession(kratos, bob.id);
    const code = await addRecoveryCode(kratos, ada, { value: '123456', secret: SECRET });
    await bring();
    // An address moves from Bob, who is gone, to Ada; and a new person comes.
    for (const table of [
      'sessions',
      'identity_verifiable_addresses',
      'identity_recovery_addresses',
      'identity_credentials',
      'identity_credential_identifiers',
    ])
      await kratos.run(`delete from ${table} where identity_id = '${bob.id}'`);
    await kratos.run(`delete from identities where id = '${bob.id}'`);
    await kratos.run(
      `update identity_verifiable_addresses set value = 'bob@example.org' where identity_id = '${ada.id}'`,
    );
    await kratos.run(`update identities set traits = '{"email":"bob@example.org"}' where id = '${ada.id}'`);
    await kratos.run(`update sessions set active = 0 where id = '${ends.id}'`);
    await kratos.run(
      `update sessions set aal = 'aal1', expires_at = '2032-05-06 07:08:09' where id = '${stays.id}'`,
    );
    await kratos.run(`update identity_recovery_codes set used_at = '2029-12-31 00:00:00'`);
    const carol = await addPerson(kratos, 'carol@example.org');
    const { counts } = await bring();
    assert.deepEqual(counts.identity, { ...UNCHANGED, new: 1, changed: 1, removed: 1, unchanged: 0 });
    assert.deepEqual([counts.session.removed, counts.session.changed, counts.flow.removed], [2, 1, 1]);
    const server = await serve();
    assert.equal((await server.askAdmin('GET', `/admin/identities/${bob.id}`)).status, 404);
    assert.equal((await server.askAdmin('GET', `/admin/identities/${carol.id}`)).status, 200);
    const who = await json<SessionJson>(await whoami(server, stays.token));
    assert.equal(who.identity.traits['email'], 'bob@example.org');
    assert.match(String(who.expires_at), /^2032-05-06T07:08:09/);
    for (const { token } of [ends, goes]) assert.equal((await whoami(server, token)).status, 401);
    const used = await server.ask('POST', `/self-service/recovery?flow=${code}`, {
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'code', code: '123456' }),
    });
    assert.doesNotMatch(await used.text(), /passed_challenge|session_token/);
  });
}

test('addresses that two people exchanged arrive all the same', async (t) => {
  const { kratos, bring, problems } = await moveFromKratos(t);
  const ada = await addPerson(kratos, 'ada@example.org');
  await bring();
  // The address belongs to somebody with a smaller id now, who comes first.
  await kratos.run(
    `update identity_verifiable_addresses set value = 'ada2@example.org' where identity_id = '${ada.id}'`,
  );
  await kratos.run(
    `update identity_recovery_addresses set value = 'ada2@example.org' where identity_id = '${ada.id}'`,
  );
  await kratos.run(
    `update identity_credential_identifiers set identifier = 'ada2@example.org' where identity_id = '${ada.id}'`,
  );
  await addPerson(kratos, 'ada@example.org', { id: '00000000-0000-4000-8000-000000000001' });
  const { counts } = await bring();
  assert.deepEqual([counts.identity.new, counts.identity.changed, counts.identity.failed], [1, 1, 0]);
  assert.deepEqual(problems, []);
});

test('what was changed here since is kept, and told where Kratos changed it too', async (t) => {
  const { kratos, bring, serve, problems } = await moveFromKratos(t);
  const ada = await addPerson(kratos, 'ada@example.org');
  const bob = await addPerson(kratos, 'bob@example.org');
  const session = await addSession(kratos, ada.id);
  const ended = await addSession(kratos, bob.id);
  await bring();
  const server = await serve();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify([{ op: 'add', path: '/metadata_public', value: { changed: 'here' } }]);
  for (const { id } of [ada, bob])
    await server.askAdmin('PATCH', `/admin/identities/${id}`, { headers, body });
  await server.askAdmin('DELETE', `/admin/sessions/${ended.id}`);
  await kratos.run(
    `update identities set traits = '{"email":"ada@example.org","name":"Ada"}' where id = '${ada.id}'`,
  );
  const { counts } = await bring();
  assert.deepEqual([counts.identity.kept, counts.identity.unchanged], [1, 1]);
  assert.deepEqual(
    problems.map(({ id }) => id),
    [ada.id],
  );
  const found = await json<SessionJson>(await whoami(server, session.token));
  assert.equal(found.identity.traits['name'], undefined);
  assert.equal((await whoami(server, ended.token)).status, 401);
  // Deleted here is deleted: it does not come back.
  await server.askAdmin('DELETE', `/admin/identities/${bob.id}`);
  await bring();
  assert.equal((await server.askAdmin('GET', `/admin/identities/${bob.id}`)).status, 404);
});

test('an identity that somebody here holds the address of is told, and nothing is taken from them', async (t) => {
  const { kratos, bring, serve, problems } = await moveFromKratos(t);
  const server = await serve();
  const created = await server.askAdmin('POST', '/admin/identities', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema_id: 'person', traits: { email: 'ada@example.org' } }),
  });
  const { id: own } = (await created.json()) as { readonly id: string }; // the identity that was made
  const other = await addPerson(kratos, 'ada@example.org');
  const fine = await addPerson(kratos, 'bob@example.org');
  const { counts } = await bring();
  assert.deepEqual([counts.identity.new, counts.identity.failed], [1, 1]);
  assert.deepEqual(
    problems.map(({ id }) => id),
    [other.id],
  );
  for (const id of [own, fine.id])
    assert.equal((await server.askAdmin('GET', `/admin/identities/${id}`)).status, 200);
});

const PEOPLE = 600;
const KILLS = 4;

for (const target of SHARED_DATABASES) {
  test(`killed at any moment it completes when it is run again [${target}]`, async (t) => {
    const kratos = await createKratosDatabase('sqlite');
    t.after(() => kratos.remove());
    await kratos.run('begin');
    for (let i = 0; i < PEOPLE; i += 1) {
      const { id } = await addPerson(kratos, `person-${i}@example.org`);
      await addSession(kratos, id);
    }
    await kratos.run('commit');
    const fresh = await freshDatabase(target);
    t.after(fresh.remove);
    const workplace = createWorkplace();
    t.after(() => workplace.remove());
    const file = workplace.write('kratos.json', { ...sharedConfig(kratos.dsn), log: { level: 'error' } });
    const words = ['import', 'kratos', '--config', file, '--to', fresh.dsn, '--dev', '--batch-size', '5'];
    const totals = async () => {
      const rows = await Promise.all(
        ['identities', 'sessions', 'imported_records'].map((table) =>
          runRaw(fresh.dsn, `select count(*) as total from ${table}`).catch(() => [{ total: 0 }]),
        ),
      );
      return rows.map(([row]) => Number(row?.['total']));
    };
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await totals();
      const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: 'ignore' });
      const exited = once(child, 'exit');
      // Until it has written a little more, and then a moment that differs each time.
      while (child.exitCode === null && (await totals())[0] === before[0]) await wait(5);
      await wait(kill * 7);
      child.kill('SIGKILL');
      await exited;
      const [people = 0, sessions = 0, records = 0] = await totals();
      assert.equal(records, people + sessions, 'a record for each that was stored, and for no other');
      if (people < PEOPLE || sessions < PEOPLE) interrupted += 1;
    }
    assert.ok(interrupted > 0, 'every run was through before it was killed');
    const last = await workplace.bia(words);
    assert.equal(last.code, 0, last.err);
    assert.deepEqual(await totals(), [PEOPLE, PEOPLE, 2 * PEOPLE]);
  });
}

const PROGRAM = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
