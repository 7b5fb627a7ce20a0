// Template text -> tokens: literal text, and the words of what stands between {{ and }}.
import { TemplateError, type TemplateSource } from './template-error.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'field'
  | 'variable'
  | 'word'
  | 'string'
  | 'number'
  | 'dot'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As the parser needs it: the content of a string, the name of a field without its dot. */
  readonly text: string;
  readonly offset: number;
  /** `.A .B` are two operands, `.A.B` is one. */
  readonly isAfterSpace: boolean;
}

const SPACE = /[ \t\r\n]/;
const NAME = /[\p{L}\p{Nd}_]+/uy;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;

/** Throws TemplateError. */
export function tokenize(source: TemplateSource): readonly Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let at = 0;
  let trimsNext = false;
  for (;;) {
    const open = text.indexOf('{{', at);
    const end = open < 0 ? text.length : open;
    const isTrimming = open >= 0 && text[open + 2] === '-' && SPACE.test(text[open + 3] ?? '');
    let literal = text.slice(at, end);
    if (trimsNext) literal = literal.replace(/^[ \t\r\n]+/, '');
    if (isTrimming) literal = trimEnd(literal);
    if (literal !== '') tokens.push({ kind: 'text', text: literal, offset: at, isAfterSpace: false });
    if (open < 0) break;
    const inside = open + (isTrimming ? 3 : 2);
    const comment = /^[ \t\r\n]*\/\*/.exec(text.slice(inside, inside + 200));
    const { next, trims } =
      comment && (isTrimming || comment[0] === '/*')
        ? skipComment(source, open, inside + comment[0].length)
        : readAction(source, { open, inside, tokens });
    at = next;
    trimsNext = trims;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length, isAfterSpace: false });
  return tokens;
}

/** A regular expression that looks for the end of the text would start anew at each space. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

interface Read {
  readonly next: number;
  readonly trims: boolean;
}

function skipComment(source: TemplateSource, open: number, from: number): Read {
  const end = source.text.indexOf('*/', from);
  if (end < 0) throw new TemplateError(source, open, 'this comment has no end: write */}}');
  const after = end + 2;
  if (source.text.startsWith('}}', after)) return { next: after + 2, trims: false };
  const close = /^[ \t\r\n]+-}}/.exec(source.text.slice(after, after + 200));
  if (!close) throw new TemplateError(source, after, 'a comment stands alone: write }} after */');
  return { next: after + close[0].length, trims: true };
}

function readAction(
  source: TemplateSource,
  of: { readonly open: number; readonly inside: number; readonly tokens: Token[] },
): Read {
  const { text } = source;
  const { open, tokens } = of;
  let at = of.inside;
  tokens.push({ kind: 'open', text: '{{', offset: open, isAfterSpace: false });
  for (;;) {
    const start = at;
    while (at < text.length && SPACE.test(text[at] ?? '')) at += 1;
    const isAfterSpace = at > start;
    if (at >= text.length) throw new TemplateError(source, open, 'this {{ has no }}');
    if (text.startsWith('}}', at) || (isAfterSpace && text.startsWith('-}}', at))) {
      const trims = text[at] === '-';
      tokens.push({ kind: 'close', text: '}}', offset: at, isAfterSpace });
      return { next: at + (trims ? 3 : 2), trims };
    }
    if (text.startsWith('{{', at))
      throw new TemplateError(source, open, 'this {{ has no }} before the next {{');
    const { kind, text: value, next } = readToken(source, at);
    tokens.push({ kind, text: value, offset: at, isAfterSpace });
    at = next;
  }
}

function readToken(
  source: TemplateSource,
  at: number,
): { readonly kind: TokenKind; readonly text: string; readonly next: number } {
  const { text } = source;
  const first = text[at] ?? '';
  if (first === '"') return readQuoted(source, at);
  if (first === '`') {
    const end = text.indexOf('`', at + 1);
    if (end < 0) throw new TemplateError(source, at, 'this text has no closing `');
    return { kind: 'string', text: text.slice(at + 1, end), next: end + 1 };
  }
  if (first === "'") return readCharacter(source, at);
  if (first === '$') {
    const name = match(NAME, text, at + 1);
    return { kind: 'variable', text: `$${name}`, next: at + 1 + name.length };
  }
  const number = match(NUMBER, text, at);
  if (number !== '') {
    const next = at + number.length;
    if (match(NAME, text, next) !== '') throw new TemplateError(source, at, 'this is no number');
    return { kind: 'number', text: number.replaceAll('_', ''), next };
  }
  if (first === '.') {
    const name = match(NAME, text, at + 1);
    return { kind: name === '' ? 'dot' : 'field', text: name, next: at + 1 + name.length };
  }
  if (text.startsWith(':=', at)) return { kind: 'symbol', text: ':=', next: at + 2 };
  if ('=|,()'.includes(first)) return { kind: 'symbol', text: first, next: at + 1 };
  const word = match(NAME, text, at);
  if (word === '') throw new TemplateError(source, at, `"${first}" has no meaning here`);
  return { kind: 'word', text: word, next: at + word.length };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function readQuoted(source: TemplateSource, at: number) {
  const { text } = source;
  for (let end = at + 1; end < text.length && text[end] !== '\n'; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === '"') {
      return {
        kind: 'string' as const,
        text: unescapeText(source, at, text.slice(at + 1, end)),
        next: end + 1,
      };
    }
  }
  throw new TemplateError(source, at, 'this text has no closing "');
}

/** A character stands for its number. */
function readCharacter(source: TemplateSource, at: number) {
  const found = /^'((?:\\.[0-9a-fA-F]*|[^'\\\n]){1,2})'/u.exec(source.text.slice(at, at + 16));
  const [character, ...more] = found ? [...unescapeText(source, at, found[1] ?? '')] : [];
  if (!found || character === undefined || more.length > 0) {
    throw new TemplateError(source, at, 'text stands in " or `; between \' is exactly one character');
  }
  return { kind: 'number' as const, text: String(character.codePointAt(0)), next: at + found[0].length };
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"', "'": "'" },
};

function unescapeText(source: TemplateSource, at: number, text: string): string {
  return text.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.?)/gsu,
    (_, code: string) => {
      const plain = ESCAPES[code];
      if (plain !== undefined) return plain;
      const value = /^[0-7]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16);
      if (code.length < 3 || !(value <= 0x10ffff)) {
        throw new TemplateError(source, at, `"\\${code}" has no meaning in a text`);
      }
      return String.fromCodePoint(value);
    },
  );
}
