// What methods keep in a flow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealer } from '../../lib/cipher.ts';
import type { Flow } from '../flow.ts';
import { memoryOf, withMemories } from './memory.ts';

const deps = { memorySealer: createSealer(['a secret that only tests have'], 'method memory') };
// Nothing else of a flow is looked at.
const flow = { id: 'flow' } as unknown as Flow;

test('a memory is sealed, and opens for its own method only', () => {
  const kept = withMemories(deps, flow, { one: { secret: 'open sesame' } });
  assert.ok(!JSON.stringify(kept).includes('sesame'));
  assert.deepEqual(memoryOf(deps, kept, 'one'), { secret: 'open sesame' });
  assert.deepEqual(memoryOf(deps, kept, 'two'), {});
  const swapped: Flow = { ...kept, memory: { two: kept.memory?.['one'] ?? '' } };
  assert.deepEqual(memoryOf(deps, swapped, 'two'), {});
  const other = { memorySealer: createSealer(['another secret of tests'], 'method memory') };
  assert.deepEqual(memoryOf(other, kept, 'one'), {});
});

test('a new memory takes the place of the old one, an empty one takes it away, and the others stay', () => {
  const both = withMemories(deps, flow, { one: { at: 1 }, two: { at: 2 } });
  const changed = withMemories(deps, both, { one: { at: 3 }, two: undefined });
  assert.deepEqual([memoryOf(deps, changed, 'one'), memoryOf(deps, changed, 'two')], [{ at: 3 }, { at: 2 }]);
  const emptied = withMemories(deps, changed, { one: {}, two: {} });
  assert.equal('memory' in emptied, false);
  assert.equal(withMemories(deps, flow, {}), flow);
});

test('names of the language are names like others', () => {
  assert.deepEqual(memoryOf(deps, flow, 'constructor'), {});
  const kept = withMemories(deps, flow, { toString: { at: 1 } });
  assert.deepEqual(memoryOf(deps, kept, 'toString'), { at: 1 });
});
