// What methods say about themselves on the pages; a method that says nothing makes do with its name.
import type { BoundMethod } from '../flow/method/bound-method.ts';
import type { FieldWords, MethodWords, SectionWords } from '../flow/method/contract.ts';
import type { InputNode } from './form/input-node.ts';

type Methods = readonly Pick<BoundMethod, 'name' | 'words'>[];

/** The words of the method whose group this is. */
export const wordsOf = (methods: Methods, group: string): MethodWords =>
  methods.find(({ name }) => name === group)?.words ?? {};

export function sectionWords(methods: Methods, group: string): SectionWords {
  const name = group.replaceAll(/[_-]+/g, ' ').trim();
  return wordsOf(methods, group).section ?? { title: name.charAt(0).toUpperCase() + name.slice(1) };
}

/** The mark of a button: an SVG path, the empty text for a letter; undefined where it has none. */
export function markOf(
  methods: readonly Pick<BoundMethod, 'name' | 'handlers'>[],
  { group, attributes }: InputNode,
): string | undefined {
  const marks = methods.find(({ name }) => name === group)?.handlers.marks ?? {};
  const value = String(attributes.value);
  return attributes.name !== 'method' && Object.hasOwn(marks, value) ? marks[value] : undefined;
}

/** How a field is to be treated; undefined where its own attributes say it all. */
export function fieldWords(methods: Methods, { group, attributes }: InputNode): FieldWords | undefined {
  const { fields = {} } = wordsOf(methods, group);
  return Object.hasOwn(fields, attributes.name) ? fields[attributes.name] : undefined;
}
