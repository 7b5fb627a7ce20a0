import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCsrfToken, maskCsrf, newCsrfToken, verifyCsrf } from './csrf-token.ts';

const token = newCsrfToken();

test('a masked token fits its cookie', () => assert.equal(verifyCsrf(token, maskCsrf(token)), true));
test('the plain token fits too', () => assert.equal(verifyCsrf(token, token), true));
test('each mask is another', () => assert.notEqual(maskCsrf(token), maskCsrf(token)));
test('a token of another cookie does not fit', () =>
  assert.equal(verifyCsrf(token, maskCsrf(newCsrfToken())), false));
for (const wrong of ['', 'x', token.slice(4), `${token}=`, 'A'.repeat(88), '💥']) {
  test(`${JSON.stringify(wrong.slice(0, 20))} does not fit`, () =>
    assert.equal(verifyCsrf(token, wrong), false));
}
test('only 32 bytes are a token', () => {
  assert.equal(isCsrfToken(token), true);
  assert.equal(isCsrfToken('AAAA'), false);
});
