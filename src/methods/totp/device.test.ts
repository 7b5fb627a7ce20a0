// Codes of authenticator apps: the steps that are good, that each is good once, and what is no device at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOTP } from 'otpauth';
import { acceptedStep, deviceQr, deviceUrl, isDeviceUrl, newSecret } from './device.ts';

// The secret of RFC 6238 appendix B in base32.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const URL_OF = await deviceUrl({ issuer: 'Example', account: 'ada@example.org', secret: SECRET });
const at = (nowMs: number, afterStep?: number) => ({ nowMs, afterStep });

test('the codes of RFC 6238 are accepted at their times', async () => {
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const) {
    assert.equal(await acceptedStep(URL_OF, code, at(seconds * 1000)), Math.floor(seconds / 30));
  }
});

test('one step earlier or later is good, two are not', async () => {
  const nowMs = 1_700_000_010_000;
  const code = (steps: number) =>
    new TOTP({ secret: SECRET }).generate({ timestamp: nowMs + steps * 30_000 });
  const step = Math.floor(nowMs / 30_000);
  assert.deepEqual(
    await Promise.all([-2, -1, 0, 1, 2].map((steps) => acceptedStep(URL_OF, code(steps), at(nowMs)))),
    [undefined, step - 1, step, step + 1, undefined],
  );
});

test('no code is good twice, and none that is older than the last one', async () => {
  const nowMs = 59_000;
  assert.equal(await acceptedStep(URL_OF, '287082', at(nowMs, 0)), 1);
  assert.equal(await acceptedStep(URL_OF, '287082', at(nowMs, 1)), undefined);
  assert.equal(await acceptedStep(URL_OF, '287082', at(nowMs, 2)), undefined);
});

test('spaces in a code do not count, and what is no code is none', async () => {
  assert.equal(await acceptedStep(URL_OF, '287 082', at(59_000)), 1);
  for (const code of ['', '28708', '2870820', 'abcdef', '٢٨٧٠٨٢', '-87082'])
    assert.equal(await acceptedStep(URL_OF, code, at(59_000)), undefined, code);
});

test('a new secret has 160 bits, and differs each time', async () => {
  assert.match(await newSecret(), /^[A-Z2-7]{32}$/);
  assert.notEqual(await newSecret(), await newSecret());
});

test('the address names issuer and account, and becomes a picture', async () => {
  const url = new URL(URL_OF);
  assert.equal(decodeURIComponent(url.pathname), '/Example:ada@example.org');
  assert.equal(url.searchParams.get('issuer'), 'Example');
  assert.match(await deviceQr(URL_OF), /^data:image\/png;base64,/);
});

test('addresses of other systems are devices; those that cannot make codes are not', async () => {
  const base = 'otpauth://totp/Old:me?secret=JBSWY3DPEHPK3PXP';
  assert.ok(await isDeviceUrl(`${base}&issuer=Old`));
  assert.ok(await isDeviceUrl(`${base}&algorithm=SHA256&digits=8&period=60`));
  for (const url of [
    '',
    'https://example.org/',
    'otpauth://hotp/Old:me?secret=JBSWY3DPEHPK3PXP&counter=1',
    'otpauth://totp/Old:me',
    'otpauth://totp/Old:me?secret=',
    'otpauth://totp/Old:me?secret=not base32!',
    `${base}&digits=1`,
    `${base}&period=0`,
    `${base}&issuer=${'x'.repeat(3000)}`,
  ])
    assert.equal(await isDeviceUrl(url), false, url.slice(0, 60));
});
