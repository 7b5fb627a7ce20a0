// The functions that Go's text/template brings along.
import { atLeast, named, printed, textArg } from './arguments.ts';
import { htmlText } from './html-text.ts';
import { printf } from './printf.ts';
import { FunctionError, type FunctionTable } from './run.ts';
import { isList, isMap, isMoment, isTrue, toText, type Value } from './value.ts';

/** Numbers compare by size and texts by their bytes; what cannot be compared is said. */
function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isMoment(a) && isMoment(b)) return a.atMs - b.atMs;
  throw new FunctionError(`${named(a)} and ${named(b)} have no order`);
}

function isEqual(a: Value, b: Value): boolean {
  if (isList(a) || isMap(a) || isList(b) || isMap(b)) {
    throw new FunctionError('lists and maps cannot be compared');
  }
  return isMoment(a) && isMoment(b) ? a.atMs === b.atMs : a === b;
}

const ordered =
  (holds: (order: number) => boolean) =>
  (args: readonly Value[]): boolean => {
    atLeast(args, 2);
    return holds(compare(args[0], args[1]));
  };

function lookUp(value: Value, key: Value): Value {
  if (isMap(value)) return typeof key === 'string' ? value.get(key) : undefined;
  if (!isList(value) && typeof value !== 'string') {
    throw new FunctionError(`nothing can be looked up in ${named(value)}`);
  }
  const at = typeof key === 'number' ? key : Number.NaN;
  if (!(at >= 0 && at < value.length)) throw new FunctionError(`there is nothing at ${printed(key)}`);
  return typeof value === 'string' ? value.charCodeAt(at) : value[at];
}

function length(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw new FunctionError(`${named(value)} has no length`);
}

/** Go puts a space between two values of which none is a text. */
function print(args: readonly Value[]): string {
  return args
    .map((value, index) => {
      const before = args[index - 1];
      const isApart = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return (isApart ? ' ' : '') + toText(value);
    })
    .join('');
}

const JS_ESCAPES: Readonly<Record<string, string>> = {
  ...{ '\\': '\\\\', "'": "\\'", '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' },
  ...{ '<': '\\u003C', '>': '\\u003E', '&': '\\u0026', '=': '\\u003D' },
};

export const GO_FUNCTIONS: FunctionTable = {
  eq: (args) => {
    atLeast(args, 2);
    const [first, ...others] = args;
    return others.some((other) => isEqual(first, other));
  },
  ne: (args) => {
    atLeast(args, 2);
    return !isEqual(args[0], args[1]);
  },
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
  not: (args) => {
    atLeast(args, 1);
    return !isTrue(args[0]);
  },
  len: (args) => {
    atLeast(args, 1);
    return length(args[0]);
  },
  index: ([value, ...keys]) => keys.reduce(lookUp, value),
  slice: (args) => {
    const [value, from = 0, to] = args;
    if (!isList(value) && typeof value !== 'string') throw new FunctionError(`${named(value)} has no parts`);
    const [start, end] = [from, to ?? value.length];
    if (
      typeof start !== 'number' ||
      typeof end !== 'number' ||
      !(0 <= start && start <= end && end <= value.length)
    )
      throw new FunctionError('these are no positions in it');
    return value.slice(start, end);
  },
  print,
  printf: (args, work) => printf(textArg(args, 0), args.slice(1), work),
  println: (args) => `${args.map(toText).join(' ')}\n`,
  html: (args) => htmlText(print(args)),
  js: (args) =>
    print(args).replace(
      /[\\'"<>&=\x00-\x1f]/g,
      (found) => JS_ESCAPES[found] ?? `\\u${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    ),
  urlquery: (args) => encodeURIComponent(print(args).toWellFormed()).replaceAll('%20', '+'),
};
