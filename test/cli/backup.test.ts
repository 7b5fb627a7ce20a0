// A backup is made while people sign up, and put back while nobody can.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
after(() => workplace.remove());
const at = (name: string): string => path.join(workplace.folder, name);

function emailsIn(file: string): readonly string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("select identifier from identity_identifiers where type = 'password'").all();
  database.close();
  return rows.map(({ identifier }) => String(identifier));
}

describe('bia backup and bia restore', () => {
  it('a backup under load has everybody who was told of their account before, and is put back whole', async () => {
    const { file, publicUrl, adminUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file]);
    const create = async (email: string): Promise<void> => {
      const answer = await fetch(`${adminUrl}/admin/identities`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          schema_id: 'person',
          traits: { email },
          credentials: { password: { config: { password: 'correct horse 7 battery' } } },
        }),
      });
      assert.equal(answer.status, 201);
    };
    const acknowledged: string[] = [];
    let isOver = false;
    const load = (async () => {
      for (let count = 0; !isOver; count += 1) {
        const email = `p${count}@example.org`;
        await create(email);
        acknowledged.push(email);
      }
    })();
    for (const name of ['first', 'second', 'third']) {
      const before = [...acknowledged];
      const made = await workplace.bia(['backup', '-c', file, '--to', at(`${name}.sqlite`)]);
      assert.equal(made.code, 0, made.err);
      const copied = new Set(emailsIn(at(`${name}.sqlite`)));
      assert.deepEqual(
        before.filter((email) => !copied.has(email)),
        [],
      );
      assert.equal(statSync(at(`${name}.sqlite`)).mode & 0o077, 0);
    }
    isOver = true;
    await load;
    assert.ok(acknowledged.length > 3, 'the server worked meanwhile');
    assert.deepEqual(
      readdirSync(workplace.folder).filter((name) => name.includes('.partial')),
      [],
    );

    const busy = await workplace.bia(['restore', '-c', file, '--from', at('first.sqlite'), '--yes']);
    assert.equal(busy.code, 1);
    assert.match(busy.err, /is in use[\s\S]*stop the server first/);

    await create('late@example.org');
    await server.stop();
    const restored = await workplace.bia(['restore', '-c', file, '--from', at('third.sqlite'), '--yes']);
    assert.equal(restored.code, 0, restored.err);
    const kept = /kept as (.+)\.\n/.exec(restored.out)?.[1] ?? '';
    assert.ok(emailsIn(kept).includes('late@example.org'));
    const again = await workplace.serve(['-c', file]);
    const ask: Parameters<typeof createNativeApp>[0]['ask'] = (method, target, { headers, body } = {}) =>
      fetch(new URL(target, publicUrl), {
        method,
        ...(headers ? { headers } : {}),
        ...(body ? { body } : {}),
      });
    const app: NativeApp = createNativeApp({ ask });
    assert.ok((await app.signIn('p0@example.org', { password: 'correct horse 7 battery' })).session_token);
    assert.ok(!emailsIn(at('bia.sqlite')).includes('late@example.org'));
    await again.stop();
  });

  it('overwrites no file, takes no file that is damaged, and says what PostgreSQL has for it', async () => {
    const { file } = await writeConfig(workplace);
    const there = workplace.write('there.sqlite', 'something else');
    const taken = await workplace.bia(['backup', '-c', file, '--to', there]);
    assert.equal(taken.code, 1);
    assert.match(taken.err, /is there already/);
    assert.equal((await workplace.bia(['backup', '-c', file])).code, 2);
    writeFileSync(at('damaged.sqlite'), 'SQLite format 3\0 and then nothing that makes sense');
    for (const from of [there, at('damaged.sqlite'), at('nowhere.sqlite')]) {
      const refused = await workplace.bia([
        'restore',
        `sqlite://${at('new.sqlite')}`,
        '--from',
        from,
        '--yes',
      ]);
      assert.equal(refused.code, 1, from);
      assert.equal(existsSync(at('new.sqlite')), false);
    }
    const postgres = await workplace.bia(['backup', 'postgres://bia@127.0.0.1/bia', '--to', at('x')]);
    assert.equal(postgres.code, 1);
    assert.match(postgres.err, /pg_dump/);
  });
});
