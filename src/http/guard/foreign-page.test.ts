import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createForeignPageGuard } from './foreign-page.ts';

const guard = createForeignPageGuard('https://admin.example.org/api/', ['https://ops.example.org']);

/** Status of the refusal; undefined where it passes. */
const judged = (host: string, headers: Readonly<Record<string, string>> = {}): number | undefined =>
  guard({ sentOrigin: `http://${host}`, path: '/admin/identities', header: (name) => headers[name] })?.status;

const JSON_BODY = { 'content-type': 'application/json; charset=utf-8', 'content-length': '9' };

test('programs are asked for nothing, whatever Host they name', () => {
  for (const host of [
    'kratos:4434',
    '10.0.0.5:4434',
    'admin.example.org',
    'evil.example',
    'a.svc.cluster.local',
  ]) {
    assert.equal(judged(host), undefined, host);
    assert.equal(judged(host, { 'content-type': 'text/plain', 'content-length': '9' }), undefined, host);
    assert.equal(judged(host, { 'user-agent': 'node', 'accept-language': '*' }), undefined, host);
  }
});

test('a page of the own or a configured origin passes, with JSON', () => {
  for (const [host, origin] of [
    ['127.0.0.1:4434', 'http://127.0.0.1:4434'],
    ['localhost:4434', 'http://localhost:4434'],
    ['[::1]:4434', 'http://[::1]:4434'],
    ['10.0.0.5:4434', 'http://10.0.0.5:4434'],
    ['admin.example.org', 'https://admin.example.org'],
    ['127.0.0.1:4434', 'https://ops.example.org'],
  ] as const) {
    assert.equal(judged(host, { origin, ...JSON_BODY }), undefined, origin);
    assert.equal(judged(host, { origin, 'sec-fetch-site': 'cross-site' }), undefined, origin);
    assert.equal(judged(host, { origin, ...JSON_BODY, 'content-type': 'text/plain' }), 400, origin);
    assert.equal(judged(host, { origin, 'transfer-encoding': 'chunked' }), 400, origin);
  }
  assert.equal(judged('localhost:4434', { 'sec-fetch-site': 'none' }), undefined);
  assert.equal(judged('localhost:4434', { 'sec-fetch-site': 'same-origin' }), undefined);
});

test('a page of another origin does not, whatever it sends', () => {
  for (const origin of [
    'https://evil.example',
    'http://localhost:3000',
    'https://ops.example.org.evil.example',
    'http://ops.example.org',
    'null',
    '',
  ]) {
    assert.equal(judged('127.0.0.1:4434', { origin }), 403, origin);
    assert.equal(judged('127.0.0.1:4434', { origin, ...JSON_BODY }), 403, origin);
  }
  assert.equal(judged('127.0.0.1:4434', { 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(judged('127.0.0.1:4434', { 'sec-fetch-site': 'same-site' }), 403);
});

test('a page whose name was made to point here does not', () => {
  const host = 'rebound.evil.example:4434';
  assert.equal(judged(host, { origin: `http://${host}`, ...JSON_BODY }), 403);
  assert.equal(judged(host, { 'sec-fetch-site': 'same-origin' }), 403);
  // Without TLS a browser says neither.
  assert.equal(judged(host, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0' }), 403);
  assert.equal(judged(host, { 'user-agent': 'mine', 'accept-language': 'en-GB,en;q=0.5' }), 403);
  const inside = { 'user-agent': 'Mozilla/5.0 (Windows NT; Windows NT 10.0) WindowsPowerShell/5.1' };
  assert.equal(judged('kratos-admin', inside), undefined);
  assert.equal(judged('kratos.svc.cluster.local', inside), undefined);
  assert.equal(judged('10.0.0.5', inside), undefined);
});
