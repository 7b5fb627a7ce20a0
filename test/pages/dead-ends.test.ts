// There are none: whatever address one comes by, a page says what to do, or leads on.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openChromium } from '../support/chromium.ts';
import { startPageServer } from '../support/page-server.ts';
import { HOUR_MS } from '../support/server.ts';
import { textOf, visit } from '../support/visitor.ts';

const browser = await openChromium({ after });
const server = await startPageServer(
  { after },
  { flows: { recovery: { enabled: true }, verification: { enabled: true } } },
);

const NOBODY = '6f1c3e7a-8b0d-4c55-9a53-2f9d3d5b7e11';

test('a page without a flow, or with one that is not known, starts one and keeps where to go afterwards', async (t) => {
  const { page } = await visit(t, { browser, url: server.url });
  const returnTo = `${server.url}ui/settings`;
  for (const kind of ['login', 'registration', 'recovery', 'verification']) {
    for (const query of ['', `flow=${NOBODY}&`, 'flow=nonsense&']) {
      await page.goto(`${server.url}ui/${kind}?${query}return_to=${encodeURIComponent(returnTo)}`);
      const address = new URL(page.url());
      assert.equal(address.pathname, `/ui/${kind}`);
      const id = address.searchParams.get('flow') ?? '';
      assert.notEqual(id, NOBODY);
      const link = await page.getByRole('contentinfo').getByRole('link').first().getAttribute('href');
      assert.equal(new URL(link ?? '').searchParams.get('return_to'), returnTo);
    }
  }
});

test('the account page without a session leads to the sign-in', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  await ada.page.goto(`${server.url}ui/settings`);
  assert.equal(await ada.heading(), 'Sign in');
});

test('a form that was left open too long gives way to a fresh one that says so', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  await ada.follow('Sign in');
  const before = ada.page.url();
  server.clock.advance(2 * HOUR_MS);
  await ada.page.reload();
  assert.notEqual(ada.page.url(), before);
  assert.equal(await ada.heading(), 'Sign in');
  assert.match(await textOf(ada.page.getByRole('alert')), /expired/);
});

test('a flow of another browser is an error that says what to do, with its reference', async (t) => {
  const ada = await visit(t, { browser, url: server.url });
  await ada.follow('Sign in');
  const eve = await visit(t, { browser, url: server.url });
  await eve.page.goto(ada.page.url());
  assert.equal(await eve.heading(), 'This page is out of date');
  const id = new URL(eve.page.url()).searchParams.get('id') ?? '';
  await eve.page.getByText(id).waitFor();
  await eve.follow('Start again');
  assert.equal(await eve.heading(), 'Welcome to Bia');
});

test('an error that nobody knows is friendly too', async () => {
  for (const query of ['', `?id=${NOBODY}`, '?id=nonsense']) {
    const answer = await fetch(`${server.url}ui/error${query}`);
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /<h1>Nothing to show here<\/h1>[\s\S]*Start again/);
  }
});

test('a person who is signed in is not asked to sign in', async (t) => {
  const bob = await visit(t, { browser, url: server.url });
  await bob.signUp('bob@example.org');
  for (const path of ['', 'ui/login', 'ui/registration']) {
    await bob.page.goto(server.url + path);
    assert.equal(await bob.heading(), 'Your account');
  }
});

test('a device that is signed out elsewhere is asked to sign in when it presses a button', async (t) => {
  const home = await visit(t, { browser, url: server.url });
  await home.signUp('cleo@example.org');
  const away = await visit(t, { browser, url: server.url });
  await away.signIn('cleo@example.org');
  await away.page.getByText('Signed in as cleo@example.org').waitFor();
  await home.page.reload();
  await home.press('Sign out everywhere else');
  await home.page.getByText('All other devices have been signed out.').waitFor();
  await away.press('Sign out everywhere else');
  assert.equal(await away.heading(), 'Sign in');
});

test('a form to sign devices out that comes from elsewhere is refused', async (t) => {
  const dora = await visit(t, { browser, url: server.url });
  await dora.signUp('dora@example.org');
  const answer = await dora.page.request.post(`${server.url}ui/sessions/revoke`, {
    form: { id: 'all-others' },
  });
  assert.equal(answer.status(), 403);
});
