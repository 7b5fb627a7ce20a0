import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

const HERE = ['localhost', 'app.localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '::ffff:127.0.0.1'];
const ELSEWHERE = [
  '',
  'localhost.example.org',
  'notlocalhost',
  '127.0.0.1.example.org',
  '0.0.0.0',
  '10.0.0.1',
  '192.168.0.1',
  '::',
  '[::2]',
  '::ffff:10.0.0.1',
  'fe80::1',
];

for (const host of HERE) test(`${host} is this machine`, () => assert.ok(isLoopback(host)));
for (const host of ELSEWHERE) test(`"${host}" may be another machine`, () => assert.ok(!isLoopback(host)));
