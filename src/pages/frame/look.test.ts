import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast, parseHex } from '../../lib/colour.ts';
import { accentStyle, GROUNDS, initialOf } from './look.ts';

const style = readFileSync(new URL('./assets/style.css', import.meta.url), 'utf8');

/** The custom properties of one scheme in the stylesheet, by name. */
function properties(scheme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const blocks = style.split('@media (prefers-color-scheme: dark)');
  const own = [...(blocks[0] ?? '').matchAll(/--([\w-]+): (#\w+);/g)];
  const dark = [...(blocks[1]?.split('\n}\n')[0] ?? '').matchAll(/--([\w-]+): (#\w+);/g)];
  return new Map(
    (scheme === 'light' ? own : [...own, ...dark]).map(([, name = '', value = '']) => [name, value]),
  );
}

for (const scheme of ['light', 'dark'] as const) {
  test(`the accent is made for the grounds that the stylesheet has in the ${scheme} scheme`, () => {
    const found = properties(scheme);
    assert.deepEqual(
      ['ground', 'surface'].map((name) => parseHex(found.get(name) ?? '')),
      GROUNDS[scheme],
    );
  });

  test(`every text of the ${scheme} scheme can be read`, () => {
    const found = properties(scheme);
    const colour = (name: string) => parseHex(found.get(name) ?? '') ?? assert.fail(`no --${name}`);
    const pairs = [
      ['ink', 'ground'],
      ['ink', 'surface'],
      ['quiet', 'ground'],
      ['quiet', 'surface'],
      ['bad', 'surface'],
      ['bad', 'bad-tint'],
      ['good', 'surface'],
      ['ink', 'bad-tint'],
      ['ink', 'good-tint'],
    ] as const;
    for (const [text, ground] of pairs) {
      assert.ok(contrast(colour(text), colour(ground)) >= 4.5, `--${text} on --${ground}`);
    }
    assert.ok(contrast(colour('edge'), colour('surface')) >= 3, 'the edge of a field is seen');
  });
}

test('the stylesheet stays below 15 kB', () => {
  assert.ok(Buffer.byteLength(accentStyle({ name: 'Bia' }) + style) < 15_000);
});

test('an accent that is no colour is refused and never reaches the stylesheet', () => {
  assert.throws(() => accentStyle({ name: 'Bia', accent: 'red}body{display:none' }), /pages\.accent/);
  assert.match(accentStyle({ name: 'Bia', accent: '#0b57d0' }), /--accent:#0b57d0;--on-accent:#ffffff/);
});

test('the first letter of a name is a whole one', () => {
  assert.equal(initialOf('bia'), 'B');
  assert.equal(initialOf(' émile'), 'É');
  assert.equal(initialOf('👩‍🚀 crew'), '👩‍🚀');
  assert.equal(initialOf(''), '');
});
