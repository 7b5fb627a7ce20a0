import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestAuth } from './request.ts';
import { toServiceRequest } from './service-request.ts';

const SERVICE = { url: 'https://mail.example.org/send', method: 'post', headers: {} };
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

test('JSON of every kind is sent as it is, and is the default', () => {
  for (const value of [{ to: 'ä' }, [1, null], 'text', null, 1.5]) {
    const { headers, body, method } = toServiceRequest(SERVICE, value);
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(body), value);
    assert.equal(method, 'POST');
  }
});

test('a form is made of an object of texts, and of nothing else', () => {
  const form = { ...SERVICE, headers: FORM };
  assert.equal(toServiceRequest(form, { to: 'a@b.c', text: 'x & y' }).body, 'to=a%40b.c&text=x+%26+y');
  for (const value of [{ n: 1 }, { list: ['a'] }, { none: null }, ['a'], 'a', null]) {
    assert.throws(() => toServiceRequest(form, value), /form/, JSON.stringify(value));
  }
});

test('any other content type is refused, also one with a parameter', () => {
  for (const type of ['application/json; charset=utf-8', 'text/plain', 'Application/JSON']) {
    assert.throws(
      () => toServiceRequest({ ...SERVICE, headers: { 'content-type': type } }, {}),
      /content type/,
    );
  }
});

test('who calls is proven by a header, a cookie, or name and password', () => {
  const headersWith = (auth: RequestAuth, headers: Readonly<Record<string, string>> = {}) =>
    toServiceRequest({ ...SERVICE, headers, auth }, {}).headers;
  const key = (place: 'header' | 'cookie'): RequestAuth => ({
    type: 'api_key',
    config: { name: 'X-Key', value: 'k1', in: place },
  });
  assert.equal(headersWith(key('header'))['x-key'], 'k1');
  assert.equal(headersWith(key('cookie'))['cookie'], 'X-Key=k1');
  assert.equal(headersWith(key('cookie'), { Cookie: 'a=b' })['cookie'], 'a=b; X-Key=k1');
  const basic = headersWith({ type: 'basic_auth', config: { user: 'ü', password: 'p:w' } });
  assert.equal(basic['authorization'], `Basic ${Buffer.from('ü:p:w').toString('base64')}`);
});
