import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { createWorkplace, type Ended, freePort, type RunningProgram, writeConfig } from './program.ts';

const workplace = createWorkplace();
let server: RunningProgram;
let publicUrl: string;
let env: Readonly<Record<string, string>>;

before(async () => {
  const config = await writeConfig(workplace);
  server = await workplace.serve(['-c', config.file]);
  publicUrl = config.publicUrl;
  env = { BIA_ADMIN_URL: config.adminUrl };
});
after(async () => {
  await server.stop();
  workplace.remove();
});

const bia = (words: readonly string[], input = ''): Promise<Ended> => workplace.bia(words, { env, input });

async function json(words: readonly string[], input = '') {
  const { code, out, err } = await bia([...words, '--format', 'json'], input);
  assert.equal(code, 0, err);
  return JSON.parse(out);
}

const person = (email: string, password?: string) => ({
  schema_id: 'person',
  traits: { email },
  ...(password ? { credentials: { password: { config: { password } } } } : {}),
});

/** Signs in as a native app and answers the session. */
async function signIn(
  identifier: string,
  password: string,
): Promise<{ readonly id: string; readonly token: string }> {
  const flow = JSON.parse(await (await fetch(`${publicUrl}/self-service/login/api`)).text());
  const answer = await fetch(flow.ui.action, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ method: 'password', identifier, password }),
  });
  assert.equal(answer.status, 200);
  const { session, session_token } = JSON.parse(await answer.text());
  return { id: session.id, token: session_token };
}

const whoami = async (token: string): Promise<number> =>
  (await fetch(`${publicUrl}/sessions/whoami`, { headers: { 'X-Session-Token': token } })).status;

