// How much of what somebody typed a form repeats: enough for people, and little enough for strangers who fill databases.
import type { Json, JsonObject } from '../lib/json.ts';
import type { Message, Problem } from '../protocol/message.ts';

/** A page of text in one field, and a few of them in a form. */
const MAX_VALUE_LENGTH = 8_192;
const MAX_TOTAL_LENGTH = 24_576;
/** What a field is stored with beside its name and value. */
const FIELD_LENGTH = 160;

/** Values to be shown again, as long as there is room for them. A value that is too long is left out, not cut in two. */
export function boundedEcho(values: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  let left = MAX_TOTAL_LENGTH;
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const length = name.length + lengthOf(value) + FIELD_LENGTH;
    if (length > MAX_VALUE_LENGTH || length > left) continue;
    kept[name] = value;
    left -= length;
  }
  return kept;
}

const lengthOf = (value: Json): number =>
  typeof value === 'string' ? value.length : JSON.stringify(value).length;

/** More of them help nobody. */
const MAX_PROBLEMS = 50;
const MAX_TEXT_LENGTH = 512;

/** Problems as they are shown: their texts may hold what somebody typed. */
export function boundedProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.slice(0, MAX_PROBLEMS).map((problem) => {
    const { message, at } = problem;
    const short = boundedMessage(message);
    // A name that is too long has no field: what it says then stands above the form.
    if (at !== undefined && at.length > MAX_TEXT_LENGTH) return { message: short };
    return short === message ? problem : { ...problem, message: short };
  });
}

function boundedMessage(message: Message): Message {
  const { text, context } = message;
  const isShort =
    text.length <= MAX_TEXT_LENGTH && (!context || JSON.stringify(context).length <= MAX_TEXT_LENGTH * 4);
  if (isShort) return message;
  return { ...message, text: cut(text), ...(context ? { context: boundedContext(context) } : {}) };
}

function boundedContext(context: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(context)) {
    if (typeof value === 'string') kept[name] = cut(value);
    else if (value !== undefined && lengthOf(value) <= MAX_TEXT_LENGTH) kept[name] = value;
  }
  return kept;
}

const cut = (text: string): string =>
  text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`;
