import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor } from './redact.ts';

const { fields, text } = createRedactor();
const R = '[redacted]';

test('fields that hold secrets are taken out at any depth, however their names are written', () => {
  const hidden = [
    ...[
      'Authorization',
      'cookie',
      'Set-Cookie',
      'X-Session-Token',
      'password',
      'token',
      'code',
      'csrf_token',
    ],
    ...['secret', 'clientSecret', 'sessionToken', 'access-token', 'hashed_password', 'traits', 'identifier'],
  ];
  for (const name of hidden) {
    assert.deepEqual(fields({ outer: [{ [name]: 'plain value' }] }), { outer: [{ [name]: R }] }, name);
  }
  assert.deepEqual(fields({ code: 123456 }), { code: R }, 'numbers can be secrets too');
  assert.deepEqual(fields({ password: { old: 'a', new: 'b' } }), { password: R });
});

test('fields that only sound like secrets stay', () => {
  const plain = {
    status: 200,
    error_code: 'ECONNREFUSED',
    code_count: 3,
    method: 'password',
    token_count: 1,
  };
  assert.deepEqual(fields(plain), plain);
  assert.deepEqual(fields({ password: null, secret: true }), { password: null, secret: true });
});

test('values that look like secrets are taken out wherever they stand', () => {
  const cases: readonly (readonly [given: string, printed: string])[] = [
    ['token ory_st_AbC123 was used', `token ${R} was used`],
    ['ory_lo_zzzz', R],
    ['Authorization: Bearer abc.def', `Authorization: Bearer ${R}`],
    ['basic dXNlcjpwYXNz', `basic ${R}`],
    ['jwt eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl!', `jwt ${R}!`],
    ['/self-service/recovery?flow=1&token=abc', `/self-service/recovery?flow=1&token=${R}`],
    ['https://a.b/callback?code=xyz&state=s3', `https://a.b/callback?code=${R}&state=${R}`],
    ['ory_kratos_session=MTY5; other=1', `ory_kratos_session=${R}; other=1`],
    ['csrf_token_806060ca=abc=', `csrf_token_806060ca=${R}`],
    ['postgres://bia:hunter2@db:5432/bia', `postgres://bia:${R}@db:5432/bia`],
  ];
  for (const [given, printed] of cases) assert.equal(text(given), printed);
});

test('texts without secrets stay as they are', () => {
  for (const plain of ['', 'signed in', 'https://example.org/a?flow=1', 'error=not_found', 'a=b']) {
    assert.equal(text(plain), plain);
  }
});

test('an error is printed with its causes and without the secrets in them', () => {
  const inner = Object.assign(new Error('connect to postgres://u:pw@db failed'), { code: 'ECONNREFUSED' });
  const error = new TypeError('cannot sign in ory_st_abc', {
    cause: new AggregateError([inner], 'all failed'),
  });
  const printed = JSON.stringify(fields({ error }));
  assert.match(printed, /"type":"TypeError"/);
  assert.match(printed, /cannot sign in \[redacted\]/);
  assert.match(printed, /"cause":\{"type":"AggregateError","message":"all failed"/);
  assert.match(printed, /"error_code":"ECONNREFUSED"/);
  assert.doesNotMatch(printed, /ory_st_abc|:pw@/);
});

test('values of any kind can be printed, and none is endless', () => {
  const round: Record<string, unknown> = {};
  round['self'] = round;
  const many = Array.from({ length: 1000 }, (_, index) => index);
  assert.deepEqual(
    fields({ big: 10n, no: undefined, run: () => 1, bytes: new Uint8Array(4), nan: Number.NaN, nil: null }),
    { big: '10', bytes: '[4 bytes]', nan: 'NaN', nil: null },
  );
  assert.ok(JSON.stringify(fields({ round, many })).length < 1000);
  assert.ok(text('x'.repeat(1_000_000)).length < 10_000);
});

test('a redaction text of the configuration is used literally', () => {
  const own = createRedactor('<$1 hidden>');
  assert.equal(own.text('Bearer abc'), 'Bearer <$1 hidden>');
  assert.deepEqual(own.fields({ token: 'a' }), { token: '<$1 hidden>' });
});

test('hostile texts cost time in proportion to their length', () => {
  const hostile = ['eyJ'.repeat(3000), '-eyJ'.repeat(2000), `?${'token'.repeat(1600)}`, '://'.repeat(2600)];
  const words = ['?', '&', ' '].map((delimiter) => `${delimiter}session`.repeat(900));
  const startedAt = performance.now();
  for (const value of [...hostile, ...words]) for (let i = 0; i < 10; i++) text(value);
  // 70 texts of 8 KB; one quadratic pattern would take a hundred times as long.
  assert.ok(performance.now() - startedAt < 1000);
});
