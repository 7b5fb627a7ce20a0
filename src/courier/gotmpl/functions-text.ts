// Sprig's functions for texts, in its order of arguments: what is worked on comes last.
import { createHash } from 'node:crypto';
import { atLeast, listArg, printed, textArg, wholeArg } from './arguments.ts';
import {
  CHARACTERS_A_STEP,
  FunctionError,
  type FunctionTable,
  type TemplateFunction,
  type Work,
} from './run.ts';
import { isList, type Value } from './value.ts';

const onText =
  (change: (text: string) => string): TemplateFunction =>
  (args) =>
    change(textArg(args, 0));

const words = (text: string): readonly string[] =>
  text.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}|[\p{Lo}\p{Lt}]+|\p{N}+/gu) ?? [];

const capital = (text: string): string => {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('');
};

/** Of the characters in `set`. */
function trimSet(
  text: string,
  set: string,
  sides: { readonly start: boolean; readonly end: boolean },
): string {
  const of = [...text];
  let [from, to] = [0, of.length];
  while (sides.start && from < to && set.includes(of[from] ?? '')) from += 1;
  while (sides.end && to > from && set.includes(of[to - 1] ?? '')) to -= 1;
  return of.slice(from, to).join('');
}

/** Counted in bytes by Sprig, in characters here, so that none is cut in two. */
function cut(text: string, length: number): string {
  const of = [...text];
  return (length < 0 ? of.slice(Math.max(of.length + length, 0)) : of.slice(0, length)).join('');
}

function repeat(text: string, count: number, work: Work): string {
  work.spend(Math.max(count, 0) + (Math.max(count, 0) * text.length) / CHARACTERS_A_STEP);
  return text.repeat(Math.max(count, 0));
}

function indent(args: readonly Value[], work: Work): string {
  const space = repeat(' ', wholeArg(args, 0), work);
  const lines = textArg(args, 1).split('\n');
  work.spend((lines.length * space.length) / CHARACTERS_A_STEP);
  return lines.map((line) => space + line).join('\n');
}

function wrap(text: string, width: number, line: string): string {
  let column = 0;
  const out: string[] = [];
  for (const word of text.split(' ')) {
    const isFirst = out.length === 0;
    const breaks = !isFirst && column + 1 + word.length > width;
    out.push(isFirst ? word : `${breaks ? line : ' '}${word}`);
    column = isFirst || breaks ? word.length : column + 1 + word.length;
  }
  return out.join('');
}

function abbreviate(text: string, width: number): string {
  const of = [...text];
  return width < 4 || of.length <= width ? text : `${of.slice(0, width - 3).join('')}...`;
}

