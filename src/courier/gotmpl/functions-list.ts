// Sprig's functions for lists.
import { atLeast, listArg, textArg, wholeArg } from './arguments.ts';
import { FunctionError, type FunctionTable, type TemplateFunction, type Work } from './run.ts';
import { isTrue, toJson, type Value } from './value.ts';

const same = (a: Value, b: Value): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && key(a) === key(b));
const key = (value: Value): string => `${typeof value} ${JSON.stringify(toJson(value))}`;

const on =
  (change: (list: readonly Value[], work: Work) => Value): TemplateFunction =>
  (args, work) =>
    change(listArg(args, 0), work);

function steps(from: number, to: number, by: number, work: Work): readonly number[] {
  if (by === 0) throw new FunctionError('the step must not be 0');
  const count = Math.max(Math.ceil((to - from) / by), 0);
  work.spend(count);
  return Array.from({ length: count }, (_, index) => from + index * by);
}

function has(needle: Value, list: readonly Value[]): boolean {
  return list.some((item) => same(item, needle));
}

export const LIST_FUNCTIONS: FunctionTable = {
  list: (args) => [...args],
  tuple: (args) => [...args],
  first: on((list) => list[0]),
  last: on((list) => list.at(-1)),
  rest: on((list) => list.slice(1)),
  initial: on((list) => list.slice(0, -1)),
  reverse: on((list) => list.toReversed()),
  uniq: on((list) => [...new Map(list.map((item) => [key(item), item])).values()]),
  compact: on((list) => list.filter(isTrue)),
  append: (args) => [...listArg(args, 0), args[1]],
  push: (args) => [...listArg(args, 0), args[1]],
  prepend: (args) => [args[1], ...listArg(args, 0)],
  concat: (args, work) => {
    const lists = args.map((_, index) => listArg(args, index));
    work.spend(lists.reduce((sum, { length }) => sum + length, 0));
    return lists.flat();
  },
  without: (args, work) => {
    const [list, ...others] = [listArg(args, 0), ...args.slice(1)];
    work.spend(list.length * others.length);
    return list.filter((item) => !has(item, others));
  },
  has: (args, work) => {
    atLeast(args, 2);
    const list = listArg(args, 1);
    work.spend(list.length);
    return has(args[0], list);
  },
  until: (args, work) => {
    const to = wholeArg(args, 0);
    return steps(0, to, to < 0 ? -1 : 1, work);
  },
  untilStep: (args, work) => steps(wholeArg(args, 0), wholeArg(args, 1), wholeArg(args, 2), work),
  seq: (args, work) => {
    const numbers = args.map((_, index) => wholeArg(args, index));
    const [from, by, to] =
      numbers.length === 3
        ? numbers
        : numbers.length === 2
          ? [numbers[0], undefined, numbers[1]]
          : [1, undefined, numbers[0]];
    if (from === undefined || to === undefined) throw new FunctionError('seq takes 1 to 3 numbers');
    const step = by ?? (to < from ? -1 : 1);
    return steps(from, to + Math.sign(step), step, work).join(' ');
  },
  all: (args) => args.every(isTrue),
  any: (args) => args.some(isTrue),
  empty: (args) => !isTrue(args[0]),
  default: (args) => {
    atLeast(args, 1);
    return args.length > 1 && isTrue(args[1]) ? args[1] : args[0];
  },
  coalesce: (args) => args.find(isTrue),
  ternary: (args) => {
    atLeast(args, 3);
    return isTrue(args[2]) ? args[0] : args[1];
  },
  fail: (args) => {
    throw new FunctionError(textArg(args, 0));
  },
};
