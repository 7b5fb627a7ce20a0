import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generic, required } from '../protocol/messages.ts';
import { type Form, input, type Node } from './node.ts';
import { resetMessages, resetValues, withProblems } from './problems.ts';

const image: Node = {
  type: 'img',
  group: 'default',
  attributes: { node_type: 'img', id: 'picture', src: 'data:', width: 1, height: 1 },
  messages: [],
  meta: {},
};
const form: Form = {
  nodes: [
    input('default', { name: 'a', type: 'text', value: 'x' }),
    input('other', { name: 'a', type: 'text', value: 'y' }),
    image,
  ],
  messages: [],
};
const ids = (of: Form): readonly unknown[] =>
  of.nodes.map((node) => node.messages.map((message) => message.id));

test('problems stand above the form, at the first node of their name, or at a new field', () => {
  const shown = withProblems(form, [
    { message: generic('r') },
    { message: generic('r'), at: ' ' },
    { message: required('a'), at: 'a' },
    { message: generic('r'), at: 'a' },
    { message: generic('r'), at: 'picture' },
    { message: generic('r'), at: 'traits' },
    { message: required('x'), at: 'traits' },
  ]);
  assert.equal(shown.messages.length, 2);
  assert.deepEqual(ids(shown), [[4000002, 4000001], [], [4000001], [4000001, 4000002]]);
  const { messages: _messages, ...added } = shown.nodes[3] ?? image;
  assert.deepEqual(added, {
    type: 'input',
    group: 'default',
    attributes: { name: 'traits', type: 'text', disabled: false, node_type: 'input' },
    meta: {},
  });
  assert.deepEqual(ids(form), [[], [], []]);
});

test('messages and values can be taken away', () => {
  const shown = withProblems(form, [{ message: generic('r') }, { message: required('a'), at: 'a' }]);
  assert.deepEqual(resetMessages(shown), form);
  const values = (of: Form): readonly unknown[] =>
    of.nodes.map(({ attributes }) => (attributes.node_type === 'input' ? attributes.value : 'none'));
  assert.deepEqual(values(resetValues(shown)), [undefined, undefined, 'none']);
  assert.deepEqual(values(resetValues(shown, ['a'])), ['x', 'y', 'none']);
  assert.equal('value' in (resetValues(shown).nodes[0]?.attributes ?? {}), false);
});
