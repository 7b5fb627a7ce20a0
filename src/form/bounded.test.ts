import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boundedEcho, boundedProblems } from './bounded.ts';

describe('what was typed is shown again', () => {
  it('as it was, in forms as people fill them in', () => {
    const values = {
      'traits.email': 'ada@example.org',
      'traits.bio': 'b'.repeat(5000),
      'traits.age': 36,
      'traits.on': false,
    };
    assert.deepEqual(boundedEcho(values), values);
  });

  it('without single values that are too long, and not cut in two', () => {
    assert.deepEqual(boundedEcho({ long: 'x'.repeat(9000), short: 'y' }), { short: 'y' });
    assert.deepEqual(boundedEcho({ ['n'.repeat(9000)]: 1, list: Array.from({ length: 5000 }, () => 1) }), {});
  });

  it('as far as there is room', () => {
    const values = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`t${i}`, i]));
    const kept = Object.keys(boundedEcho(values)).length;
    assert.ok(kept > 100 && kept < 200, String(kept));
  });
});

describe('problems', () => {
  const message = { id: 1, text: 'Too long.', type: 'error' } as const;

  it('are shown as they are where they are short', () => {
    const problems = [{ message, at: 'traits.email' }, { message: { ...message, context: { value: 'x' } } }];
    assert.deepEqual(boundedProblems(problems), problems);
  });

  it('repeat no more than the start of what was typed', () => {
    const long = {
      ...message,
      text: `"${'💥'.repeat(1000)}" is wrong`,
      context: { value: 'v'.repeat(9000), list: [...Array(900).keys()], n: 1 },
    };
    const [shown] = boundedProblems([{ message: long, at: 'traits.email' }]);
    assert.ok(JSON.stringify(shown).length < 2500);
    assert.ok(shown?.message.text.isWellFormed());
    assert.deepEqual(Object.keys(shown?.message.context ?? {}), ['value', 'n']);
    assert.equal(boundedProblems([{ message, at: 'x'.repeat(600) }])[0]?.at, undefined);
  });

  it('are not more than anybody reads', () => {
    assert.equal(boundedProblems(Array.from({ length: 9000 }, () => ({ message }))).length, 50);
  });
});
