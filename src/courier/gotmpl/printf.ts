// The verbs of Go's fmt.Sprintf that texts need.
import { CHARACTERS_A_STEP, FunctionError, type Work } from './run.ts';
import { isTrue, kindOf, numberText, toText, type Value } from './value.ts';

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?(?:\[(\d{1,3})\])?([a-zA-Z%])/g;
const MAX_WIDTH = 10_000;

/** Values that are missing, left over or of the wrong kind are written into the text, as Go does. */
export function printf(format: string, values: readonly Value[], work: Work): string {
  let next = 0;
  let isReordered = false;
  const text = format.replace(
    VERB,
    (
      _,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      index: string | undefined,
      verb: string,
    ) => {
      if (verb === '%') return '%';
      if (width === '*' || Number(width ?? 0) > MAX_WIDTH || Number(precision ?? 0) > MAX_WIDTH) {
        throw new FunctionError('this width cannot be printed');
      }
      work.spend(1 + Number(width ?? 0) / CHARACTERS_A_STEP);
      // `%[2]s` names its value, as texts in other languages need.
      if (index !== undefined) {
        isReordered = true;
        next = Number(index) - 1;
      }
      if (next >= values.length || next < 0) return `%!${verb}(MISSING)`;
      const value = values[next];
      next += 1;
      return pad(format1(verb, value, { flags, precision }), { flags, width: Number(width ?? 0), value });
    },
  );
  const extra = values.slice(next).map((value) => `${kindOf(value)}=${toText(value)}`);
  return extra.length === 0 || isReordered ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function format1(
  verb: string,
  value: Value,
  { flags, precision }: { readonly flags: string; readonly precision: string | undefined },
): string {
  const wrong = (): string => `%!${verb}(${kindOf(value)}=${toText(value)})`;
  const sign = (number: number): string => (flags.includes('+') && number >= 0 ? '+' : '');
  switch (verb) {
    case 'v':
    case 's': {
      const text = toText(value);
      return precision === undefined ? text : [...text].slice(0, Number(precision)).join('');
    }
    case 'q':
      return JSON.stringify(toText(value));
    case 't':
      return typeof value === 'boolean' ? String(isTrue(value)) : wrong();
    case 'd':
      return typeof value === 'number' && Number.isInteger(value)
        ? `${sign(value)}${BigInt(value)}`
        : wrong();
    case 'f':
    case 'F':
      if (typeof value !== 'number') return wrong();
      return sign(value) + value.toFixed(Math.min(Number(precision ?? 6), 100));
    case 'e':
      if (typeof value !== 'number') return wrong();
      return value.toExponential(Math.min(Number(precision ?? 6), 100)).replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return typeof value === 'number' ? sign(value) + numberText(value) : wrong();
    case 'x':
    case 'X': {
      const isWhole = typeof value === 'number' && Number.isInteger(value);
      if (!isWhole && typeof value !== 'string') return wrong();
      const hex = isWhole ? BigInt(value).toString(16) : Buffer.from(String(value)).toString('hex');
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 'c':
      return typeof value === 'number' && value >= 0 && value <= 0x10ffff
        ? String.fromCodePoint(Math.trunc(value))
        : wrong();
    case 'T':
      return kindOf(value);
    default:
      return wrong();
  }
}

function pad(
  text: string,
  { flags, width, value }: { readonly flags: string; readonly width: number; readonly value: Value },
): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || typeof value !== 'number') return ' '.repeat(missing) + text;
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  return sign + '0'.repeat(missing) + digits;
}