function decode(text: string): string {
  if (!/^[\w+/-]*=*$/.test(text)) throw new FunctionError('this is not base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

const digest =
  (algorithm: string): TemplateFunction =>
  (args) =>
    createHash(algorithm).update(textArg(args, 0)).digest('hex');

const texts = (value: Value): readonly string[] => (isList(value) ? value : [value]).map(printed);

const splitMap = (parts: readonly string[]): ReadonlyMap<string, Value> =>
  new Map(parts.map((part, index) => [`_${index}`, part]));

export const TEXT_FUNCTIONS: FunctionTable = {
  trim: onText((text) => text.trim()),
  trimAll: (args) => trimSet(textArg(args, 1), textArg(args, 0), { start: true, end: true }),
  trimall: (args) => trimSet(textArg(args, 1), textArg(args, 0), { start: true, end: true }),
  trimPrefix: (args) => {
    const [prefix, text] = [textArg(args, 0), textArg(args, 1)];
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  trimSuffix: (args) => {
    const [suffix, text] = [textArg(args, 0), textArg(args, 1)];
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  title: onText((text) =>
    text.replace(/(^|\s)(\S)/gu, (_, space: string, letter: string) => space + letter.toUpperCase()),
  ),
  untitle: onText((text) =>
    text.replace(/(^|\s)(\S)/gu, (_, space: string, letter: string) => space + letter.toLowerCase()),
  ),
  swapcase: onText((text) =>
    [...text].map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
  ),
  snakecase: onText((text) =>
    words(text)
      .map((word) => word.toLowerCase())
      .join('_'),
  ),
  kebabcase: onText((text) =>
    words(text)
      .map((word) => word.toLowerCase())
      .join('-'),
  ),
  camelcase: onText((text) =>
    words(text)
      .map((word) => capital(word.toLowerCase()))
      .join(''),
  ),
  initials: onText((text) =>
    text
      .split(/\s+/)
      .map((word) => [...word][0] ?? '')
      .join(''),
  ),
  nospace: onText((text) => text.replace(/\s/gu, '')),
  repeat: (args, work) => repeat(textArg(args, 1), wholeArg(args, 0), work),
  indent,
  nindent: (args, work) => `\n${indent(args, work)}`,
  substr: (args) => {
    const [from, to, text] = [wholeArg(args, 0), wholeArg(args, 1), [...textArg(args, 2)]];
    return (from < 0 ? text.slice(0, Math.max(to, 0)) : text.slice(from, to < 0 ? undefined : to)).join('');
  },
  trunc: (args) => cut(textArg(args, 1), wholeArg(args, 0)),
  abbrev: (args) => abbreviate(textArg(args, 1), wholeArg(args, 0)),
  wrap: (args) => wrap(textArg(args, 1), wholeArg(args, 0), '\n'),
  wrapWith: (args) => wrap(textArg(args, 2), wholeArg(args, 0), textArg(args, 1)),
  contains: (args) => textArg(args, 1).includes(textArg(args, 0)),
  hasPrefix: (args) => textArg(args, 1).startsWith(textArg(args, 0)),
  hasSuffix: (args) => textArg(args, 1).endsWith(textArg(args, 0)),
  quote: (args) =>
    args
      .filter((value) => value !== undefined)
      .map((value) => JSON.stringify(printed(value)))
      .join(' '),
  squote: (args) =>
    args
      .filter((value) => value !== undefined)
      .map((value) => `'${printed(value)}'`)
      .join(' '),
  cat: (args) =>
    args
      .filter((value) => value !== undefined)
      .map(printed)
      .join(' '),
  replace: (args, work) => {
    const [old, by, text] = [textArg(args, 0), textArg(args, 1), textArg(args, 2)];
    work.spend(((text.length + 1) * by.length) / CHARACTERS_A_STEP);
    return text.replaceAll(old, () => by);
  },
  plural: (args) => {
    atLeast(args, 3);
    return wholeArg(args, 2) === 1 ? textArg(args, 0) : textArg(args, 1);
  },
  join: (args, work) => {
    const [between, parts] = [textArg(args, 0), texts(args[1])];
    work.spend((parts.length * between.length) / CHARACTERS_A_STEP);
    return parts.join(between);
  },
  split: (args) => splitMap(textArg(args, 1).split(textArg(args, 0))),
  splitn: (args) => {
    const [between, count] = [textArg(args, 0), wholeArg(args, 1)];
    const parts = textArg(args, 2).split(between);
    const head = parts.slice(0, Math.max(count - 1, 0));
    return splitMap(
      count > 0 && parts.length > count ? [...head, parts.slice(count - 1).join(between)] : parts,
    );
  },
  splitList: (args) => textArg(args, 1).split(textArg(args, 0)),
  sortAlpha: (args) => [...texts(listArg(args, 0))].sort(),
  toString: (args: readonly Value[]) => {
    atLeast(args, 1);
    return printed(args[0]);
  },
  toStrings: (args) => [...texts(args[0])],
  b64enc: onText((text) => Buffer.from(text, 'utf8').toString('base64')),
  b64dec: onText(decode),
  sha1sum: digest('sha1'),
  sha256sum: digest('sha256'),
  sha512sum: digest('sha512'),
};
