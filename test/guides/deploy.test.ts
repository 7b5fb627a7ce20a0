// Do the files in deploy/ name what exists, and does Bia start with the arguments and variables that they give it?
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createWorkplace, freePort } from '../cli/program.ts';
import { ROOT } from '../support/source-tree.ts';

const read = (name: string): string => readFileSync(path.join(ROOT, 'deploy', name), 'utf8');

test('the image starts what compose and systemd start, from files that are there', () => {
  const dockerfile = read('Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  assert.ok(copied.includes('bin'));
  for (const file of copied) assert.ok(existsSync(path.join(ROOT, file)), `${file} is copied`);
  const serve = ['serve', '-c', '/etc/bia/bia.yml', '--watch-courier'];
  const [, command = ''] = /^CMD (\[.+\])$/m.exec(dockerfile) ?? [];
  assert.deepEqual(JSON.parse(command), serve);
  assert.deepEqual(parse(read('compose.yml'), { merge: true }).services.bia.command, serve);
  assert.ok(read('bia.service').includes(`bia.mjs ${serve.join(' ')}\n`));
});

test('Bia starts as compose starts it, with what bia init wrote', async (t) => {
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const { services } = parse(read('compose.yml'), { merge: true });
  const env: Record<string, string> = {
    ...services.bia.environment,
    // In place of the server of PostgreSQL.
    DSN: `sqlite://${workplace.folder}/bia.sqlite`,
    SERVE_PUBLIC_PORT: String(await freePort()),
    SERVE_ADMIN_PORT: String(await freePort()),
  };
  assert.equal((await workplace.bia(['init'])).code, 0);
  const here = (words: readonly string[]): string[] =>
    words.map((word) => word.replace('/etc/bia', workplace.folder));
  const migrated = await workplace.bia(here(services.migrate.command), { env });
  assert.equal(migrated.code, 0, migrated.err);
  const server = await workplace.start(here(services.bia.command), { env, until: 'the server is running' });
  t.after(async () => void (await server.stop()));
  const ready = await fetch(`http://127.0.0.1:${env['SERVE_PUBLIC_PORT']}/health/ready`);
  assert.equal(ready.status, 200);
});
