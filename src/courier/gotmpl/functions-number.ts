// Sprig's functions for numbers.
import { atLeast, numberArg, toNumber, wholeArg } from './arguments.ts';
import { FunctionError, type FunctionTable, type TemplateFunction } from './run.ts';
import type { Value } from './value.ts';

const whole = (value: Value): number => Math.trunc(toNumber(value));

const fold =
  (combine: (a: number, b: number) => number, take: (value: Value) => number): TemplateFunction =>
  (args) => {
    atLeast(args, 1);
    return args.map(take).reduce((a, b) => combine(a, b));
  };

const divide = (a: number, b: number): number => {
  if (b === 0) throw new FunctionError('nothing can be divided by 0');
  return Math.trunc(a / b);
};
const remainder = (a: number, b: number): number => {
  if (b === 0) throw new FunctionError('nothing can be divided by 0');
  return a % b;
};

function round(args: readonly Value[]): number {
  const places = Math.min(Math.max(wholeArg(args, 1), 0), 15);
  const factor = 10 ** places;
  const value = numberArg(args, 0);
  return (Math.sign(value) * Math.round(Math.abs(value) * factor)) / factor;
}

export const NUMBER_FUNCTIONS: FunctionTable = {
  add: fold((a, b) => a + b, whole),
  sub: fold((a, b) => a - b, whole),
  mul: fold((a, b) => a * b, whole),
  div: fold(divide, whole),
  mod: fold(remainder, whole),
  add1: (args) => wholeArg(args, 0) + 1,
  max: fold(Math.max, whole),
  biggest: fold(Math.max, whole),
  min: fold(Math.min, whole),
  addf: fold((a, b) => a + b, toNumber),
  subf: fold((a, b) => a - b, toNumber),
  mulf: fold((a, b) => a * b, toNumber),
  divf: fold((a, b) => a / b, toNumber),
  maxf: fold(Math.max, toNumber),
  minf: fold(Math.min, toNumber),
  floor: (args) => Math.floor(numberArg(args, 0)),
  ceil: (args) => Math.ceil(numberArg(args, 0)),
  round,
  int: (args) => wholeArg(args, 0),
  int64: (args) => wholeArg(args, 0),
  float64: (args) => numberArg(args, 0),
  atoi: (args) => wholeArg(args, 0),
  toDecimal: (args) => Number.parseInt(String(args[0] ?? ''), 8) || 0,
};
