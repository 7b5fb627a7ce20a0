// Is a schema one for identities? What is wrong with it is told at start, not when somebody signs up.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { EXTENSION } from './derive.ts';

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
): readonly string[] {
  const traits = isJsonObject(json['properties']) ? json['properties']['traits'] : undefined;
  if (!isJsonObject(traits) || traits['type'] !== 'object')
    return ['properties.traits must have the type "object"'];
  const { properties } = traits;
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) {
    return ['properties.traits.properties must name at least one trait'];
  }
  const faults: string[] = [];
  for (const [name, trait] of Object.entries(properties)) {
    const extension = isJsonObject(trait) ? trait[EXTENSION] : undefined;
    if (!isJsonObject(trait) || !isJsonObject(extension) || extension['verification'] === undefined) continue;
    if (!VERIFIABLE_FORMATS.includes(trait['format'])) {
      faults.push(
        `the trait "${name}" is to be verified, which its format "${String(trait['format'])}" does not allow`,
      );
    }
  }
  collectExtensionFaults(json, '#', { faults, credentialTypes });
  return faults;
}

interface Collector {
  readonly faults: string[];
  readonly credentialTypes: readonly string[] | undefined;
}

function collectExtensionFaults(node: unknown, at: string, into: Collector): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    if (key === EXTENSION && !at.endsWith('/properties')) checkExtension(child, `${at}/${key}`, into);
    else collectExtensionFaults(child, `${at}/${key}`, into);
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

function checkExtension(value: unknown, at: string, into: Collector): void {
  if (!isJsonObject(value)) {
    into.faults.push(`${at} must be an object`);
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    const place = `${at}/${key}`;
    if (key === 'verification' || key === 'recovery') checkRules(part, place, { rules: ADDRESS_RULES, into });
    else if (key === 'organizations') checkRules(part, place, { rules: ORGANIZATION_RULES, into });
    else if (key !== 'credentials') into.faults.push(`${place} is not known`);
    else if (!isJsonObject(part)) into.faults.push(`${place} must be an object`);
    else checkCredentials(part, place, into);
  }
}

function checkCredentials(credentials: JsonObject, at: string, into: Collector): void {
  for (const [type, flags] of Object.entries(credentials)) {
    if (into.credentialTypes?.includes(type) === false)
      into.faults.push(`${at}/${type} is not a kind of credential`);
    else checkRules(flags, `${at}/${type}`, { rules: CREDENTIAL_RULES, into });
  }
}

function checkRules(
  value: Json | undefined,
  at: string,
  { rules, into }: { readonly rules: Readonly<Record<string, Rule>>; readonly into: Collector },
): void {
  if (!isJsonObject(value)) {
    into.faults.push(`${at} must be an object`);
    return;
  }
  for (const [key, setting] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    const fault = rule ? rule(setting) : 'is not known';
    if (fault) into.faults.push(`${at}/${key} ${fault}`);
  }
}
