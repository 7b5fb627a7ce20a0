// Two clicks on one button, in a real browser: with the script of the page a form is sent once, and without it nobody is stranded.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { startPageServer } from '../support/page-server.ts';
import { PASSWORD } from '../support/server.ts';

const browser = await openChromium({ after });

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with script' : 'without script';

  test(`three clicks on one button end signed in [${how}]`, async (t) => {
    const server = await startPageServer(t);
    for (const [index, kind] of (['registration', 'login'] as const).entries()) {
      const context = await browser.newContext({ javaScriptEnabled });
      const page = await context.newPage();
      await page.goto(`${server.url}self-service/${kind}/browser`);
      const isNew = index === 0;
      await page
        .locator(`input[name="${isNew ? 'traits.email' : 'identifier'}"]`)
        .first()
        .fill('ada@example.org');
      await page.locator('input[name="password"]').fill(PASSWORD);
      let sent = 0;
      page.on('request', (request) => {
        if (request.method() === 'POST') sent += 1;
      });
      const button = page.locator('button[name="method"][value="password"]');
      const box = await button.boundingBox();
      assert.ok(box);
      // By the mouse, as people do: the second click does not wait for what the first one does.
      for (let click = 0; click < 3; click += 1) await page.mouse.click(box.x + 5, box.y + 5);
      await page.getByText('ada@example.org').first().waitFor();
      const session = await page.request.get(`${server.url}sessions/whoami`);
      assert.equal(session.status(), 200, `${kind} at ${page.url()}`);
      if (javaScriptEnabled) assert.equal(sent, 1);
      await context.close();
    }
    assert.equal(await server.bia.database.stores.identities.count({}), 1);
  });
}
