// Does a text match an operator's pattern? In a number of steps that is counted, and linear to the text.
import { type Meter, unlimited } from './meter.ts';
import { type Assertion, type CharTest, type Part, PatternError, parsePattern } from './pattern-syntax.ts';

export interface Pattern {
  readonly source: string;
  /** True where the pattern occurs anywhere in the text; `^` and `$` bind it. The meter is asked for each step. */
  test(text: string, meter?: Meter): boolean;
}

// Identity schemas are checked against what strangers type. The engine of the language backtracks: `^(a+)+$` against
// 28 letters takes it 7 s (measured). So patterns run here as a set of states that walks over the text once. The syntax
// is the one of the protocol's reference implementation (RE2: no lookaround, no back references).
const MAX_SOURCE_LENGTH = 2_000;
const MAX_STATES = 10_000;

type State =
  | { readonly kind: 'char'; readonly test: CharTest }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' };

/** Compiles a pattern in RE2 syntax. Throws PatternError where it is invalid or too large. */
export function compilePattern(source: string): Pattern {
  if (source.length > MAX_SOURCE_LENGTH)
    throw new PatternError(`longer than ${MAX_SOURCE_LENGTH} characters`);
  const part = parsePattern(source);
  const states: State[] = [];
  emit(part, states, { left: MAX_STATES });
  states.push({ kind: 'match' });
  const seen: Seen = { at: new Int32Array(states.length), step: 0 };
  return { source, test: (text, meter = unlimited) => run({ states, seen }, text, meter) };
}

interface Allowance {
  left: number;
}

function emit(part: Part, out: State[], allowance: Allowance): void {
  // Parts are counted, not states: a thousand times a thousand times nothing has no states.
  allowance.left -= 1;
  if (allowance.left < 0) throw new PatternError(`needs more than ${MAX_STATES} states`);
  switch (part.kind) {
    case 'char':
    case 'assert':
      out.push(part);
      return;
    case 'all':
      for (const each of part.parts) emit(each, out, allowance);
      return;
    case 'any':
      emitAlternatives(part.parts, out, allowance);
      return;
    case 'repeat':
      emitRepeat(part, out, allowance);
      return;
    default:
      part satisfies never;
  }
}

function emitAlternatives(parts: readonly Part[], out: State[], allowance: Allowance): void {
  const ends: { to: number; readonly kind: 'jump' }[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, out, allowance);
      break;
    }
    const split: State = { kind: 'split', first: out.length + 1, second: 0 };
    out.push(split);
    emit(part, out, allowance);
    const end = { kind: 'jump' as const, to: 0 };
    ends.push(end);
    out.push(end);
    split.second = out.length;
  }
  for (const end of ends) end.to = out.length;
}

function emitRepeat(
  { part, min, max }: Extract<Part, { kind: 'repeat' }>,
  out: State[],
  allowance: Allowance,
): void {
  for (let i = 0; i < min; i += 1) emit(part, out, allowance);
  if (max === Number.POSITIVE_INFINITY) {
    const at = out.length;
    const split: State = { kind: 'split', first: at + 1, second: 0 };
    out.push(split);
    emit(part, out, allowance);
    out.push({ kind: 'jump', to: at });
    split.second = out.length;
    return;
  }
  const splits: { readonly kind: 'split'; first: number; second: number }[] = [];
  for (let i = min; i < max; i += 1) {
    const split = { kind: 'split' as const, first: out.length + 1, second: 0 };
    splits.push(split);
    out.push(split);
    emit(part, out, allowance);
  }
  for (const split of splits) split.second = out.length;
}

/** At which step each state was entered last; kept between texts, so that a short one costs little. */
interface Seen {
  readonly at: Int32Array;
  step: number;
}
const LAST_STEP = 0x7fffffff;

/** Each step keeps the set of states that are possible; a state is entered once for a position, so loops end. */
function run(
  { states, seen }: { readonly states: readonly State[]; readonly seen: Seen },
  text: string,
  meter: Meter,
): boolean {
  if (seen.step > LAST_STEP - text.length - 2) {
    seen.at.fill(0);
    seen.step = 0;
  }
  const [first] = states;
  const isBoundToStart = first?.kind === 'assert' && first.what === 'text-start';
  let current: number[] = [];
  let previous = -1;
  for (let at = 0; ; ) {
    const codePoint = at < text.length ? (text.codePointAt(at) ?? -1) : -1;
    const next: number[] = [];
    seen.step += 1;
    const around = { previous, next: codePoint };
    // Starting anew at each position makes the match unanchored.
    current.push(0);
    for (let index = 0; index < current.length; index += 1) {
      const id = current[index] ?? 0;
      if (seen.at[id] === seen.step) continue;
      seen.at[id] = seen.step;
      const state = states[id];
      if (!state) continue;
      if (state.kind === 'match') return true;
      if (state.kind === 'jump') current.push(state.to);
      else if (state.kind === 'split') current.push(state.first, state.second);
      else if (state.kind === 'assert') {
        if (holds(state.what, around)) current.push(id + 1);
      } else if (codePoint >= 0 && state.test(codePoint)) next.push(id + 1);
    }
    meter.spend(current.length);
    // What must start where the text does cannot start later.
    if (codePoint < 0 || (next.length === 0 && isBoundToStart)) return false;
    at += codePoint > 0xffff ? 2 : 1;
    previous = codePoint;
    current = next;
  }
}

const NEWLINE = 10;
function isWordChar(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || c === 95 || (c >= 97 && c <= 122);
}

function holds(what: Assertion, around: { readonly previous: number; readonly next: number }): boolean {
  switch (what) {
    case 'text-start':
      return around.previous < 0;
    case 'text-end':
      return around.next < 0;
    case 'line-start':
      return around.previous < 0 || around.previous === NEWLINE;
    case 'line-end':
      return around.next < 0 || around.next === NEWLINE;
    case 'boundary':
      return isWordChar(around.previous) !== isWordChar(around.next);
    case 'inside':
      return isWordChar(around.previous) === isWordChar(around.next);
    default:
      return what satisfies never;
  }
}
