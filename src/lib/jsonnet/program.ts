// A snippet of an operator becomes a whole program, and what the evaluator answers becomes a value or a reason.
import type { Json, JsonObject } from '../json.ts';

export interface JsonnetInput {
  /** What `std.extVar(name)` gives. */
  readonly variables?: JsonObject;
  /** The argument of a snippet that is `function(ctx)`. */
  readonly ctx?: Json;
}

/**
 * The evaluator knows external variables of text only, and takes no arguments for functions: this prologue stands in for both.
 * It also adds what the evaluator's standard library lacks. One line, so that lines of errors can be told by subtraction.
 */
const PROLOGUE = [
  // One after the other: names of one `local` see each other.
  'local bia_std = std;',
  "local bia_input = bia_std.parseJson(bia_std.extVar('input'));",
  'local std = bia_std {',
  'extVar(x):: if bia_std.objectHas(bia_input.variables, x) then bia_input.variables[x]',
  "else error 'undefined external variable: ' + x,",
  "trim(str):: bia_std.stripChars(str, ' \\t\\n\\f\\r\\u0085\\u00a0'),",
  'flattenDeepArray(value):: if bia_std.isArray(value)',
  'then bia_std.flattenArrays([self.flattenDeepArray(x) for x in value]) else [value],',
  '};',
  'local bia_snippet = (',
].join(' ');
const EPILOGUE =
  "); if bia_std.type(bia_snippet) == 'function' then bia_snippet(bia_input.ctx) else bia_snippet";

/** The snippet stands on lines of its own: a comment at its end must not reach what follows. */
export const toProgram = (snippet: string): string => `${PROLOGUE}\n${snippet}\n${EPILOGUE}`;

/** The program without its end: whether the snippet can be read is known before anything is called. */
export const toSyntaxProbe = (snippet: string): string => `${PROLOGUE}\n${snippet}\n); null`;

/** Half of a character pair is no text for the evaluator; JSON.stringify writes it, and only it, as an escape \ud800 to \udfff. */
export function inputToText({ variables = {}, ctx = null }: JsonnetInput): string {
  return JSON.stringify({ variables, ctx }).replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (written, half) =>
    half === undefined ? written : '\ufffd',
  );
}

export type Evaluated =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string };

const MAX_MESSAGE_LENGTH = 1024;

/** Values come as JSON, errors as prose: no prose of the evaluator is JSON, since it begins with the kind of the error. */
export function readEvaluated(text: string): Evaluated {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, message: readMessage(text).slice(0, MAX_MESSAGE_LENGTH) };
  }
}

/** The reason, and the place in the snippet where it came up. */
function readMessage(text: string): string {
  const [reason = '', ...trace] = text.split(/\n {4}(?=(?:snippet|<std>):)/);
  const place = trace.map((step) => /^snippet:(\d+):(\d+)/.exec(step)).find((found) => found !== null);
  const line = Number(place?.[1]) - 1;
  return line > 0 ? `${reason.trim()} (line ${line}, column ${place?.[2]})` : reason.trim();
}
