import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createTestClock } from '../../lib/clock.ts';
import { type Outbound, OutboundError, type OutboundRequest } from '../../outbound/outbound.ts';
import { ApiError } from '../../protocol/api-error.ts';
import { type BreachListDeps, createBreachList } from './breach.ts';

const digestOf = (password: string): string =>
  createHash('sha1').update(password).digest('hex').toUpperCase();
const MINUTE_MS = 60_000;

interface Call {
  readonly url: string;
  readonly request: OutboundRequest | undefined;
}

/** A range service that knows lines `SUFFIX:COUNT`, or fails as told. */
function stub(lines: readonly string[]): {
  readonly outbound: Outbound;
  readonly calls: readonly Call[];
  fail: (how: number | Error | undefined) => void;
} {
  const calls: Call[] = [];
  let failure: number | Error | undefined;
  const outbound: Outbound = {
    request: async (url, request) => {
      calls.push({ url, request });
      if (failure instanceof Error) throw failure;
      const text = ['0'.repeat(35), ...lines].join('\r\n');
      return { status: failure ?? 200, headers: new Headers(), text };
    },
  };
  return {
    outbound,
    calls,
    fail: (how) => {
      failure = how;
    },
  };
}

const listOf = (
  of: Partial<BreachListDeps> & Pick<BreachListDeps, 'outbound'>,
): ReturnType<typeof createBreachList> =>
  createBreachList({ host: 'ranges.test', ignoresErrors: false, clock: createTestClock(0), ...of });

const suffix = digestOf('hunter2').slice(5);
for (const [line, expected] of [
  [`${suffix}:17`, 17],
  [`${suffix.toLowerCase()}:17`, 17],
  [`${suffix}:1,234,567`, 1_234_567],
  [suffix, 1],
  [`${suffix}:0`, 0],
  [`${suffix.slice(0, -1)}0A:9`, 0],
  ['', 0],
] as const) {
  test(`the line "${line}" counts ${expected}`, async () => {
    assert.equal(await listOf(stub([line])).count('hunter2'), expected);
  });
}

test('only the first five digits of the hash leave the server, and answers are padded', async () => {
  const { outbound, calls } = stub([]);
  await listOf({ outbound }).count('hunter2');
  assert.equal(calls[0]?.url, `https://ranges.test/range/${digestOf('hunter2').slice(0, 5)}`);
  assert.deepEqual(calls[0]?.request?.headers, { 'Add-Padding': 'true' });
  assert.doesNotMatch(JSON.stringify(calls), new RegExp(`${suffix}|hunter2`));
});

test('a range is asked for once an hour', async () => {
  const { outbound, calls } = stub([]);
  const clock = createTestClock(0);
  const list = listOf({ outbound, clock });
  await list.count('hunter2');
  clock.advance(59 * MINUTE_MS);
  await list.count('hunter2');
  assert.equal(calls.length, 1);
  clock.advance(2 * MINUTE_MS);
  await list.count('hunter2');
  assert.equal(calls.length, 2);
});

test('at most a hundred ranges are kept, the oldest goes first', async () => {
  const { outbound, calls } = stub([]);
  const list = listOf({ outbound });
  const passwords = Array.from({ length: 101 }, (_, index) => `password ${index}`);
  for (const password of passwords) await list.count(password);
  await list.count('password 100');
  await list.count('password 1');
  assert.equal(calls.length, 101);
  await list.count('password 0');
  assert.equal(calls.length, 102);
});

for (const failure of [404, 500, new OutboundError('network', 'no route')]) {
  const name = typeof failure === 'number' ? `an answer of ${failure}` : 'a network error';

  test(`${name} is a 502 where errors count`, async () => {
    const { outbound, fail } = stub([]);
    fail(failure);
    await assert.rejects(
      listOf({ outbound }).count('hunter2'),
      (error) => error instanceof ApiError && error.status === 502 && error.id === 'upstream_error',
    );
  });

  test(`${name} takes the password where errors are ignored, and the service rests a while`, async () => {
    const { outbound, calls, fail } = stub([`${suffix}:5`]);
    fail(failure);
    const clock = createTestClock(1_000);
    const list = listOf({ outbound, clock, ignoresErrors: true });
    assert.equal(await list.count('hunter2'), 0);
    fail(undefined);
    assert.equal(await list.count('hunter2'), 0);
    assert.equal(calls.length, 1);
    clock.advance(10_000);
    assert.equal(await list.count('hunter2'), 5);
  });
}
