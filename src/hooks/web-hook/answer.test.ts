// Answers of services come from outside: what cannot be read is not taken for something else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProblems, readRewrite } from './answer.ts';

const stop = (pointer: unknown, message: object): string =>
  JSON.stringify({ messages: [{ instance_ptr: pointer, messages: [message] }] });
const SAID = { id: 4711, text: 'No.', type: 'error' };

test('pointers name nodes, and the root the form', () => {
  for (const [pointer, at] of [
    ['#/traits/name/first', 'traits.name.first'],
    ['/identifier', 'identifier'],
    ['#/traits/a~1b~0c', 'traits.a/b~c'],
    ['#/', undefined],
    ['#', undefined],
    ['', undefined],
  ] as const) {
    const message = { id: 4711, text: 'No.', type: 'error' };
    assert.deepEqual(readProblems(stop(pointer, SAID)), [{ message, ...(at === undefined ? {} : { at }) }]);
  }
});

test('what is no error is information, and contexts are kept', () => {
  const [problem] = readProblems(stop('#/', { ...SAID, type: 'warning', context: { wait: 5 } })) ?? [];
  assert.deepEqual(problem?.message, { id: 4711, text: 'No.', type: 'info', context: { wait: 5 } });
});

test('an answer that stops without a message cannot be read', () => {
  for (const text of [
    '',
    'no',
    '[]',
    '{}',
    '{"messages":[]}',
    '{"messages":{}}',
    '{"messages":[{"messages":[]}]}',
    stop(7, SAID),
    stop('#/', { ...SAID, id: '7' }),
    stop('#/', { id: 7 }),
  ]) {
    assert.equal(readProblems(text), undefined, text);
  }
});

test('a flood of messages is cut', () => {
  const messages = Array.from({ length: 500 }, () => SAID);
  assert.equal(readProblems(JSON.stringify({ messages: [{ instance_ptr: '#/', messages }] }))?.length, 100);
});

test('members of an identity that are empty change nothing, but for the external id', () => {
  assert.deepEqual(readRewrite('{}'), {});
  const empty = { traits: {}, schema_id: '', state: '', metadata_public: null, verifiable_addresses: [] };
  assert.deepEqual(readRewrite(JSON.stringify({ identity: empty })), {});
  assert.deepEqual(readRewrite('{"identity":{"external_id":""}}'), { externalId: null });
  assert.deepEqual(readRewrite('{"identity":{"external_id":null}}'), { externalId: null });
});

test("an identity is read with its names of the protocol; credentials are not a service's to set", () => {
  const identity = {
    schema_id: 'person',
    state: 'inactive',
    traits: { email: 'a@example.org' },
    metadata_public: 7,
    metadata_admin: { score: 1 },
    external_id: 'x1',
    verifiable_addresses: [{ value: 'a@example.org', via: 'email', verified: true, status: 'completed' }],
    credentials: { password: { config: { hashed_password: 'x' } } },
  };
  assert.deepEqual(readRewrite(JSON.stringify({ identity })), {
    schemaId: 'person',
    state: 'inactive',
    traits: { email: 'a@example.org' },
    metadataPublic: 7,
    metadataAdmin: { score: 1 },
    externalId: 'x1',
    verifiableAddresses: [{ value: 'a@example.org', via: 'email', verified: true }],
  });
});

test('what is no identity cannot be read', () => {
  for (const identity of [
    7,
    [],
    { traits: 7 },
    { state: 'gone' },
    { verifiable_addresses: [{ value: 1 }] },
  ]) {
    assert.equal(readRewrite(JSON.stringify({ identity })), undefined, JSON.stringify(identity));
  }
});
