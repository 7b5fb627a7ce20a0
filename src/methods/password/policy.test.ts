import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createTestClock } from '../../lib/clock.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import { ApiError } from '../../protocol/api-error.ts';
import type { PasswordPolicyConfig } from './config.ts';
import { createPasswordPolicy, type PasswordPolicyDeps } from './policy.ts';

const config: PasswordPolicyConfig = {
  haveibeenpwned_enabled: false,
  haveibeenpwned_host: 'ranges.test',
  max_breaches: 0,
  ignore_network_errors: true,
  min_password_length: 8,
  identifier_similarity_check_enabled: true,
};

const unused: Outbound = { request: () => Promise.reject(new Error('nothing should be asked')) };

const policyOf = (
  over: Partial<PasswordPolicyConfig>,
  deps: Partial<PasswordPolicyDeps> = {},
): ReturnType<typeof createPasswordPolicy> =>
  createPasswordPolicy({
    outbound: unused,
    maxBytes: undefined,
    clock: createTestClock(0),
    ...deps,
    config: { ...config, ...over },
  });

const email = 'anna.meier@example.org';
interface Row {
  readonly name: string;
  readonly password: string;
  readonly over?: Partial<PasswordPolicyConfig>;
  readonly maxBytes?: number;
  readonly identifiers?: readonly string[];
  /** Id and context of the one message. */
  readonly expected?: readonly [number, Readonly<Record<string, number>>?];
}

const TABLE: readonly Row[] = [
  { name: 'just long enough', password: 'xk39-vq8' },
  { name: 'one too short', password: 'xk39-vq', expected: [4000032, { min_length: 8, actual_length: 7 }] },
  {
    name: 'a longer minimum',
    password: 'xk39-vq8',
    over: { min_password_length: 9 },
    expected: [4000032, { min_length: 9, actual_length: 8 }],
  },
  {
    name: 'seven letters of two bytes are seven',
    password: 'äöüßéèê',
    expected: [4000032, { min_length: 8, actual_length: 7 }],
  },
  {
    name: 'eight foxes are eight, not sixteen',
    password: '🦊'.repeat(7),
    expected: [4000032, { min_length: 8, actual_length: 7 }],
  },
  {
    name: 'a letter and its accent are one',
    password: 'e\u0301'.repeat(7),
    expected: [4000032, { min_length: 8, actual_length: 7 }],
  },
  { name: 'eight foxes', password: '🦊🦊🦊🦊🦊🦊🦊🦊' },
  { name: '72 bytes under bcrypt', password: 'x-'.repeat(36), maxBytes: 72 },
  {
    name: '73 bytes under bcrypt',
    password: `${'x-'.repeat(36)}y`,
    maxBytes: 72,
    expected: [4000033, { max_length: 72, actual_length: 73 }],
  },
  {
    name: '37 letters of two bytes under bcrypt',
    password: 'ä'.repeat(37),
    maxBytes: 72,
    expected: [4000033, { max_length: 72, actual_length: 74 }],
  },
  { name: '73 bytes without a limit', password: `${'x-'.repeat(36)}y` },
  { name: 'the address itself', password: email, expected: [4000031] },
  {
    name: 'the second of two identifiers',
    password: 'cool-anna-99',
    identifiers: [email, 'cool-anna'],
    expected: [4000031],
  },
  {
    name: 'the address, while that is allowed',
    password: email,
    over: { identifier_similarity_check_enabled: false },
  },
  { name: 'no identifier to compare with', password: email, identifiers: [] },
  {
    name: 'too short and too similar: the length is said first',
    password: 'anna',
    expected: [4000032, { min_length: 8, actual_length: 4 }],
  },
];

for (const { name, password, over = {}, maxBytes, identifiers = [email], expected } of TABLE) {
  test(`${name}: ${expected ? expected[0] : 'taken'}`, async () => {
    const problems = await policyOf(over, { maxBytes }).check(password, identifiers);
    assert.deepEqual(
      problems.map(({ at, message }) => [at, message.id, message.context, message.type]),
      expected ? [['password', expected[0], expected[1], 'error']] : [],
    );
  });
}

/** A range service that has seen one password. */
const service = (count: number): Outbound => ({
  request: async (url) => {
    assert.match(url, /^https:\/\/ranges\.test\/range\/[0-9A-F]{5}$/);
    const digest = createHash('sha1').update('xk39-vq8').digest('hex').toUpperCase();
    return { status: 200, headers: new Headers(), text: `${digest.slice(5)}:${count}` };
  },
});

for (const [count, max, expected] of [
  [3, 3, []],
  [4, 3, [[4000034, { breaches: 4 }]]],
  [1, 0, [[4000034, { breaches: 1 }]]],
  [0, 0, []],
] as const) {
  test(`seen ${count} times where ${max} are allowed`, async () => {
    const policy = policyOf(
      { haveibeenpwned_enabled: true, max_breaches: max },
      { outbound: service(count) },
    );
    const problems = await policy.check('xk39-vq8', [email]);
    assert.deepEqual(
      problems.map(({ message }) => [message.id, message.context]),
      expected,
    );
  });
}

test('a password that is refused anyway is not asked about elsewhere', async () => {
  const policy = policyOf({ haveibeenpwned_enabled: true, ignore_network_errors: false });
  assert.equal((await policy.check('short', [email])).length, 1);
  assert.equal((await policy.check(email, [email])).length, 1);
});

test('a failing service is the answer 502 only where its errors count', async () => {
  const strict = policyOf({ haveibeenpwned_enabled: true, ignore_network_errors: false });
  await assert.rejects(
    strict.check('xk39-vq8', [email]),
    (error) => error instanceof ApiError && error.status === 502,
  );
  const lax = policyOf({ haveibeenpwned_enabled: true });
  assert.deepEqual(await lax.check('xk39-vq8', [email]), []);
});
