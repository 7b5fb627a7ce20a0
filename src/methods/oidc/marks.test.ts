// Every mark that is named can be drawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROVIDER_TYPES, type ProviderConfig } from './config.ts';
import { markOf } from './marks.ts';

const WITHOUT = ['amazon', 'dingtalk', 'generic', 'jackson', 'lark', 'linkedin', 'linkedin_v2'];

test('marks are paths, and providers without one are known', () => {
  const missing: string[] = [];
  for (const provider of PROVIDER_TYPES) {
    const mark = markOf({ provider } as ProviderConfig); // nothing else is looked at
    if (mark === undefined) missing.push(provider);
    else assert.match(mark, /^[Mm][\d\s.,a-zA-Z+-]+$/);
  }
  assert.deepEqual(missing.sort(), [...WITHOUT, 'netid', 'salesforce', 'slack', 'uaepass', 'yandex'].sort());
});
