import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { createWorkplace } from './program.ts';

const workplace = createWorkplace();
const { bia, folder } = workplace;
after(() => workplace.remove());
const dsnOf = (name: string): string => `sqlite://${path.join(folder, name)}?_fk=true&mode=rwc`;
const statuses = (out: string): readonly string[] => {
  const rows: unknown = JSON.parse(out);
  assert.ok(Array.isArray(rows) && rows.length > 0);
  return rows.map(({ status }) => status);
};

describe('bia migrate sql', () => {
  it('goes from pending to applied, with nothing but DSN in the environment', async () => {
    const env = { DSN: dsnOf('env.sqlite') };
    const before = await bia(['migrate', 'sql', 'status', '-e', '--format', 'json'], { env });
    assert.ok(statuses(before.out).every((status) => status === 'pending'));
    const up = await bia(['migrate', 'sql', 'up', '-e', '--yes'], { env });
    assert.equal(up.code, 0, up.err);
    assert.match(up.out, /0001 +initial/);
    assert.match(up.out, /The database is up to date/);
    const then = await bia(['migrate', 'sql', 'status', '-e', '--format', 'json'], { env });
    assert.ok(statuses(then.out).every((status) => status === 'applied'));
    const again = await bia(['migrate', 'sql', '-e', '--yes'], { env });
    assert.equal(again.out, `SQLite ${path.join(folder, 'env.sqlite')} is up to date.\n`);
  });

  it('takes the database as an argument or from a file', async () => {
    assert.equal((await bia(['migrate', 'sql', dsnOf('arg.sqlite'), '-y'])).code, 0);
    const file = workplace.write('bia.yml', `dsn: ${dsnOf('arg.sqlite')}\n`);
    const { out } = await bia(['migrate', 'sql', 'status', '-c', file]);
    assert.match(out, /^Version +Name +Status\n0001 +initial +Applied\n/);
  });

  it('does nothing unasked where nobody can be asked', async () => {
    const dsn = dsnOf('unasked.sqlite');
    const up = await bia(['migrate', 'sql', 'up', dsn]);
    assert.equal(up.code, 1);
    assert.match(up.err, /add --yes/);
    const status = await bia(['migrate', 'sql', 'status', dsn, '--exit-code', '--format', 'json']);
    assert.equal(status.code, 1);
    assert.ok(statuses(status.out).every((one) => one === 'pending'));
  });

  it('waits with --block until another job has brought the database up to date', async () => {
    const dsn = dsnOf('blocked.sqlite');
    let isOver = false;
    const waiting = bia(['migrate', 'sql', 'status', dsn, '--block', '--format', 'json']).finally(() => {
      isOver = true;
    });
    assert.equal((await bia(['migrate', 'sql', 'status', dsn])).code, 0);
    assert.equal(isOver, false);
    assert.equal((await bia(['migrate', 'sql', 'up', dsn, '--yes'])).code, 0);
    const { code, out } = await waiting;
    assert.equal(code, 0);
    assert.ok(statuses(out).every((one) => one === 'applied'));
  });

  it('says what a database address looks like, and that there is no way back', async () => {
    const unknown = await bia(['migrate', 'sql', 'up', 'mysql://root@host/db', '--yes']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /does not work with .*postgres:\/\/.*sqlite:\/\//);
    const down = await bia(['migrate', 'sql', 'down', dsnOf('env.sqlite'), '--yes']);
    assert.equal(down.code, 1);
    assert.match(down.err, /restore the backup/);
  });
});
