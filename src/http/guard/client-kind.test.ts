import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientKind } from './client-kind.ts';

// Accept, Content-Type -> isJson, takesHtml, acceptsJson (docs/protocol/http.md 0.1)
for (const [accept, type, isJson, takesHtml, acceptsJson] of [
  [undefined, undefined, false, true, false],
  ['*/*', undefined, false, true, false],
  ['*/*', 'application/json', true, true, false],
  ['application/json', undefined, true, false, true],
  ['application/json, text/plain, */*', undefined, true, false, true],
  ['text/html, application/json', undefined, false, true, false],
  ['text/html;q=0.5, application/json', undefined, true, false, true],
  ['*/*', 'application/json; charset=utf-8', false, true, false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', undefined, false, true, false],
  ['text/plain', undefined, false, true, false],
  ['garbage;;q=x', undefined, false, true, false],
] as const) {
  test(`${accept ?? 'no Accept'} with ${type ?? 'no type'}`, () =>
    assert.deepEqual(clientKind(accept, type), { isJson, takesHtml, acceptsJson }));
}
