import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, it } from 'node:test';
import { type CliDeps, CommandError } from '../line/command.ts';
import { createTestIo, invocationOf } from '../line/test-io.ts';
import { formatJsonnet, lintJsonnet } from './jsonnet.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bia-jsonnet-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

const deps = {} as CliDeps; // none of it is asked for

it('names each file that cannot be read as Jsonnet, with the place', async () => {
  const good = write('good.jsonnet', "function(ctx) { to: ctx.recipient, by: std.extVar('session') }");
  const bad = write('bad.jsonnet', 'function(ctx)\n  { to: }');
  const none = path.join(folder, 'none.jsonnet');
  const io = createTestIo();
  assert.equal(await lintJsonnet(invocationOf('jsonnet', 'lint', good, bad, none), { io, deps }), 1);
  const { out, err } = io.written();
  assert.equal(out, '');
  assert.match(err, /bad\.jsonnet: .*line 2/);
  assert.match(err, /none\.jsonnet: ENOENT/);
  assert.doesNotMatch(err, /good/);
});

it('says so where all is well', async () => {
  const io = createTestIo();
  const file = write('fine.jsonnet', '{ a: 1 }');
  assert.equal(await lintJsonnet(invocationOf('jsonnet', 'lint', file), { io, deps }), 0);
  assert.match(io.written().out, /1 checked, no faults/);
});

it('does not pretend to format', async () => {
  const invocation = invocationOf('jsonnet', 'format', write('ugly.jsonnet', '{a:1}'));
  await assert.rejects(formatJsonnet(invocation, { io: createTestIo(), deps }), CommandError);
});
