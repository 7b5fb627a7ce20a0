// What every page must keep to on every screen: no barriers, no scrolling sideways, targets that fingers hit, little weight.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { findBarriers } from './axe.ts';

export const SCREENS = [
  { width: 360, colorScheme: 'light' },
  { width: 768, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
] as const;

export async function expectGoodLook(page: Page, width: number): Promise<void> {
  assert.deepEqual(await findBarriers(page), []);
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, 'it scrolls sideways');
  assert.deepEqual(await smallTargets(page), []);
  assert.ok(Buffer.byteLength(await page.content()) < 20_000);
}

/** What is pressed is 44 pixels high; links inside a sentence may be as high as its lines (WCAG 2.2, 2.5.8). */
function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
    .filter((element) => !element.closest('.notice'))
    .filter((element) => {
      const { height } = (element.closest('label') ?? element).getBoundingClientRect();
      return height > 0 && height < 44;
    })
    .map((element) => element.outerHTML)`);
}
