import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contrast, inkOn, parseHex, type Rgb, readableOn, toHex } from './colour.ts';

test('a colour is read from three or six digits, and from nothing else', () => {
  assert.deepEqual(parseHex('#0b57d0'), [11, 87, 208]);
  assert.deepEqual(parseHex('#FA0'), [255, 170, 0]);
  for (const text of ['blue', '#12', '#1234', '#12345g', '0b57d0', '#fff;}body{display:none']) {
    assert.equal(parseHex(text), undefined, text);
  }
  assert.equal(toHex([11, 87, 208]), '#0b57d0');
});

test('contrast is that of WCAG', () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([119, 119, 119], [255, 255, 255]).toFixed(2), '4.48');
});

const channel = fc.integer({ min: 0, max: 255 });
const colours = fc.tuple(channel, channel, channel);

test('any accent becomes one that can be read as text and under text, on light and on dark ground', () => {
  const light: readonly Rgb[] = [
    [255, 255, 255],
    [244, 245, 248],
  ];
  const dark: readonly Rgb[] = [
    [13, 15, 19],
    [23, 26, 33],
  ];
  fc.assert(
    fc.property(colours, fc.constantFrom(light, dark), (accent, grounds) => {
      const shade = readableOn(accent, grounds);
      for (const ground of grounds) assert.ok(contrast(shade, ground) >= 4.5);
      assert.ok(contrast(inkOn(shade), shade) >= 4.5);
    }),
  );
});

test('an accent that can be read already stays as it is', () => {
  assert.deepEqual(readableOn([11, 87, 208], [[255, 255, 255]]), [11, 87, 208]);
});
