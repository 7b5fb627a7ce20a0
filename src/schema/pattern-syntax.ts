// How is an operator's pattern written? RE2 syntax -> parts that pattern.ts runs.

/** A pattern that cannot be used; the message says why. */
export class PatternError extends Error {}

const MAX_REPEAT = 1_000;
const MAX_DEPTH = 100;

export type CharTest = (codePoint: number) => boolean;
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'boundary' | 'inside';

export type Part =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'all'; readonly parts: readonly Part[] }
  | { readonly kind: 'any'; readonly parts: readonly Part[] }
  | { readonly kind: 'repeat'; readonly part: Part; readonly min: number; readonly max: number };

interface Flags {
  readonly i: boolean;
  readonly s: boolean;
  readonly m: boolean;
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
const CONTROL: Readonly<Record<string, string>> = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
};
// ASCII only, as in RE2; the language's own \s and \b know more.
const SHORTHAND: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' };

/** One set of characters, tested by the language: a class on one code point cannot backtrack. */
function charClass(body: string, flags: Flags, isNegated = false): Part {
  let expression: RegExp;
  try {
    expression = new RegExp(`^[${isNegated ? '^' : ''}${body}]$`, flags.i ? 'iv' : 'v');
  } catch (error) {
    throw new PatternError(`invalid character class [${body}]`, { cause: error });
  }
  const known = new Map<number, boolean>();
  const test: CharTest = (codePoint) => {
    let is = known.get(codePoint);
    if (is === undefined) {
      is = expression.test(String.fromCodePoint(codePoint));
      if (known.size < 512) known.set(codePoint, is);
    }
    return is;
  };
  return { kind: 'char', test };
}

const escapeInClass = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

function literal(char: string, flags: Flags): Part {
  if (flags.i) return charClass(escapeInClass(char), flags);
  const only = char.codePointAt(0);
  return { kind: 'char', test: (codePoint) => codePoint === only };
}

