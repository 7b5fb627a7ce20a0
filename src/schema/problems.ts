// Turns the validator's errors into messages on nodes.
import type { ErrorObject } from 'ajv';
import { isJsonObject, type Json } from '../lib/json.ts';
import type { Message, Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { dottedName } from './paths.ts';

// An error of these only says that one below it failed; what is below is more to the point.
const COMPOSITE: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'if', 'propertyNames', '$ref']);

/** Nobody corrects more at once, and each is compared with the others. */
const MAX_ERRORS = 200;

/** One problem for each thing to correct (docs/protocol/methods.md 1.3). Names come from the place of the wrong value. */
export function toProblems(errors: readonly ErrorObject[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const shown = errors.slice(0, MAX_ERRORS);
  for (const error of shown) {
    if (isEcho(error, shown)) continue;
    const name = nodeName(error);
    const message = error.keyword === 'additionalProperties' ? unknownNames(error, shown) : toMessage(error);
    // Extra properties come one by one, but the form shows them once; branches may complain about the same thing twice.
    const key = JSON.stringify([name, message.id, message.context]);
    if (seen.has(key)) continue;
    seen.add(key);
    problems.push(name === '' ? { message } : { message, at: name });
  }
  return problems;
}

function isEcho(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (COMPOSITE.has(error.keyword)) {
    return errors.some((other) => other !== error && other.schemaPath.startsWith(below(error)));
  }
  if (error.keyword === 'type') return false;
  // A value of the wrong type breaks `const` and `enum` too; the type is what to correct.
  return errors.some(
    (other) =>
      other.keyword === 'type' &&
      other.instancePath === error.instancePath &&
      parent(other.schemaPath) === parent(error.schemaPath),
  );
}

const parent = (pointer: string): string => pointer.slice(0, pointer.lastIndexOf('/'));
const below = (error: ErrorObject): string =>
  error.keyword === 'if'
    ? `${parent(error.schemaPath)}/${String(error.params['failingKeyword'])}`
    : `${error.schemaPath}/`;

function nodeName(error: ErrorObject): string {
  const segments = error.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (error.keyword === 'required') segments.push(String(error.params['missingProperty']));
  return dottedName(segments);
}

function toMessage(error: ErrorObject): Message {
  const { params } = error;
  // The validator is run with `verbose`, so `data` and `schema` are what was checked against what.
  const data = error.data as Json;
  const limit = Number(params['limit']);
  switch (error.keyword) {
    case 'required':
      return messages.required(String(params['missingProperty']));
    case 'minLength':
      return messages.tooShort(limit, [...String(data)].length);
    case 'maxLength':
      return messages.tooLong(limit, [...String(data)].length);
    case 'pattern':
      return messages.patternMismatch(String(params['pattern']), explained(error.parentSchema));
    case 'minimum':
      return messages.belowMinimum(limit, Number(data));
    case 'exclusiveMinimum':
      return messages.notAbove(limit, Number(data));
    case 'maximum':
      return messages.aboveMaximum(limit, Number(data));
    case 'exclusiveMaximum':
      return messages.notBelow(limit, Number(data));
    case 'multipleOf':
      return messages.notMultipleOf(Number(params['multipleOf']), Number(data));
    case 'maxItems':
      return messages.tooManyItems(limit, itemsOf(data).length);
    case 'minItems':
      return messages.tooFewItems(limit, itemsOf(data).length);
    case 'uniqueItems':
      return messages.duplicateItems(Number(params['i']), Number(params['j']));
    case 'type':
      return messages.wrongType([params['type']].flat().map(String), typeName(data));
    case 'const':
      return messages.notConst(error.schema as Json);
    case 'format':
      return formatMessage(String(params['format']), String(data));
    case 'enum':
      return messages.generic(
        `Choose one of these: ${itemsOf(error.schema as Json)
          .map(shown)
          .filter((choice) => choice !== '')
          .join(', ')}.`,
      );
    case 'false schema':
      return messages.generic('Unknown field.');
    default:
      return messages.generic(`This value is not valid (${error.keyword}).`);
  }
}

/** What the schema's author tells people about the field. */
function explained(schema: unknown): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const { errorMessage: own, description } = schema;
  const text = isJsonObject(own) ? own['pattern'] : own;
  return [text, description].find((each) => typeof each === 'string' && each !== '') as string | undefined;
}

function formatMessage(format: string, value: string): Message {
  const isEmailFormat = format === 'email' || format === 'email_loose';
  if (isEmailFormat && value !== '') return messages.invalidEmail(value);
  if (format === 'tel') return messages.invalidPhone(value);
  return messages.generic(`Enter ${FORMAT_IN_WORDS[format] ?? `a valid ${format}`}.`);
}

const FORMAT_IN_WORDS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  email_loose: 'an e-mail address',
  date: 'a date, such as 2001-12-31',
  time: 'a time, such as 17:30:00Z',
  'date-time': 'a date and time, such as 2001-12-31T17:30:00Z',
  uri: 'a web address, such as https://www.example.org',
  iri: 'a web address, such as https://www.example.org',
};

/** All unknown members of one object in one sentence. */
function unknownNames(error: ErrorObject, errors: readonly ErrorObject[]): Message {
  const names = errors
    .filter(({ keyword, instancePath }) => keyword === error.keyword && instancePath === error.instancePath)
    .map(({ params }) => quoted(String(params['additionalProperty'])));
  const distinct = [...new Set(names)];
  const rest = distinct.length - MAX_NAMES;
  const list = distinct.slice(0, MAX_NAMES).join(', ');
  return messages.generic(`Unknown field: ${list}${rest > 0 ? ` and ${rest} more` : ''}.`);
}

/** Of names that strangers chose, few and short ones fit into a sentence. */
const MAX_NAMES = 5;
const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);

const itemsOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : []);
const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
