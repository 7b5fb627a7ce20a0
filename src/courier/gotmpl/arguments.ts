// What a function was given, taken by kind; said plainly where it is of another kind.
import { FunctionError } from './run.ts';
import { isList, isMap, kindOf, toText, type Value, type ValueMap } from './value.ts';

type Args = readonly Value[];

export function atLeast(args: Args, count: number): void {
  if (args.length < count) throw new FunctionError(`this needs ${count} values and got ${args.length}`);
}

export function textArg(args: Args, at: number): string {
  atLeast(args, at + 1);
  const value = args[at];
  if (typeof value === 'string') return value;
  throw new FunctionError(`value ${at + 1} must be a text, but is ${named(value)}`);
}

/** Sprig takes numbers from texts too; what is none counts as 0. */
export function numberArg(args: Args, at: number): number {
  atLeast(args, at + 1);
  return toNumber(args[at]);
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : 0;
  return Number.isNaN(number) ? 0 : number;
}

/** Without what stands behind the point. */
export const wholeArg = (args: Args, at: number): number => Math.trunc(numberArg(args, at));

export function listArg(args: Args, at: number): readonly Value[] {
  atLeast(args, at + 1);
  const value = args[at];
  if (isList(value)) return value;
  if (value === undefined) return [];
  throw new FunctionError(`value ${at + 1} must be a list, but is ${named(value)}`);
}

export function mapArg(args: Args, at: number): ValueMap {
  atLeast(args, at + 1);
  const value = args[at];
  if (isMap(value)) return value;
  if (value === undefined) return new Map();
  throw new FunctionError(`value ${at + 1} must be a map, but is ${named(value)}`);
}

/** Any value as the text that it is printed as; nil is empty. */
export const printed = (value: Value): string => (value === undefined ? '' : toText(value));

const NAMES: Readonly<Record<string, string>> = {
  ...{ invalid: 'nothing', slice: 'a list', map: 'a map', struct: 'a time', bool: 'true or false' },
  ...{ string: 'a text', int: 'a number', float64: 'a number' },
};
export const named = (value: Value): string => NAMES[kindOf(value)] ?? 'something else';