describe('bia identities', () => {
  it('are created from traits, shown, listed and deleted', async () => {
    const created = await bia([
      'identities',
      'create',
      '--trait',
      'email=ada@example.org',
      '--trait',
      'age:=36',
      '-q',
    ]);
    assert.equal(created.code, 0, created.err);
    const id = created.out.trim();
    assert.deepEqual((await json(['identities', 'get', id])).traits, { email: 'ada@example.org', age: 36 });
    const table = await bia(['get', 'identity', id]);
    assert.match(table.out, new RegExp(`^ID\\t${id}\\nEXTERNAL ID\\t<none>\\n`));
    assert.match(table.out, /RECOVERY ADDRESSES\tada@example\.org\n/);
    assert.match(table.out, /STATE\tactive\nTRAITS\t\{"email":"ada@example\.org","age":36\}\n$/);
    const list = await json(['list', 'identities']);
    assert.ok(list.identities.some((one: { readonly id: string }) => one.id === id));
    const unasked = await bia(['identities', 'delete', id]);
    assert.equal(unasked.code, 1);
    assert.match(unasked.err, /add --yes/);
    assert.equal((await bia(['identities', 'delete', id, '-q', '--yes'])).out, `${id}\n`);
    const gone = await bia(['identities', 'get', id]);
    assert.deepEqual(gone, {
      code: 1,
      out: '',
      err: `bia: there is no identity ${id}\n     list them with: bia identities list\n`,
    });
  });

  it('come in pages that lead on to each other', async () => {
    const emails = ['p1@example.org', 'p2@example.org', 'p3@example.org'];
    await json(['identities', 'create'], JSON.stringify(emails.map((email) => person(email))));
    const all = await json(['identities', 'list', '--all', '--page-size', '1']);
    const first = await json(['identities', 'list', '--page-size', '1']);
    const second = await json([
      'identities',
      'list',
      '--page-size',
      '1',
      '--page-token',
      first.next_page_token,
    ]);
    assert.equal(first.identities.length, 1);
    assert.notEqual(second.identities[0].id, first.identities[0].id);
    assert.ok(all.identities.length >= 3);
    const found = await json(['identities', 'list', '--identifier', 'p2@example.org']);
    assert.equal(found.identities.length, 1);
  });

  it('are imported in batches; what fails is told with its place and does not stop the rest', async () => {
    const entries = [
      person('i1@example.org', 'correct horse battery'),
      { traits: { email: 'no address' }, schema_id: 'person' },
      person('i2@example.org'),
      { trait: {} },
      person('i1@example.org'),
    ];
    const file = workplace.write('people.json', entries);
    const failures = workplace.write('failed.jsonl', '');
    const first = await bia([
      'identities',
      'import',
      file,
      '--format',
      'json',
      '--failures',
      failures,
      '--batch-size',
      '2',
    ]);
    assert.equal(first.code, 1);
    const { imported, failed } = JSON.parse(first.out);
    assert.equal(imported.length, 2);
    assert.deepEqual(failed.map(({ source }: { readonly source: string }) => source).sort(), [
      `${file}#2`,
      `${file}#4`,
      `${file}#5`,
    ]);
    assert.match(first.err, /imported 2 in .* s \(\d+\/s\)/);
    assert.match(first.err, /people\.json#4: there is no key "trait"; did you mean "traits"\?/);
    // What failed, and nothing else, can be mended and imported.
    const again = await bia(['identities', 'import', failures, '--format', 'json']);
    assert.equal(JSON.parse(again.out).failed.length, 3);
  });

  it('are imported from what the API answers with, and a bad line does not stop the rest', async () => {
    const hashed = { credentials: { password: { config: { password: 'correct horse battery' } } } };
    const { id } = await json(
      ['identities', 'create'],
      JSON.stringify({ ...person('api1@example.org'), ...hashed }),
    );
    const answer = await json(['identities', 'get', id, '-i', 'password']);
    assert.ok(answer.credentials.password.config.hashed_password);
    assert.equal((await bia(['identities', 'delete', id, '--yes'])).code, 0);
    const lines = [
      '\ufeff{"broken',
      JSON.stringify(answer),
      'nonsense',
      JSON.stringify(person('api2@example.org')),
    ];
    const failures = workplace.write('bad-lines.jsonl', '');
    const file = workplace.write('answers.jsonl', lines.join('\n'));
    const done = await bia(['identities', 'import', file, '--failures', failures]);
    assert.equal(done.code, 1);
    assert.match(done.err, /answers\.jsonl:1: this line is not JSON\n/);
    assert.match(done.err, /answers\.jsonl:3: this line is not JSON\n/);
    assert.match(done.out, /IMPORTED\t2\nSKIPPED\t0\nFAILED\t2\n/);
    assert.equal(readFileSync(failures, 'utf8'), '{"broken\nnonsense\n');
    assert.ok((await signIn('api1@example.org', 'correct horse battery')).token);
  });

  it('can be imported twice where existing ones are skipped', async () => {
    const lines = ['s1@example.org', 's2@example.org']
      .map((email) => JSON.stringify(person(email)))
      .join('\n');
    const file = workplace.write('people.jsonl', lines);
    assert.equal((await json(['import', 'identities', file])).imported.length, 2);
    const again = await json(['import', 'identities', file, '--skip-existing']);
    assert.deepEqual(again, { imported: [], skipped: 2, failed: [] });
  });

  it('are validated against the schemas of the server, and nothing is created', async () => {
    const good = workplace.write('good.json', person('v1@example.org'));
    const bad = workplace.write('bad.json', [
      person('v2@example.org'),
      { schema_id: 'person', traits: { age: 'old' } },
    ]);
    const fine = await bia(['validate', 'identity', good]);
    assert.deepEqual([fine.code, fine.out], [0, 'All identity files are valid.\n']);
    const faulty = await bia(['identities', 'validate', bad]);
    assert.equal(faulty.code, 1);
    assert.match(faulty.err, /bad\.json#2: traits\.email: /);
    assert.match(faulty.err, /bad\.json#2: traits\.age: /);
    const found = await json(['identities', 'list', '--identifier', 'v1@example.org']);
    assert.deepEqual(found.identities, []);
  });
});

describe('bia identities recover', () => {
  it('makes a code with the page on which it is entered', async () => {
    const { id } = await json(['identities', 'create'], JSON.stringify(person('lost@example.org')));
    const made = await json(['identities', 'recover', id, '--expires-in', '15m']);
    assert.match(made.recovery_code, /^\d{6}$/);
    assert.match(made.recovery_link, /\/recovery\?flow=/);
    assert.match((await bia(['identities', 'recover', id, '-q'])).out, /^\d{6}\n$/);
    assert.match((await bia(['identities', 'recover', id])).out, /^CODE\t\d{6}\nLINK\thttp/);
  });

  it('says what is wrong: nobody, no id, no duration, a method that is off', async () => {
    const { id } = await json(['identities', 'create'], JSON.stringify(person('off@example.org')));
    const nobody = '2f9a3e8c-8f43-4f1e-9f1e-111111111111';
    for (const [words, reason] of [
      [[nobody], /there is no identity 2f9a3e8c/],
      [['ada'], /"ada" is not an identity id/],
      [[id, '--expires-in', 'soon'], /"soon" is no duration/],
      [[id, '--link'], /does not recover accounts by link/],
    ] as const) {
      const { code, err } = await bia(['identities', 'recover', ...words]);
      assert.notEqual(code, 0);
      assert.match(err, reason);
    }
  });
});

describe('bia sessions', () => {
  it('are listed and revoked one by one, or all of an identity', async () => {
    const body = JSON.stringify(person('grace@example.org', 'correct horse battery'));
    const { id: identity } = await json(['identities', 'create'], body);
    const phone = await signIn('grace@example.org', 'correct horse battery');
    const laptop = await signIn('grace@example.org', 'correct horse battery');
    const tablet = await signIn('grace@example.org', 'correct horse battery');

    const own = await json(['sessions', 'list', '--identity', identity, '--active']);
    assert.equal(own.sessions.length, 3);
    const table = await bia(['sessions', 'list', '--active']);
    assert.match(table.out, new RegExp(`${phone.id} +yes +${identity} +aal1`));

    assert.equal((await bia(['sessions', 'revoke', phone.id, '-q'])).out, `${phone.id}\n`);
    assert.deepEqual([await whoami(phone.token), await whoami(laptop.token)], [401, 200]);
    assert.equal((await json(['sessions', 'revoke', '--identity', identity])).revoked, 2);
    assert.deepEqual([await whoami(laptop.token), await whoami(tablet.token)], [401, 401]);
  });

  it('of everybody are not ended unasked', async () => {
    const { code, err } = await bia(['sessions', 'revoke', '--all']);
    assert.equal(code, 1);
    assert.match(err, /add --yes/);
  });
});

describe('bia remote', () => {
  it('tells whether the server can be used, and its version', async () => {
    assert.equal((await bia(['remote', 'status'])).out, 'ALIVE\ttrue\nREADY\ttrue\n');
    assert.match((await json(['remote', 'version'])).version, /\d+\.\d+/);
  });

  it('says what to do where no server answers', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const { code, err } = await bia(['identities', 'list', '--endpoint', endpoint]);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`no server answers at ${endpoint}`));
    assert.match(err, /start it with: bia serve; or name the admin address with --endpoint/);
  });
});

