import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formats } from './formats.ts';

const TABLE: Readonly<Record<string, readonly [yes: readonly string[], no: readonly string[]]>> = {
  email: [
    [
      'ada@example.org',
      'a+b@x.y',
      'root@localhost',
      'jörg@example.org',
      '"a b"@example.org',
      `${'a'.repeat(64)}@x.org`,
    ],
    [
      'nobody',
      '',
      '@x.org',
      'a@',
      'a..b@x.org',
      '.a@x.org',
      'a.@x.org',
      'a b@x.org',
      'a@-x.org',
      'a@x..org',
      `${'a'.repeat(65)}@x.org`,
      'Ada <ada@x.org>',
      'a@x.org\r\nBcc: b@x.org',
    ],
  ],
  email_loose: [
    ['foo.@docomo.ne.jp', 'a..b@docomo.ne.jp', 'ada@example.org'],
    ['a@b@c.org', 'a b@x.org', 'a\n@x.org', '<a@x.org', 'a@', 'x'],
  ],
  tel: [
    ['+31201234567', '+41 79 123 45 01'],
    ['123', '0201234567', 'phone'],
  ],
  'no-validate': [['', 'anything'], []],
  date: [
    ['1815-12-10', '2000-02-29'],
    ['10.12.1815', '2001-02-29', '1900-02-29', '2020-13-01', '2020-00-01', '2020-01-00', '2020-1-1'],
  ],
  time: [
    ['03:04:05Z', '03:04:05.678+01:00', '23:59:60Z', '00:59:60+01:00'],
    ['noon', '24:00:00Z', '03:04Z', '12:00:60Z', '03:04:05'],
  ],
  'date-time': [
    ['2026-01-02T03:04:05Z', '2026-01-02t03:04:05.1-02:30'],
    ['yesterday', '2026-01-02 03:04:05Z', '2026-01-02', '2026-02-30T00:00:00Z'],
  ],
  uri: [
    ['https://www.example.org/ada', 'mailto:a@b.c', 'urn:x:y', 'http://[::1]:80/', 'https://exämple.org/ü'],
    ['not a url', '/path', '', 'http://[::zz]/', 'http://a b/', 'http://x/%zz', 'http://x:port/'],
  ],
  'uri-reference': [
    ['/a/b?c#d', '', '../x'],
    ['a b', '\\\\server'],
  ],
  'uri-template': [
    ['/a/{id}', '/{?q,r*}'],
    ['/{', '/a b/{id}'],
  ],
  hostname: [
    ['example.org', 'a', 'example.org.'],
    ['', '-a.org', 'a_b.org', `${'a'.repeat(64)}.org`],
  ],
  ipv4: [['127.0.0.1'], ['::1', '1.2.3', '256.1.1.1']],
  ipv6: [
    ['::1', '2001:db8::1'],
    ['127.0.0.1', 'fe80::1%eth0', 'x'],
  ],
  regex: [['^a+$'], ['(', '(?=a)']],
  'json-pointer': [
    ['', '/a/b~0c'],
    ['a', '/~2'],
  ],
  'relative-json-pointer': [
    ['0', '1/a', '2#'],
    ['/a', '-1'],
  ],
};

test('each format accepts and refuses what it should', () => {
  for (const [name, [yes, no]] of Object.entries(TABLE)) {
    const check = formats[name];
    assert.ok(check, name);
    for (const text of yes) assert.equal(check(text), true, `${name} should accept ${JSON.stringify(text)}`);
    for (const text of no) assert.equal(check(text), false, `${name} should refuse ${JSON.stringify(text)}`);
  }
});

test('hostile texts take no noticeable time', () => {
  const texts = [
    'a'.repeat(100_000),
    `${'a.'.repeat(50_000)}@x`,
    `/${'{a'.repeat(50_000)}`,
    '0'.repeat(100_000),
    '"'.repeat(100_000),
    `//${'@'.repeat(100_000)}`,
  ];
  const startMs = performance.now();
  for (const check of Object.values(formats)) for (const text of texts) check(text);
  assert.ok(performance.now() - startMs < 2_000);
});
