import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createWorkplace, freePort } from './program.ts';

const workplace = createWorkplace();
after(() => workplace.remove());
const read = (name: string): string => readFileSync(path.join(workplace.folder, name), 'utf8');

interface Answer {
  readonly id: string;
  readonly session_token: string;
  readonly ui: { readonly nodes: readonly { readonly group: string }[] };
}

// As the routes answer; what is missing shows in the assertions.
const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

describe('bia init', () => {
  it('writes a configuration that serves a first sign-up, and says what to do next', async () => {
    const port = await freePort();
    const { code, out, err } = await workplace.bia(['init', '--public-url', `http://localhost:${port}`]);
    assert.equal(code, 0, err);
    assert.match(out, /^Wrote bia\.yml and person\.schema\.json\./);
    assert.match(out, /bia(\.mjs)? serve -c bia\.yml --dev/);
    assert.equal(statSync(path.join(workplace.folder, 'bia.yml')).mode & 0o777, 0o600);

    const lint = await workplace.bia(['config', 'lint', 'bia.yml']);
    assert.equal(lint.code, 0, lint.err);
    // The mail server is the one thing that only the operator knows.
    assert.match(lint.err, /^warning: courier\.smtp\.connection_uri: [^\n]*\n$/);

    const env = { SERVE_ADMIN_PORT: String(await freePort()) };
    const server = await workplace.serve(['-c', 'bia.yml', '--dev'], { env });
    try {
      assert.match(server.out, /SQLite bia\.sqlite/);
      const base = `http://127.0.0.1:${port}`;
      const flow = await answerOf(await fetch(`${base}/self-service/registration/api`));
      const answer = await fetch(`${base}/self-service/registration?flow=${flow.id}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          method: 'password',
          traits: { email: 'alice@example.org' },
          password: 'correct horse battery',
        }),
      });
      assert.equal(answer.status, 200);
      const { session_token: token } = await answerOf(answer);
      const settings = await answerOf(
        await fetch(`${base}/self-service/settings/api`, { headers: { 'X-Session-Token': token } }),
      );
      const groups = new Set(settings.ui.nodes.map(({ group }) => group));
      for (const group of ['profile', 'password', 'totp', 'lookup_secret']) {
        assert.ok(groups.has(group), `${group} is missing in ${[...groups].join(', ')}`);
      }
    } finally {
      assert.equal((await server.stop()).code, 0);
    }
  });

  it('overwrites neither file', async () => {
    workplace.write('mine.yml', 'dsn: memory\n');
    const schema = await workplace.bia(['init', 'other.yml']);
    assert.equal(schema.code, 1);
    assert.match(schema.err, /person\.schema\.json exists already/);
    assert.throws(() => read('other.yml'));
  });

  it('takes back the schema where the configuration exists', async () => {
    const apart = createWorkplace();
    try {
      const file = apart.write('mine.yml', 'dsn: memory\n');
      const { code, err } = await apart.bia(['init', 'mine.yml']);
      assert.equal(code, 1);
      assert.match(err, /mine\.yml exists already/);
      assert.equal(readFileSync(file, 'utf8'), 'dsn: memory\n');
      assert.throws(() => readFileSync(path.join(apart.folder, 'person.schema.json')));
    } finally {
      apart.remove();
    }
  });

  it('takes the database, the address and the name, and makes new secrets each time', async () => {
    const apart = createWorkplace();
    try {
      const dsn = 'postgres://bia:p%23:w@db.internal/bia?sslmode=require';
      const words = ['--dsn', dsn, '--public-url', 'https://accounts.example.org', '--name', 'A "B": #C'];
      const { code, out, err } = await apart.bia(['init', ...words]);
      assert.equal(code, 0, err);
      assert.match(out, /migrate sql up -c bia\.yml/);
      assert.equal((await apart.bia(['config', 'lint', 'bia.yml'])).code, 0);
      const show = (key: string) =>
        apart.bia(['config', 'show', '-c', 'bia.yml', '--format', `jsonpath=${key}`]);
      assert.match((await show('pages.name')).out, /A .{0,2}B.{0,2}: #C/);
      assert.match((await show('selfservice.methods.passkey.config.rp.id')).out, /accounts\.example\.org/);
      const text = readFileSync(path.join(apart.folder, 'bia.yml'), 'utf8');
      assert.ok(text.includes(dsn));
      const secret = /default: \["(\w{48})"\]/.exec(text)?.[1];
      assert.ok(secret);
      assert.ok(!read('bia.yml').includes(secret));
    } finally {
      apart.remove();
    }
  });

  it('refuses what cannot be a database, an address or a file of YAML', async () => {
    for (const words of [
      ['x.yml', '--dsn', 'mysql://a/b'],
      ['x.yml', '--public-url', 'accounts.example.org'],
      ['x.json'],
    ]) {
      const { code, err } = await workplace.bia(['init', ...words]);
      assert.equal(code, 2, err);
    }
    assert.throws(() => read('x.yml'));
  });
});
