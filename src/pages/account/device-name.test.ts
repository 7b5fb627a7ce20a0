import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceName } from './device-name.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const TABLE = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux', 'computer'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0.0.0 Safari/537.36`,
    'Chrome on Windows',
    'computer',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/120.0 Safari/537.36 Edg/120.0`,
    'Edge on Windows',
    'computer',
  ],
  [
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/120.0 Safari/537.36 OPR/106.0`,
    'Opera on macOS',
    'computer',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15',
    'Safari on macOS',
    'computer',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
    'phone',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0 Mobile/15E148 Safari/604.1',
    'Chrome on iPhone',
    'phone',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/120.0 Mobile/15E148 Safari/604.1',
    'Firefox on iPad',
    'tablet',
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${WEBKIT} Chrome/120.0 Mobile Safari/537.36`,
    'Chrome on Android',
    'phone',
  ],
  [
    `Mozilla/5.0 (Linux; Android 13; SM-X700) ${WEBKIT} SamsungBrowser/23.0 Chrome/115.0 Safari/537.36`,
    'Samsung Internet on Android',
    'tablet',
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/120.0 Safari/537.36`,
    'Chrome on ChromeOS',
    'computer',
  ],
  [
    'Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2201123C) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.2',
    'Miui on Android',
    'phone',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/130.0 Safari/537.36 Vivaldi/7.0`,
    'Vivaldi on Windows',
    'computer',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
    'Internet Explorer on Windows',
    'computer',
  ],
  [
    'Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0/6.0 TV Safari/537.36',
    'Tizen on Tizen',
    'computer',
  ],
  ['acme-app/2.1 (iPhone; iOS 18.1)', 'acme-app on iPhone', 'phone'],
  ['okhttp/4.12.0', 'okhttp', 'program'],
  ['curl/8.5.0', 'curl', 'program'],
  ['Mozilla/5.0', 'Unknown device', 'program'],
  ['<script>alert(1)</script>', 'Unknown device', 'program'],
  ['', 'Unknown device', 'program'],
] as const;

for (const [userAgent, text, kind] of TABLE) {
  test(`"${userAgent.slice(0, 60)}" is ${text}`, () => {
    const { program: _program, system: _system, ...shown } = deviceName(userAgent);
    assert.deepEqual(shown, { text, kind });
  });
}

test('a device that sent nothing is unknown', () => {
  assert.equal(deviceName(null).text, 'Unknown device');
});

test('no text, however long or odd, is more than a moment of work', () => {
  const startedMs = performance.now();
  for (const part of [
    'Version/',
    ' ',
    'opera mini ',
    'chrome',
    '(windows nt ',
    'mac os x ',
    '\u0000',
    '💥',
  ]) {
    const { text } = deviceName(part.repeat(200_000 / part.length));
    assert.ok(text.length < 100);
  }
  assert.ok(performance.now() - startedMs < 200);
});
