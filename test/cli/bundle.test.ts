// The bundle, installed as a package or an image would be: without the sources, it does what they do.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultConfig } from '../../src/config/default.ts';
import { bundle } from '../../tools/build/bundle.ts';
import { freePorts } from '../support/free-ports.ts';
import { createNativeApp } from '../support/native-app.ts';
import { createWorkplace, type Workplace } from './program.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('npm run build', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-bundle-'));
  const dist = path.join(folder, 'dist');
  let workplace: Workplace;

  before(async () => {
    await bundle(dist);
    cpSync(path.join(ROOT, 'bin'), path.join(folder, 'bin'), { recursive: true });
    cpSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    workplace = createWorkplace(path.join(folder, 'bin/bia.mjs'));
  });
  after(() => {
    workplace.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('serves people and pages, with all that the pages load', async (t) => {
    const [publicPort, adminPort] = await freePorts();
    const publicUrl = `http://127.0.0.1:${publicPort}`;
    const file = workplace.write('bia.json', {
      ...defaultConfig(workplace.folder),
      secrets: { default: ['a secret of this test, long enough'] },
      serve: {
        public: { base_url: `${publicUrl}/`, host: '127.0.0.1', port: publicPort },
        admin: { host: '127.0.0.1', port: adminPort },
      },
    });
    const program = await workplace.serve(['-c', file]);
    t.after(async () => assert.equal((await program.stop()).code, 0));
    const app = () =>
      createNativeApp({
        ask: (method, to, { headers, body } = {}) =>
          fetch(new URL(to, publicUrl), {
            method,
            ...(headers ? { headers } : {}),
            ...(body ? { body } : {}),
          }),
      });
    await app().signUp('ada@example.org');
    const { session } = await app().signIn('ada@example.org');
    assert.equal(session?.identity.traits['email'], 'ada@example.org');
    const page = await (await fetch(`${publicUrl}/ui/login`, { headers: { accept: 'text/html' } })).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]*ui\/assets\/[^"]+)"/g)].map(([, at = '']) => at);
    assert.ok(assets.length > 1, page);
    for (const asset of assets) {
      const answer = await fetch(new URL(asset, `${publicUrl}/ui/login`));
      assert.equal(answer.status, 200, asset);
    }
  });

  test('has the files that are read or run when they are wanted', async () => {
    const texts = readdirSync(dist)
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(path.join(dist, name), 'utf8'));
    const threads = new Set(
      texts.flatMap((text) => [...text.matchAll(/"\.\/([a-z-]*worker)\.js"/g)].map(([, name]) => name)),
    );
    assert.deepEqual([...threads].sort(), ['crypt-worker', 'worker']);
    for (const name of threads) assert.ok(existsSync(path.join(dist, `${name}.js`)), name);
    const exported = await workplace.bia([
      'courier',
      'templates',
      'export',
      path.join(workplace.folder, 'own'),
    ]);
    assert.equal(exported.code, 0, exported.err);
    assert.ok(existsSync(path.join(workplace.folder, 'own/recovery_code/valid/email.body.gotmpl')));
    // Evaluated in its thread, whose part in WebAssembly stays a package.
    const snippet = workplace.write('claims.jsonnet', '{ a: 1 + }');
    const linted = await workplace.bia(['jsonnet', 'lint', snippet]);
    assert.notEqual(linted.code, 0);
    assert.match(linted.err, /claims\.jsonnet/);
  });
});
