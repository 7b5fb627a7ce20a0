import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../config/schema.ts';
import { siteOf } from './site.ts';

const site = (pages: Partial<Config['pages']>) =>
  siteOf({ pages: { name: 'Bia', logo_url: '', accent: '', ...pages } }, 'https://id.example.org/auth/');

test('a logo is shown where mail programs can show it, by its whole address', () => {
  for (const [given, shown] of [
    ['', ''],
    ['https://cdn.example.org/logo.png?v=2', 'https://cdn.example.org/logo.png?v=2'],
    ['logo.png', 'https://id.example.org/auth/logo.png'],
    ['/logo.png', 'https://id.example.org/logo.png'],
    ['https://cdn.example.org/logo.svg', ''],
    ['data:image/png;base64,AAAA', ''],
  ] as const) {
    assert.equal(site({ logo_url: given }).LogoURL, shown);
  }
});

test('an accent that could not be read is changed for light and dark apart', () => {
  const { Accent, DarkAccent, OnDarkAccent } = site({ accent: '#ffcc00' });
  assert.notEqual(Accent, '#ffcc00');
  assert.deepEqual([DarkAccent, OnDarkAccent], ['#ffcc00', '#11131a']);
  assert.equal(site({ accent: 'no colour' }).Accent, site({}).Accent);
});
