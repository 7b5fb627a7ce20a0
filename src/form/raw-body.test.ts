import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRawBody, type RawBody } from './raw-body.ts';

const parse = (
  body: string | Uint8Array,
  contentType?: string,
  method = 'POST',
  query = '',
): Promise<RawBody> =>
  parseRawBody({
    method,
    contentType,
    bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    query: new URLSearchParams(query),
  });
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

test('JSON and forms are read', async () => {
  assert.deepEqual(await parse('{"a":1}', 'application/json; charset=utf-8'), {
    kind: 'json',
    value: { a: 1 },
  });
  assert.deepEqual(await parse('a=1&b=%C3%A4+x&a=2&c&&d=', 'Application/X-WWW-Form-Urlencoded'), {
    kind: 'form',
    entries: [
      ['a', '1'],
      ['b', 'ä x'],
      ['a', '2'],
      ['c', ''],
      ['d', ''],
    ],
  });
  assert.deepEqual(await parse('', undefined, 'GET', 'flow=x&method=mail'), {
    kind: 'form',
    entries: [
      ['flow', 'x'],
      ['method', 'mail'],
    ],
  });
});

test('multipart fields arrive, files do not', async () => {
  const form = new FormData();
  form.append('method', 'mail');
  form.append('email', 'ä@example.org');
  form.append('file', new Blob(['x']), 'x.txt');
  const response = new Response(form);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual(await parse(bytes, response.headers.get('content-type') ?? ''), {
    kind: 'form',
    entries: [
      ['method', 'mail'],
      ['email', 'ä@example.org'],
    ],
  });
});

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const REFUSED: readonly (readonly [
  name: string,
  kind: RawBody['kind'],
  body: string | Uint8Array,
  type?: string,
])[] = [
  ['nothing', 'none', '', JSON_TYPE],
  ['no content type', 'unsupported', 'method=x'],
  ['plain text', 'unsupported', 'method=x', 'text/plain'],
  ['cut-off JSON', 'malformed', '{"method": "x"', JSON_TYPE],
  ['a list', 'malformed', '["x"]', JSON_TYPE],
  ['null', 'malformed', 'null', JSON_TYPE],
  [
    'JSON that is not UTF-8',
    'malformed',
    new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    JSON_TYPE,
  ],
  ['a form that is not UTF-8', 'malformed', 'a=%ff', FORM],
  ['a cut-off escape', 'malformed', 'a=%4', FORM],
  ['NUL in JSON', 'malformed', '{"a":"\\u0000"}', JSON_TYPE],
  ['NUL in a form', 'malformed', 'a=%00', FORM],
  ['a lone surrogate', 'malformed', '{"a":"\\ud800"}', JSON_TYPE],
  ['a lone surrogate in a name', 'malformed', '{"\\ud800":1}', JSON_TYPE],
  ['1,001 fields', 'malformed', 'a=1&'.repeat(1_001), FORM],
  ['1,001 names', 'malformed', `{"a":1${',"a":1'.repeat(1_000)}}`, JSON_TYPE],
  ['10,001 values', 'malformed', `{"a":[${'1,'.repeat(10_001)}1]}`, JSON_TYPE],
  ['deep nesting', 'malformed', nested(65), JSON_TYPE],
  ['very deep nesting', 'malformed', nested(100_000), JSON_TYPE],
  ['__proto__ in JSON', 'malformed', '{"a":{"__proto__":{"b":1}}}', JSON_TYPE],
  ['__proto__ in a dotted name', 'malformed', 'transient_payload.__proto__.x=1', FORM],
  ['a number beyond all numbers', 'malformed', '{"a":1e999}', JSON_TYPE],
  ['a broken multipart form', 'malformed', 'x', 'multipart/form-data; boundary=b'],
  ['a multipart form without boundary', 'malformed', 'x', 'multipart/form-data'],
];

test('what cannot be read comes back with a reason', async () => {
  for (const [name, kind, body, type] of REFUSED) {
    const raw = await parse(body, type);
    assert.equal(raw.kind, kind, name);
    assert.ok('reason' in raw && raw.reason.length > 10, name);
  }
  assert.equal((await parse(nested(64), JSON_TYPE)).kind, 'json');
});