/** Reads RE2 syntax: no lookaround, no back references. Throws PatternError with the position of what is wrong. */
export function parsePattern(source: string): Part {
  const chars = [...source];
  let at = 0;
  let depth = 0;
  let flags: Flags = { i: false, s: false, m: false };
  const fail = (why: string): never => {
    throw new PatternError(`${why} at position ${at}`);
  };
  const looksAt = (text: string): boolean => [...text].every((char, i) => chars[at + i] === char);
  const take = (text: string): boolean => {
    if (!looksAt(text)) return false;
    at += [...text].length;
    return true;
  };
  const until = (end: string): string => {
    const from = at;
    while (at < chars.length && chars[at] !== end) at += 1;
    if (at >= chars.length) fail(`missing ${end}`);
    at += 1;
    return chars.slice(from, at - 1).join('');
  };

  function alternatives(): Part {
    depth += 1;
    if (depth > MAX_DEPTH) fail('too many nested groups');
    const outer = flags;
    const parts = [sequence()];
    while (take('|')) parts.push(sequence());
    flags = outer;
    depth -= 1;
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'any', parts };
  }

  function sequence(): Part {
    const parts: Part[] = [];
    while (at < chars.length && !looksAt('|') && !looksAt(')')) {
      if (take('\\Q')) {
        while (at < chars.length && !take('\\E')) parts.push(literal(chars[at++] ?? '', flags));
        continue;
      }
      const part = atom();
      if (part) parts.push(repeats(part));
    }
    return { kind: 'all', parts };
  }

  function repeats(part: Part): Part {
    let out = part;
    for (let times = 0; ; times += 1) {
      const range = repeatRange();
      if (!range) return out;
      if (times > 0) fail('a repetition of a repetition');
      take('?'); // Greedy or not makes no difference to whether it matches.
      out = { kind: 'repeat', part: out, min: range.min, max: range.max };
    }
  }

  function repeatRange(): { readonly min: number; readonly max: number } | undefined {
    if (take('*')) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (take('+')) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (take('?')) return { min: 0, max: 1 };
    const range = rangeAt();
    if (range) at += range.length;
    return range;
  }

  function rangeAt(): { readonly min: number; readonly max: number; readonly length: number } | undefined {
    const found = looksAt('{') && /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(chars.slice(at, at + 12).join(''));
    if (!found) return undefined;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT) || max < min) {
      fail(`invalid repetition ${found[0]}`);
    }
    return { min, max, length: found[0].length };
  }

  function atom(): Part | undefined {
    if (rangeAt()) return fail('nothing to repeat');
    const char = chars[at++] ?? '';
    switch (char) {
      case '(':
        return group();
      case '[':
        return bracket();
      case '\\':
        return escaped();
      case '.':
        return charClass(flags.s ? '' : '\\n', flags, true);
      case '^':
        return { kind: 'assert', what: flags.m ? 'line-start' : 'text-start' };
      case '$':
        return { kind: 'assert', what: flags.m ? 'line-end' : 'text-end' };
      case '*':
      case '+':
      case '?':
        return fail('nothing to repeat');
      default:
        return literal(char, flags);
    }
  }

  function group(): Part | undefined {
    const outer = flags;
    if (take('?')) {
      if (looksAt('=') || looksAt('!') || looksAt('<=') || looksAt('<!')) fail('lookaround is not supported');
      if (take('P<') || take('<')) {
        if (!/^\w+$/u.test(until('>'))) fail('invalid group name');
      } else {
        const letters = /^([imsU]*)(?:-([imsU]+))?([:)])/u.exec(chars.slice(at, at + 12).join(''));
        if (!letters) return fail('unknown kind of group');
        at += letters[0].length;
        const isOn = (flag: 'i' | 'm' | 's'): boolean =>
          (flags[flag] || (letters[1] ?? '').includes(flag)) && !(letters[2] ?? '').includes(flag);
        flags = { i: isOn('i'), m: isOn('m'), s: isOn('s') };
        if (letters[3] === ')') return undefined;
      }
    }
    const inner = alternatives();
    if (!take(')')) fail('missing )');
    flags = outer;
    return inner;
  }

  function escaped(): Part {
    const char = chars[at] ?? '';
    if (take('A')) return { kind: 'assert', what: 'text-start' };
    if (take('z')) return { kind: 'assert', what: 'text-end' };
    if (take('b')) return { kind: 'assert', what: 'boundary' };
    if (take('B')) return { kind: 'assert', what: 'inside' };
    const shorthand = SHORTHAND[char.toLowerCase()];
    if (shorthand !== undefined && char !== '') {
      at += 1;
      return charClass(shorthand, flags, char !== char.toLowerCase());
    }
    return charClass(escapedChar(), flags);
  }

  /** What stands behind a backslash, as the text of a class of the language. */
  function escapedChar(): string {
    const char = chars[at++] ?? fail('nothing behind the last \\');
    if (char === 'p' || char === 'P') return property(char);
    if (char === 'x') return hexadecimal();
    const control = CONTROL[char];
    if (control !== undefined) return control;
    if (/[0-7]/u.test(char)) return octal(char);
    if (/[0-9A-Za-z]/u.test(char)) return fail(`unknown escape \\${char}`);
    return escapeInClass(char);
  }

  function property(letter: string): string {
    const name = take('{') ? until('}') : (chars[at++] ?? '');
    const isNegated = name.startsWith('^') !== (letter === 'P');
    const plain = name.replace(/^\^/u, '');
    if (!/^[A-Za-z_]+$/u.test(plain)) fail(`unknown property ${name}`);
    const value = plain.length <= 2 || plain === 'Any' ? plain : `Script=${plain}`;
    return `\\${isNegated ? 'P' : 'p'}{${value}}`;
  }

  function hexadecimal(): string {
    const digits = take('{') ? until('}') : `${chars[at++] ?? ''}${chars[at++] ?? ''}`;
    const value = /^[0-9A-Fa-f]{1,6}$/u.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (value < 0 || value > 0x10ffff) fail(`invalid character \\x${digits}`);
    return `\\u{${value.toString(16)}}`;
  }

  function octal(first: string): string {
    let digits = first;
    while (digits.length < 3 && /[0-7]/u.test(chars[at] ?? '')) digits += chars[at++] ?? '';
    if (digits.length === 1 && digits !== '0') return fail('back references are not supported');
    return `\\u{${Number.parseInt(digits, 8).toString(16)}}`;
  }

  function bracket(): Part {
    const isNegated = take('^');
    let body = '';
    for (let isFirst = true; isFirst || !take(']'); isFirst = false) {
      if (at >= chars.length) fail('missing ]');
      body += classItem();
    }
    return charClass(body, flags, isNegated);
  }

  function classItem(): string {
    if (take('[:')) {
      const isNegated = take('^');
      const name = until(':');
      const posix = POSIX[name];
      if (posix === undefined || !take(']')) return fail(`unknown class [:${name}:]`);
      return isNegated ? `[^${posix}]` : posix;
    }
    const shorthand = chars[at] === '\\' ? SHORTHAND[(chars[at + 1] ?? '').toLowerCase()] : undefined;
    if (shorthand !== undefined) {
      at += 2;
      const letter = chars[at - 1] ?? '';
      return letter === letter.toLowerCase() ? shorthand : `[^${shorthand}]`;
    }
    const from = classChar();
    // A hyphen makes a range unless it is the last character.
    if (chars[at] !== '-' || chars[at + 1] === ']' || at + 1 >= chars.length) return from;
    at += 1;
    return `${from}-${classChar()}`;
  }

  function classChar(): string {
    return take('\\') ? escapedChar() : escapeInClass(chars[at++] ?? '');
  }

  const whole = alternatives();
  if (at < chars.length) fail('unexpected )');
  return whole;
}
