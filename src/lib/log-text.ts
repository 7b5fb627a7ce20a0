// A log line for people: time, level, message, then name=value; the stack of an error follows on indented lines.
import type { Json } from './json.ts';

/** Fields as `name=value`, members of objects by dotted names, each with a space before it. */
export function fieldsToText(fields: Readonly<Record<string, Json>>): string {
  const out: Parts = { line: '', stacks: '' };
  append(out, fields, '');
  return out.line + out.stacks;
}

/** One line, however the message looks: nobody can forge another line by what they send. */
export function messageToText(message: string): string {
  return CONTROL.test(message) ? message.replaceAll(CONTROLS, escapeControl) : message;
}

interface Parts {
  line: string;
  stacks: string;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const CONTROLS = new RegExp(CONTROL, 'g');
const escapeControl = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

function append(out: Parts, fields: Readonly<Record<string, Json | undefined>>, prefix: string): void {
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    if (name === 'stack' && typeof value === 'string') out.stacks += stackLines(value);
    else if (typeof value !== 'object' || value === null) {
      out.line += ` ${messageToText(prefix + name)}=${scalar(value)}`;
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) append(out, { [index]: item }, `${prefix}${name}.`);
    } else append(out, value as Readonly<Record<string, Json>>, `${prefix}${name}.`); // neither array nor scalar
  }
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  return /^[^\s"=\\\u0000-\u001f\u007f-\u009f]+$/.test(value) ? value : messageToText(JSON.stringify(value));
}

/** The first line of a stack repeats the error's message, which stands in the line already. */
function stackLines(stack: string): string {
  const lines = stack.split('\n').map((line) => messageToText(line.trim()));
  return lines
    .filter((line, index) => index > 0 && line.startsWith('at '))
    .map((line) => `\n    ${line}`)
    .join('');
}
