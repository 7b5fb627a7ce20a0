// Is a schema one for identities? What is wrong with it is told at start, not when somebody signs up.
import { nearest } from '../lib/edit-distance.ts';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { EXTENSION } from './derive.ts';
import type { SchemaFault } from './faults.ts';

const VERIFIABLE_FORMATS: readonly unknown[] = [
  undefined,
  'email',
  'email_loose',
  'tel',
  'date',
  'time',
  'date-time',
  'no-validate',
];

/** The faults of an identity schema, in words for the operator; none where it can be used. */
export function identitySchemaFaults(
  json: JsonObject,
  credentialTypes?: readonly string[],
): readonly SchemaFault[] {
  const traits = isJsonObject(json['properties']) ? json['properties']['traits'] : undefined;
  if (!isJsonObject(traits) || traits['type'] !== 'object')
    return [{ path: ['properties', 'traits'], reason: 'must have the type "object"' }];
  const { properties } = traits;
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) {
    return [{ path: ['properties', 'traits', 'properties'], reason: 'must name at least one trait' }];
  }
  const faults: SchemaFault[] = [];
  for (const [name, trait] of Object.entries(properties)) {
    const extension = isJsonObject(trait) ? trait[EXTENSION] : undefined;
    if (!isJsonObject(trait) || !isJsonObject(extension) || extension['verification'] === undefined) continue;
    if (!VERIFIABLE_FORMATS.includes(trait['format'])) {
      faults.push({
        path: ['properties', 'traits', 'properties', name, 'format'],
        reason: `"${String(trait['format'])}" cannot be verified`,
      });
    }
  }
  collectExtensionFaults(json, [], { faults, credentialTypes });
  return faults;
}

interface Collector {
  readonly faults: SchemaFault[];
  readonly credentialTypes: readonly string[] | undefined;
}

function collectExtensionFaults(node: unknown, at: readonly string[], into: Collector): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    if (key === EXTENSION && at.at(-1) !== 'properties') checkExtension(child, [...at, key], into);
    else collectExtensionFaults(child, [...at, key], into);
  }
}

type Rule = (value: Json | undefined) => string | undefined;

const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const oneOf =
  (...choices: readonly string[]): Rule =>
  (value) =>
    choices.some((choice) => choice === value) ? undefined : `must be one of: ${choices.join(', ')}`;

const CREDENTIAL_RULES: Readonly<Record<string, Rule>> = {
  identifier: flag,
  display_name: flag,
  account_name: flag,
  via: oneOf('email', 'sms'),
};
const ADDRESS_RULES: Readonly<Record<string, Rule>> = { via: oneOf('email', 'sms') };
const ORGANIZATION_RULES: Readonly<Record<string, Rule>> = { matcher: oneOf('email_domain') };

function checkExtension(value: unknown, at: readonly string[], into: Collector): void {
  if (!isJsonObject(value)) {
    into.faults.push({ path: at, reason: 'must be an object' });
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    const place = [...at, key];
    if (key === 'verification' || key === 'recovery') checkRules(part, place, { rules: ADDRESS_RULES, into });
    else if (key === 'organizations') checkRules(part, place, { rules: ORGANIZATION_RULES, into });
    else if (key !== 'credentials') into.faults.push({ path: place, reason: unknownKey(key) });
    else if (!isJsonObject(part)) into.faults.push({ path: place, reason: 'must be an object' });
    else checkCredentials(part, place, into);
  }
}

function checkCredentials(credentials: JsonObject, at: readonly string[], into: Collector): void {
  for (const [type, flags] of Object.entries(credentials)) {
    if (into.credentialTypes?.includes(type) === false)
      into.faults.push({ path: [...at, type], reason: 'is not a kind of credential' });
    else checkRules(flags, [...at, type], { rules: CREDENTIAL_RULES, into });
  }
}

function checkRules(
  value: Json | undefined,
  at: readonly string[],
  { rules, into }: { readonly rules: Readonly<Record<string, Rule>>; readonly into: Collector },
): void {
  if (!isJsonObject(value)) {
    into.faults.push({ path: at, reason: 'must be an object' });
    return;
  }
  for (const [key, setting] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    const reason = rule ? rule(setting) : unknownKey(key, Object.keys(rules));
    if (reason) into.faults.push({ path: [...at, key], reason });
  }
}

const SETTINGS = ['credentials', 'verification', 'recovery', 'organizations'];

function unknownKey(key: string, known: readonly string[] = SETTINGS): string {
  const near = nearest(key, known);
  return `is not known${near === undefined ? '' : `; did you mean "${near}"?`}`;
}
