import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnOrigins } from './own-origins.ts';

const origins = createOwnOrigins('https://id.example.org/auth/', [
  'https://app.example.org/home',
  'http://127.0.0.1:3000/welcome',
  'https://*.shop.example/x',
  'https://*.com/',
  '/relative',
  'app.example.org:/callback',
]);

test('a host is ours where a configured address has it, whatever the scheme of the request', () => {
  assert.equal(origins.find('https', 'id.example.org'), 'https://id.example.org');
  assert.equal(origins.find('http', 'ID.example.org'), 'https://id.example.org');
  assert.equal(origins.find('https', 'id.example.org:443'), 'https://id.example.org');
  assert.equal(origins.find('http', 'app.example.org'), 'https://app.example.org');
  assert.equal(origins.find('http', '127.0.0.1:3000'), 'http://127.0.0.1:3000');
  assert.equal(origins.find('http', 'de.shop.example'), 'https://de.shop.example');
});

test('any other host is nobody of ours', () => {
  for (const host of [
    'evil.example',
    'id.example.org.evil.example',
    'id.example.org:8443',
    '127.0.0.1',
    'shop.example',
    'evil.com',
    '*.shop.example@evil.example',
    '',
  ]) {
    assert.equal(origins.find('https', host), undefined, host);
  }
});

test('an address of another origin keeps its path and query and gets our main origin', () => {
  assert.equal(origins.ownAddress('https://app.example.org/a?b=c'), 'https://app.example.org/a?b=c');
  assert.equal(origins.ownAddress('https://evil.example/a?b=c'), 'https://id.example.org/a?b=c');
  assert.equal(origins.ownAddress('nonsense'), 'https://id.example.org/');
});
