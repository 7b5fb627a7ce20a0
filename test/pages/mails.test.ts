// Can everybody read the built-in mails, on every screen, light and dark? axe-core, widths, and what is loaded.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Config } from '../../src/config/schema.ts';
import { TEMPLATE_NAMES } from '../../src/courier/message.ts';
import { createComposer } from '../../src/courier/write/composer.ts';
import { sampleData } from '../../src/courier/write/sample.ts';
import { siteOf } from '../../src/courier/write/site.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { loadLocales } from '../../src/locale/locales.ts';
import { findBarriers } from '../support/axe.ts';
import { openChromium } from '../support/chromium.ts';

const PUBLIC_URL = 'https://id.example.org/';
const browser = await openChromium({ after });
// The parts of the configuration that mails read; an accent that nobody could read as it is.
const config = {
  pages: { name: 'Ölfarben & Söhne', logo_url: '', accent: '#ffcc00' },
  courier: { templates: {} },
} as unknown as Config;
const composer = createComposer({
  locales: loadLocales(),
  ownAddress: (address) => address,
  config,
  clock: systemClock,
  site: siteOf(config, PUBLIC_URL),
  fetchText: () => Promise.reject(new Error('nothing is fetched')),
  log: { error: (message) => assert.fail(message) },
});

async function mailOf(templateName: (typeof TEMPLATE_NAMES)[number]): Promise<string> {
  const data = { ...sampleData('email', PUBLIC_URL), to: `${'long'.repeat(15)}@example.org` };
  return (
    (await composer.html(
      await composer.compose({ templateName, type: 'email', recipient: 'a@b.c', data }),
    )) ?? ''
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [320, 360, 900]) {
    test(`${colorScheme}, ${width} pixels wide: nothing stands in the way, nothing sticks out, nothing is loaded`, async () => {
      const page = await browser.newPage({ viewport: { width, height: 700 }, colorScheme });
      const loaded: string[] = [];
      page.on('request', (request) => void loaded.push(request.url()));
      for (const name of TEMPLATE_NAMES) {
        await page.setContent(await mailOf(name));
        // A mail is no page: programs that show it bring the landmarks along.
        const barriers = (await findBarriers(page)).filter(
          (barrier) => !/^(?:region|landmark)/.test(barrier),
        );
        assert.deepEqual(barriers, [], name);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        assert.ok(wide <= width, `${name} is ${wide} wide`);
      }
      assert.deepEqual(loaded, []);
      await page.close();
    });
  }
}
