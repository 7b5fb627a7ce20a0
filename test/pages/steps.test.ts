// Signing up and in by several steps, on the built-in pages.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { startPageServer } from '../support/page-server.ts';
import { PASSWORD } from '../support/server.ts';
import { visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  { flows: { login: { style: 'identifier_first' }, registration: { style: 'profile_first' } } },
);

for (const javaScriptEnabled of [true, false]) {
  const script = javaScriptEnabled ? 'script' : 'noscript';
  test(`one gives a profile, goes back to mend it, chooses a password, and signs in by two steps (${script})`, async (t) => {
    const ada = await visit(t, { browser, url: server.url, options: { javaScriptEnabled } });
    const email = `ada-${script}@example.org`;
    await ada.follow('Create account');
    await ada.fill({ 'E-mail address': email, 'Name (optional)': 'Ad' });
    await ada.press('Continue');
    assert.equal(await ada.heading(), 'Almost there');
    await ada.press('Back');
    assert.equal(await ada.page.getByLabel('E-mail address').inputValue(), email);
    await ada.fill({ 'Name (optional)': 'Ada' });
    await ada.press('Continue');
    await ada.fill({ Password: PASSWORD });
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText(`Signed in as ${email}`).waitFor();
    assert.equal(await ada.page.getByLabel('Name').inputValue(), 'Ada');
    await ada.press('Sign out');

    await ada.fill({ 'E-mail address': email });
    await ada.press('Continue');
    await ada.page.getByText(email).waitFor();
    await ada.follow('Change');
    assert.equal(await ada.page.getByLabel('E-mail address').inputValue(), '');
    await ada.fill({ 'E-mail address': email });
    await ada.page.keyboard.press('Enter');
    await ada.fill({ Password: PASSWORD });
    await ada.press('Sign in');
    await ada.page.getByText(`Signed in as ${email}`).waitFor();
  });
}
