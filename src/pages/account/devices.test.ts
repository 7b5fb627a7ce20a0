import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityId, SessionId } from '../../lib/ids.ts';
import { ENGLISH } from '../../locale/locale.ts';
import type { Session } from '../../session/session.ts';
import { renderDevices, withoutPort } from './devices.ts';

const NOW = Date.UTC(2026, 0, 31, 18, 30);
const OPTIONS = {
  action: 'https://id.example/ui/sessions/revoke',
  csrfToken: 'c',
  flowId: 'f',
  nowMs: NOW,
  locale: ENGLISH,
};

// Plain texts stand for branded ids: nothing here looks them up.
const session = (id: string, userAgent: string | null, location: string | null = null): Session => ({
  id: id as SessionId,
  identityId: 'ada' as IdentityId,
  active: true,
  issuedAtMs: NOW - 7_200_000,
  authenticatedAtMs: NOW - 7_200_000,
  expiresAtMs: NOW + 1,
  authMethods: [],
  devices: [{ id: 'd', ipAddress: '203.0.113.7:4711', userAgent, location }],
});

const current = session(
  'here',
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Berlin',
);

test('this device is named first and has no button; others say since when, and have one', () => {
  const other = session('there', 'curl/8.5.0');
  const html = renderDevices({ current, others: [other], otherCount: 1 }, OPTIONS).toString();
  const [first = '', second = ''] = html.split('<li>').slice(1);
  assert.match(
    first,
    /Firefox on Linux<\/p>\s*<p class="quiet"><strong class="badge">This device<\/strong> · Berlin · 203\.0\.113\.7</,
  );
  assert.doesNotMatch(first, /<button/);
  assert.match(
    second,
    /curl<\/p>\s*<p class="quiet">Signed in: <time [^>]*>2 hours ago<\/time> · 203\.0\.113\.7</,
  );
  assert.match(second, /name="id" value="there">Sign out<span class="unseen"> curl<\/span>/);
});

test('with a single device there is nothing to sign out of', () => {
  assert.doesNotMatch(renderDevices({ current, others: [], otherCount: 0 }, OPTIONS).toString(), /<button/);
});

test('devices beyond those that are shown are counted', () => {
  const html = renderDevices({ current, others: [session('x', null)], otherCount: 4 }, OPTIONS).toString();
  assert.match(html, /And 3 more\./);
});

test('a device cannot bring markup along', () => {
  const html = renderDevices(
    { current: session('x', '<b>/1.0', '<i>here</i>'), others: [], otherCount: 0 },
    OPTIONS,
  ).toString();
  assert.doesNotMatch(html, /<b>|<i>/);
});

test('an address is shown without the port', () => {
  assert.equal(withoutPort('203.0.113.7:4711'), '203.0.113.7');
  assert.equal(withoutPort('[2001:db8::1]:4711'), '2001:db8::1');
  assert.equal(withoutPort('2001:db8::1'), '2001:db8::1');
  assert.equal(withoutPort(''), '');
});