describe('bia events', () => {
  it('are listed by kind and time, and exported as JSON Lines', async () => {
    const email = 'audited@example.org';
    assert.equal((await bia(['identities', 'create', '--trait', `email=${email}`])).code, 0);
    const { events } = await json(['events', 'list', '--kind', 'identity.created', '--since', '1h']);
    assert.equal(events[0].kind, 'identity.created');
    const [id] = (await bia(['identities', 'list', '--identifier', email, '--quiet'])).out.split('\n');
    assert.equal(events[0].identity_id, id);
    const table = await bia(['events', 'list', '--identity', id ?? '']);
    assert.match(table.out, /^AT +KIND +IDENTITY ID/);
    assert.match(table.out, /identity\.created/);

    const file = `${workplace.folder}/events.ndjson`;
    const exported = await bia(['events', 'export', '--output', file]);
    assert.equal(exported.code, 0, exported.err);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const times = lines.map((line) => JSON.parse(line).at);
    assert.deepEqual(times, [...times].sort());
    assert.ok(lines.some((line) => JSON.parse(line).identity_id === id));
    assert.equal((await bia(['events', 'list', '--since', 'yesterday'])).code, 2);
    assert.equal((await bia(['events', 'list', '--kind', 'nothing'])).code, 1);
  });
});
