// The mailbox of development mode in a real browser: messages appear by themselves, codes are copied, links are opened.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { startPageServer } from '../support/page-server.ts';
import { textOf, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
// A template that tries what a mail must not do, and has the look that it may have.
const HTML = `<title>a mail</title><style>p { color: rgb(1, 2, 3) }</style><p>{{ .RecoveryCode }}</p>
<script>document.title = 'it ran'; fetch('/dev/inbox')</script>`;
const server = await startPageServer(
  { after },
  {
    flows: { recovery: { enabled: true, notify_unknown_recipients: true } },
    courier: {
      templates: {
        recovery_code: {
          valid: { email: { body: { html: `base64://${Buffer.from(HTML).toString('base64')}` } } },
        },
      },
    },
  },
);

/** Somebody asks for a code; `notify_unknown_recipients` writes to strangers too. */
async function ask(recipient: string): Promise<void> {
  server.clock.advance(1_000);
  const started = await fetch(`${server.url}self-service/recovery/api`);
  const { ui } = (await started.json()) as { readonly ui: { readonly action: string } }; // the protocol's form
  const answer = await fetch(ui.action, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ method: 'code', email: recipient }),
  });
  assert.equal(answer.status, 200);
}

test('it says what will appear, and a message comes by itself, above older ones', async (t) => {
  const { page } = await visit(t, { browser, url: `${server.url}dev/inbox` });
  await page.getByRole('heading', { name: 'No messages yet' }).waitFor();
  await page.getByText('New messages appear by themselves.').waitFor();
  await ask('one@example.org');
  await page.getByText('To one@example.org').waitFor();
  await page.getByText('A new message.').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'No messages yet' }).count(), 0);
  await page.locator('summary').click();
  await ask('two@example.org');
  await page.getByText('To two@example.org').waitFor();
  const people = await page.locator('.letters .quiet bdi').allTextContents();
  assert.deepEqual(people, ['two@example.org', 'one@example.org']);
  // What is being read stays open.
  assert.equal(await page.locator('details[open]').count(), 1);
});

test('a code is copied by one press', async (t) => {
  const ada = await visit(t, {
    browser,
    url: server.url,
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  await ada.signUp('ada@example.org');
  await ada.page.context().clearCookies();
  await ask('ada@example.org');
  await ada.page.goto(`${server.url}dev/inbox?recipient=ada@example.org`);
  const code = await textOf(ada.page.locator('.letters code').first());
  await ada.press(`Copy ${code}`);
  await ada.page.getByText('Copied.').waitFor();
  assert.equal(await ada.page.evaluate('navigator.clipboard.readText()'), code);
});

test('a mail is shown as it looks, without anything of it running', async (t) => {
  const bob = await visit(t, { browser, url: server.url });
  await bob.signUp('bob@example.org');
  await bob.page.context().clearCookies();
  await ask('bob@example.org');
  await bob.page.goto(`${server.url}dev/inbox?recipient=bob@example.org`);
  const code = await textOf(bob.page.locator('.letters code').first());
  await bob.page.getByText('The whole message').first().click();
  const [mail] = await Promise.all([
    bob.page.waitForEvent('popup'),
    bob.page.getByRole('link', { name: 'As it looks in a mail program' }).first().click(),
  ]);
  await mail.getByText(code).waitFor();
  assert.equal(await mail.title(), 'a mail');
  const colour = await mail.evaluate(`getComputedStyle(document.querySelector('p')).color`);
  assert.equal(colour, 'rgb(1, 2, 3)');
});

test('without script one looks again', async (t) => {
  const { page } = await visit(t, {
    browser,
    url: `${server.url}dev/inbox?recipient=three@example.org`,
    options: { javaScriptEnabled: false },
  });
  await page.getByText('There is no message to three@example.org.').waitFor();
  await ask('three@example.org');
  await page.getByRole('link', { name: 'Look again' }).click();
  await page.getByText('To three@example.org').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Copy/ }).count(), 0);
  await page.getByRole('link', { name: 'Show all' }).click();
  assert.equal(new URL(page.url()).search, '');
});

test('markup in an address stays text', async (t) => {
  const { page } = await visit(t, {
    browser,
    url: `${server.url}dev/inbox?recipient=${encodeURIComponent('"><img src=x onerror=alert(1)>')}`,
  });
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.getByLabel('Only messages to').inputValue(), '"><img src=x onerror=alert(1)>');
});
