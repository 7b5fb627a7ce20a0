// Is a JSON text fit to be parsed? Counts, measures and checks it in one pass, before anything is built from it.

/** Deepest nesting of objects and lists that is taken. */
export const MAX_JSON_DEPTH = 64;
/** Longest name of a member. Names are joined to paths, so long ones would multiply. */
export const MAX_NAME_LENGTH = 1_024;

export interface JsonLimits {
  /** Members, items, objects and lists together. */
  readonly maxValues: number;
  /** Members or items of the outermost value. */
  readonly maxTopLevel?: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON, LOWER_U] = [0x22, 0x5c, 0x2c, 0x3a, 0x75];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [MINUS, PLUS, DOT, ZERO, NINE, UPPER_E, LOWER_E] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x45, 0x65];
const SAFE_DIGITS = 15;
const PROTO = '__proto__';
const NAME_TOO_LONG = `The body has a name longer than ${MAX_NAME_LENGTH} characters.`;
const NUL_FAULT = 'The body holds a NUL character.';
const HALF_FAULT = 'The body holds half a character (a lone surrogate).';

/**
 * What makes a JSON text unfit: too many values, too deep, names too long, a number that would change its value, half
 * characters, NUL. Reads it once, without recursion; what is no JSON is left to the parser.
 */
export function jsonFault(text: string, limits: JsonLimits): string | undefined {
  return new JsonScan(text, limits).read(text.length);
}

/** The same in steps, for texts that are too long to be read at once. */
export class JsonScan {
  readonly #text: string;
  readonly #maxValues: number;
  readonly #maxTopLevel: number;
  readonly #mayUseProto: boolean;
  #at = 0;
  #depth = 0;
  #values = 1;
  #topLevel = 1;
  #isInString = false;
  /** Of the string that is read, or was read last. */
  #start = 0;
  #end = 0;
  #hasLetterEscape = false;

  constructor(text: string, { maxValues, maxTopLevel = maxValues }: JsonLimits) {
    this.#text = text;
    this.#maxValues = maxValues;
    this.#maxTopLevel = maxTopLevel;
    this.#mayUseProto = text.includes(PROTO);
  }

  /** What is wrong before this position; positions must rise. */
  read(until: number): string | undefined {
    while (this.#at < until) {
      const fault = this.#isInString ? this.#readString(until) : this.#readPlain(until);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #readPlain(until: number): string | undefined {
    const text = this.#text;
    for (; this.#at < until; this.#at += 1) {
      const code = text.charCodeAt(this.#at);
      switch (code) {
        case QUOTE:
          this.#at += 1;
          this.#start = this.#at;
          this.#isInString = true;
          this.#hasLetterEscape = false;
          return undefined;
        case OPEN_LIST:
        case OPEN_OBJECT:
          this.#depth += 1;
          this.#values += 1;
          if (this.#depth > MAX_JSON_DEPTH) {
            return `The JSON body is nested deeper than ${MAX_JSON_DEPTH} levels.`;
          }
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          this.#depth -= 1;
          break;
        case COMMA:
          this.#values += 1;
          if (this.#depth === 1) this.#topLevel += 1;
          break;
        case COLON: {
          const fault = this.#lastNameFault();
          if (fault !== undefined) return fault;
          break;
        }
        default:
          if (code === MINUS || isDigit(code)) {
            const fault = this.#readNumber();
            if (fault !== undefined) return fault;
          }
      }
      if (this.#topLevel > this.#maxTopLevel)
        return `The JSON body has more than ${this.#maxTopLevel} fields.`;
      if (this.#values > this.#maxValues) return `The JSON body holds more than ${this.#maxValues} values.`;
    }
    return undefined;
  }

  /** Leaves the place at its last character. */
  #readNumber(): string | undefined {
    const text = this.#text;
    const start = this.#at;
    let hasExponent = false;
    let end = start + 1;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === UPPER_E || code === LOWER_E) hasExponent = true;
      else if (!isDigit(code) && code !== DOT && code !== PLUS && code !== MINUS) break;
    }
    this.#at = end - 1;
    // Every number with so few digits comes back as it was written.
    return hasExponent || end - start > SAFE_DIGITS ? numberFault(text.slice(start, end)) : undefined;
  }

  #readString(until: number): string | undefined {
    const text = this.#text;
    for (; this.#at < until; this.#at += 1) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#end = this.#at;
        this.#at += 1;
        this.#isInString = false;
        return undefined;
      }
      if (code !== BACKSLASH) continue;
      this.#at += 1;
      if (text.charCodeAt(this.#at) !== LOWER_U) continue;
      const fault = this.#readEscape();
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** A text that was UTF-8 can hold half a character, or NUL, only as an escape. */
  #readEscape(): string | undefined {
    const unit = this.#escapedUnit(this.#at);
    if (unit < 0) return undefined;
    if (unit === 0) return NUL_FAULT;
    this.#at += 4;
    if (unit < 0x80) this.#hasLetterEscape = true;
    if (unit < 0xd800 || unit > 0xdfff) return undefined;
    const isPair =
      unit < 0xdc00 &&
      this.#text.charCodeAt(this.#at + 1) === BACKSLASH &&
      this.#text.charCodeAt(this.#at + 2) === LOWER_U &&
      (this.#escapedUnit(this.#at + 2) & 0xfc00) === 0xdc00;
    if (!isPair) return HALF_FAULT;
    this.#at += 6;
    return undefined;
  }

  /** What stands behind the `u`; below zero where that is no escape. */
  #escapedUnit(at: number): number {
    let unit = 0;
    for (let digit = at + 1; digit <= at + 4; digit += 1) {
      const value = hexDigit(this.#text.charCodeAt(digit));
      if (value < 0) return -1;
      unit = unit * 16 + value;
    }
    return unit;
  }

  #lastNameFault(): string | undefined {
    if (this.#end - this.#start > MAX_NAME_LENGTH) return NAME_TOO_LONG;
    if (!this.#mayUseProto && !this.#hasLetterEscape) return undefined;
    const written = this.#text.slice(this.#start, this.#end);
    return nameFault(
      written.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    );
  }
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function hexDigit(code: number): number {
  if (isDigit(code)) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** What is wrong with a text that somebody sent. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return NUL_FAULT;
  return text.isWellFormed() ? undefined : HALF_FAULT;
}

/** What is wrong with a name that somebody sent, of a member or of a form's field. */
export function nameFault(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return NAME_TOO_LONG;
  // Set on an object, this name would change what all objects inherit.
  return name.includes(PROTO) && /(?:^|\.)__proto__(?:$|\.)/.test(name)
    ? 'The body uses the name __proto__.'
    : undefined;
}

/** The longest whole number that there is has 309 digits. */
const MAX_NUMBER_LENGTH = 400;

/**
 * Why a number, as it is written in JSON or in a form, cannot be kept: it is beyond all numbers, or whole and changed by
 * being read. Fractions are rounded, as everywhere.
 */
export function numberFault(written: string): string | undefined {
  if (written.length > MAX_NUMBER_LENGTH) return 'The body holds a number with too many digits.';
  const value = Number(written);
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) return 'The body holds a number that is too large.';
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return undefined;
  if (digitsOf(written) === digitsOf(String(value))) return undefined;
  return `The body holds the number ${written.slice(0, 40)}, which cannot be kept exactly. Send it as a text.`;
}

/** The same text for the same value, however it is written: its digits without zeros around them, and their place. */
function digitsOf(written: string): string {
  const [mantissa = '', exponent = '0'] = written.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const place = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${significant}e${place}`;
}
