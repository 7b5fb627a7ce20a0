import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../config/schema.ts';
import { createTestClock } from '../../lib/clock.ts';
import { loadLocales } from '../../locale/locales.ts';
import { TEMPLATE_NAMES, type TemplateName } from '../message.ts';
import { createComposer } from './composer.ts';
import { sampleData } from './sample.ts';
import { siteOf } from './site.ts';

const PUBLIC_URL = 'https://id.example.org/';
const CODE = '482913';

async function htmlOf(templateName: TemplateName, accent: string): Promise<string> {
  // The parts of the configuration that templates read.
  const config = {
    pages: { name: 'Shop', logo_url: '', accent },
    courier: { templates: {} },
  } as unknown as Config;
  const composer = createComposer({
    locales: loadLocales(),
    config,
    clock: createTestClock(Date.UTC(2030, 0, 1)),
    site: siteOf(config, PUBLIC_URL),
    ownAddress: (address) => address,
    fetchText: () => Promise.reject(new Error('nothing is fetched')),
    log: { error: assert.fail },
  });
  const data = sampleData('email', PUBLIC_URL);
  const message = await composer.compose({
    templateName,
    type: 'email',
    recipient: 'alice@example.org',
    data,
  });
  return (await composer.html(message)) ?? assert.fail(`${templateName} has no HTML`);
}

/** Colours that are written in digits alone, and such as become so when they are made readable. */
const DIGITS = ['', '#123456', '#000000', '#999999', '#888', '#111318', '#777777', '#987654'];
const RANDOM = Array.from(
  { length: 60 },
  (_, i) => `#${String((i * 15_485_863) % 1_000_000).padStart(6, '0')}`,
);

describe('who looks for a code of six digits in the HTML of a mail', () => {
  for (const name of TEMPLATE_NAMES) {
    it(`finds that code and nothing else in ${name}, whatever the brand`, async () => {
      for (const accent of [...DIGITS, ...RANDOM]) {
        const html = await htmlOf(name, accent);
        const withoutAddresses = html.replace(/https?:[^"'<\s]*/g, '');
        const found = new Set(withoutAddresses.match(/\d{6,}/g));
        assert.deepEqual(
          [...found].filter((digits) => digits !== CODE),
          [],
          `${name} ${accent}`,
        );
        // Addresses hold ids, in which any digits may follow each other: the code comes before them.
        if (found.size > 0) assert.equal(/\d{6,}/.exec(html)?.[0], CODE);
      }
    });
  }
});
