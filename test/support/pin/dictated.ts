// What a person reads on the settings form: the number that they have to type back.
import assert from 'node:assert/strict';
import type { FlowJson } from '../flow-json.ts';

export function dictatedPin({ ui }: FlowJson): string {
  const node = ui.nodes.find(({ attributes }) => attributes.id === 'pin_dictated');
  const { text } = node?.attributes ?? {};
  assert.ok(text, 'a number is shown');
  return text.text;
}
