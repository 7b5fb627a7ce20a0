import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asTyped, programName } from './program-name.ts';

test('a program is named as it was started', () => {
  const name = (script: string | undefined, env = {}) =>
    programName(script, { env, folder: '/home/ada/bia' });
  assert.equal(name('/usr/local/bin/bia'), 'bia');
  assert.equal(name('/home/ada/bia/bin/bia.mjs'), 'node bin/bia.mjs');
  assert.equal(name('/home/ada/bia/src/main.ts'), 'node src/main.ts');
  assert.equal(name('/opt/bia/bin/bia.mjs'), 'bia');
  assert.equal(name('/home/ada/bia/bin/bia.mjs', { npm_command: 'start' }), 'npx bia');
  assert.equal(name(undefined), 'bia');
});

test('commands in a text are written as they have to be typed, and nothing else is changed', () => {
  const text =
    'is it running? start it with: bia serve; or run: bia identities list. The bia project, bia.yml';
  assert.equal(asTyped(text, 'bia'), text);
  assert.equal(
    asTyped(text, 'npx bia'),
    'is it running? start it with: npx bia serve; or run: npx bia identities list. The bia project, bia.yml',
  );
});
