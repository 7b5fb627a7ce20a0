import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { verify } from '@node-rs/argon2';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
const { bia } = workplace;
after(() => workplace.remove());

describe('bia hashers argon2 hash', () => {
  it('hashes what it is given, in order', async () => {
    const { code, out } = await bia(['hashers', 'argon2', 'hash', 'first', 'sécond']);
    assert.equal(code, 0);
    const [first = '', second = ''] = out.split('\n');
    assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.ok(await verify(first, 'first'));
    assert.ok(await verify(second, 'sécond'));
  });

  it('reads lines of standard input, and costs from a configuration', async () => {
    const { file } = await writeConfig(workplace);
    const words = ['hashers', 'argon2', 'hash', '-c', file];
    const env = { HASHERS_ARGON2_MEMORY: '1MB', HASHERS_ARGON2_ITERATIONS: '3' };
    const { code, out, err } = await bia(words, { env, input: 'with a space \r\n\nlast' });
    assert.equal(code, 0, err);
    const [first = '', last = '', ...rest] = out.split('\n');
    assert.deepEqual(rest, ['']);
    assert.match(first, /,t=3,p=1\$/);
    assert.ok(await verify(first, 'with a space '));
    assert.ok(await verify(last, 'last'));
  });

  it('wants a password', async () => {
    assert.equal((await bia(['hashers', 'argon2', 'hash'])).code, 2);
  });
});
