import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createWorkplace, freePort, writeConfig } from './program.ts';

const workplace = createWorkplace();
after(() => workplace.remove());

describe('bia serve', () => {
  it('says where to go, and ends with 0 when it is told to stop', async () => {
    const { file, publicUrl, adminUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file, '--dev', '--watch-courier']);
    assert.ok(server.out.includes(`Public    ${publicUrl}`));
    assert.ok(server.out.includes(`Admin     ${adminUrl}`));
    assert.equal((await fetch(`${publicUrl}/health/ready`)).status, 200);
    const { code, err } = await server.stop();
    assert.equal(code, 0, err);
    await assert.rejects(fetch(`${publicUrl}/health/ready`));
  });

  it('needs no configuration file', async () => {
    const ports = { SERVE_PUBLIC_PORT: String(await freePort()), SERVE_ADMIN_PORT: String(await freePort()) };
    const server = await workplace.serve([], { env: ports });
    assert.match(server.out, /No configuration file: using \.\/data \(development mode\)/);
    assert.match(server.out, /\/ui\/registration/);
    assert.equal((await server.stop()).code, 0);
  });

  it('names the port that is taken and the key that chooses another', async () => {
    const { file } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file]);
    const { code, err } = await workplace.bia(['serve', '-c', file]);
    await server.stop();
    assert.equal(code, 1);
    assert.match(err, /is already taken by another process/);
    assert.match(err, /serve\.public\.port/);
  });

  it('writes every fault of its configuration on a line of its own', async () => {
    const file = workplace.write('bad.yml', 'dsn: memory\nsesion: {}\nlogg: {}\n');
    const { code, err } = await workplace.bia(['serve', '-c', file]);
    assert.equal(code, 1);
    assert.ok(err.includes(`${file}:2:1: sesion: unknown key; did you mean "session"?\n`), err);
    assert.ok(err.includes(`${file}:3:1: logg: unknown key; did you mean "log"?\n`), err);
  });

  it('says loudly that its database cannot be reached, is not ready until then, and stops when told', async () => {
    const { file, publicUrl } = await writeConfig(workplace);
    const env = { DSN: `postgres://bia@127.0.0.1:${await freePort()}/bia` };
    const server = await workplace.start(['serve', '-c', file], { env, until: 'WAITING for its database' });
    assert.match(server.out, /PostgreSQL 127\.0\.0\.1:\d+\/bia cannot be reached \(ECONNREFUSED\)/);
    assert.doesNotMatch(server.out, /Bia is running/);
    assert.equal((await fetch(`${publicUrl}/health/alive`)).status, 200);
    assert.equal((await fetch(`${publicUrl}/health/ready`)).status, 503);
    assert.equal((await server.stop()).code, 0);
  });

  it('ends with a sentence where its SQLite file is none', async () => {
    const { file } = await writeConfig(workplace);
    workplace.write('bad.sqlite', 'this is text, and a lot of it, but surely no database at all');
    const { code, err } = await workplace.bia(['serve', '-c', file], { env: { DSN: 'sqlite://bad.sqlite' } });
    assert.equal(code, 1);
    assert.match(err, /^bia: the SQLite database cannot be used: file is not a database\n/);
    assert.doesNotMatch(err, / at .*\.ts/);
  });
});
