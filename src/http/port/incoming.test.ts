import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { targetOf } from './context.ts';
import { incomingFromFetch, incomingFromNode } from './incoming.ts';

function arrived(target: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.url = target;
  message.method = 'GET';
  Object.assign(message.headers, headers);
  return message;
}

const TARGETS: readonly (readonly [sent: string, path: string | undefined, search?: string])[] = [
  ['/sessions/whoami?a=b', '/sessions/whoami', 'a=b'],
  ['/', '/'],
  ['//double//slashes', '//double//slashes'],
  ['/a?b=/../c', '/a', 'b=/../c'],
  ['/../../etc/passwd', '/etc/passwd'],
  ['/a/./b/..', '/a/'],
  ['/a/%2e%2E/x', '/x'],
  ['/a/.%2e/x?y=/%2e%2e/', '/x', 'y=/%2e%2e/'],
  ['/\u00ff', '/%C3%BF'],
  ['/a#b?c', '/a'],
  ['/a?b=\\', '/a', 'b=\\'],
  ['http://elsewhere.example/sessions/whoami?x', '/sessions/whoami', 'x'],
  ['/a\\b', undefined],
  ['*', undefined],
  ['', undefined],
  ['file:///etc/passwd', undefined],
];

for (const [sent, path, search = ''] of TARGETS) {
  test(`the address ${JSON.stringify(sent)} leads to ${path ?? 'nothing'}`, () => {
    const request = incomingFromNode(arrived(sent));
    assert.deepEqual(request && targetOf(request.target), path === undefined ? undefined : { path, search });
  });
}

test('a header that was not sent is absent, whatever its name', () => {
  const request = incomingFromNode(arrived('/', { 'x-session-token': 'abc' }));
  assert.equal(request?.header('x-session-token'), 'abc');
  for (const name of ['cookie', 'constructor', '__proto__', 'toString']) {
    assert.equal(request?.header(name), undefined, name);
  }
});

test('a caller that speaks fetch gives the same facts', () => {
  const request = incomingFromFetch(
    new Request('https://id.example/sessions/whoami?a=b', { headers: { 'X-Session-Token': 'abc' } }),
  );
  assert.deepEqual(targetOf(request.target), { path: '/sessions/whoami', search: 'a=b' });
  assert.equal(request.header('x-session-token'), 'abc');
  assert.equal(request.header('cookie'), undefined);
  assert.equal(request.body(), undefined);
});
