// What does a schema say that traits are for? Identifiers and addresses, from the `ory.sh/kratos` keyword.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Message, Problem } from '../protocol/message.ts';
import * as messages from '../protocol/messages.ts';
import { isEmail } from './formats.ts';
import { sizeOf } from './meter.ts';
import { fold, normaliseIdentifier } from './normalise.ts';
import { dottedName } from './paths.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { toE164 } from './phone.ts';
import { pointerTo, resolveRef } from './refs.ts';
import { type CompiledSchema, withinMeter } from './schema.ts';

export const EXTENSION = 'ory.sh/kratos';

export interface CredentialHit {
  /** Name of the method whose credential the value belongs to. */
  readonly type: string;
  /** Normalised where it identifies; as it was typed where it is a label. */
  readonly value: string;
  /** As in the schema: `identifier`, `via`, `display_name`, `account_name`. */
  readonly flags: JsonObject;
}

export interface AddressHit {
  readonly via: 'email' | 'sms';
  readonly value: string;
}

export type Derivation =
  | {
      readonly ok: true;
      /** With phone numbers that messages are sent to in E.164. */
      readonly traits: JsonObject;
      readonly credentials: readonly CredentialHit[];
      readonly verification: readonly AddressHit[];
      readonly recovery: readonly AddressHit[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Looking up whether a text is a phone number takes as long as a thousand steps of a pattern. */
const EXTENSION_STEPS = 1_000;

/** Derives what follows from traits that fit the schema (docs/protocol/platform.md section 2, methods.md section 17). */
export function deriveFromTraits(schema: CompiledSchema, traits: JsonObject): Derivation {
  const credentials: CredentialHit[] = [];
  const verification: AddressHit[] = [];
  const recovery: AddressHit[] = [];
  const problems: Problem[] = [];
  const rewrites: Rewrite[] = [];

  const use = (part: JsonObject, raw: Json, segments: readonly string[]): void => {
    const extension = part[EXTENSION];
    if (!isJsonObject(extension) || (typeof raw !== 'string' && typeof raw !== 'number')) return;
    schema.meter.spend(EXTENSION_STEPS);
    const field: Field = { text: String(raw), format: part['format'], problems: [] };
    for (const [type, flags] of entriesOf(extension['credentials'])) {
      if (!Object.values(flags).includes(true)) continue;
      const value = flags['identifier'] === true ? identifierOf(field, flags['via']) : field.text;
      if (value) credentials.push({ type, value, flags });
    }
    const verify = addressOf(field, extension['verification'], 'verification');
    if (verify) verification.push(verify);
    const recover = addressOf(field, extension['recovery'], 'recovery');
    if (recover) recovery.push(recover);
    const [message] = field.problems;
    if (message) problems.push({ message, at: dottedName(segments) });
    const e164 = isSentTo(extension) ? toE164(field.text) : undefined;
    if (e164 !== undefined && e164 !== raw) rewrites.push({ segments, value: e164 });
  };

  const tooMuch = withinMeter(schema.meter, () => {
    walk(schema, { traits }, use);
    return [];
  });
  if (problems.length > 0 || tooMuch.length > 0) return { ok: false, problems: [...problems, ...tooMuch] };
  return {
    ok: true,
    traits: rewritten(traits, rewrites),
    credentials,
    verification,
    recovery,
  };
}

interface Field {
  readonly text: string;
  readonly format: Json | undefined;
  readonly problems: Message[];
}

/** True where messages by SMS go to the value: only then the stored trait changes its spelling. */
function isSentTo(extension: JsonObject): boolean {
  const uses = [
    extension['verification'],
    extension['recovery'],
    ...entriesOf(extension['credentials']).map(([, flags]) => flags),
  ];
  return uses.some((use) => isJsonObject(use) && use['via'] === 'sms');
}

function identifierOf(field: Field, via: Json | undefined): string | undefined {
  if (via === undefined) return normaliseIdentifier(field.text);
  if (via === 'sms') return phoneOf(field);
  if (via === 'email') return isStrictEmail(field) ? emailOf(field) : normaliseIdentifier(field.text);
  field.problems.push(messages.generic(`No messages can be sent to this address via "${String(via)}".`));
  return undefined;
}

function addressOf(
  field: Field,
  use: Json | undefined,
  purpose: 'verification' | 'recovery',
): AddressHit | undefined {
  const via = isJsonObject(use) ? use['via'] : undefined;
  if (via !== 'email' && via !== 'sms') return undefined;
  const value = via === 'email' ? emailAddressOf(field, purpose) : phoneAddressOf(field, purpose);
  return value ? { via, value } : undefined;
}

function emailAddressOf(field: Field, purpose: 'verification' | 'recovery'): string | undefined {
  if (isStrictEmail(field)) return emailOf(field);
  if (field.format === 'email_loose' || purpose === 'recovery') return fold(field.text);
  return field.format === 'tel' ? normaliseIdentifier(field.text) : field.text.trim();
}

function phoneAddressOf(field: Field, purpose: 'verification' | 'recovery'): string | undefined {
  if (field.format === 'tel') return phoneOf(field);
  if (field.format !== undefined) return field.text.trim();
  if (purpose === 'recovery') return phoneOf(field);
  field.problems.push(
    messages.generic('The schema must say format "tel" or "no-validate" for this phone number.'),
  );
  return undefined;
}

const isStrictEmail = (field: Field): boolean => field.format === undefined || field.format === 'email';

function emailOf(field: Field): string | undefined {
  const email = fold(field.text);
  if (isEmail(email)) return email;
  field.problems.push(messages.invalidEmail(field.text));
  return undefined;
}

function phoneOf(field: Field): string | undefined {
  const phone = toE164(field.text);
  if (phone === undefined) field.problems.push(messages.invalidPhone(field.text));
  return phone;
}

function entriesOf(value: Json | undefined): readonly (readonly [name: string, flags: JsonObject])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, flags]) =>
    isJsonObject(flags) ? [[name, flags] as const] : [],
  );
}

type Use = (part: JsonObject, value: Json, segments: readonly string[]) => void;

/** Calls `use` for each value with each part of the schema that speaks of it; of alternatives only those that it fits. */
function walk(schema: CompiledSchema, document: JsonObject, use: Use): void {
  const { json } = schema;
  const fits = (part: Json, value: Json): boolean =>
    isJsonObject(part) ? schema.holds(pointerTo(json, part), value) : part === true;

  const visit = (part: Json | undefined, value: Json, segments: readonly string[]): void => {
    if (!isJsonObject(part)) return;
    schema.meter.spend(sizeOf(part) + sizeOf(value));
    if (typeof part['$ref'] === 'string') {
      visit(resolveRef(json, part['$ref']), value, segments);
      return;
    }
    use(part, value, segments);
    for (const each of listOf(part['allOf'])) visit(each, value, segments);
    for (const each of [...listOf(part['anyOf']), ...listOf(part['oneOf'])]) {
      if (fits(each, value)) visit(each, value, segments);
    }
    if (part['if'] !== undefined) {
      const isTrue = fits(part['if'], value);
      if (isTrue) visit(part['if'], value, segments);
      visit(part[isTrue ? 'then' : 'else'], value, segments);
    }
    if (Array.isArray(value)) visitItems(part, value, segments);
    else if (isJsonObject(value)) visitMembers(part, value, segments);
  };

  const visitItems = (part: JsonObject, items: readonly Json[], segments: readonly string[]): void => {
    const { items: rule, additionalItems } = part;
    for (const [index, item] of items.entries()) {
      const own = Array.isArray(rule) ? (index < rule.length ? rule[index] : additionalItems) : rule;
      visit(own, item, [...segments, String(index)]);
    }
  };

  const visitMembers = (part: JsonObject, value: JsonObject, segments: readonly string[]): void => {
    const properties = isJsonObject(part['properties']) ? part['properties'] : {};
    const patterns = patternsOf(part);
    // The order of the schema, so that identifiers come in an order that the operator chose.
    const keys = new Set([...Object.keys(properties), ...Object.keys(value)]);
    for (const key of keys) {
      const member = Object.hasOwn(value, key) ? value[key] : undefined;
      if (member === undefined) continue;
      const named = Object.hasOwn(properties, key) ? [properties[key]] : [];
      const matching = patterns.flatMap(([pattern, rule]) => (pattern.test(key, schema.meter) ? [rule] : []));
      const rules = [...named, ...matching];
      for (const rule of rules.length > 0 ? rules : [part['additionalProperties']]) {
        visit(rule, member, [...segments, key]);
      }
    }
  };

  visit(json, document, []);
}

const compiled = new WeakMap<JsonObject, readonly (readonly [Pattern, Json | undefined])[]>();

function patternsOf(part: JsonObject): readonly (readonly [Pattern, Json | undefined])[] {
  const rules = part['patternProperties'];
  if (!isJsonObject(rules)) return [];
  let patterns = compiled.get(rules);
  if (!patterns) {
    patterns = Object.entries(rules).map(([source, rule]) => [compilePattern(source), rule] as const);
    compiled.set(rules, patterns);
  }
  return patterns;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

interface Rewrite {
  readonly segments: readonly string[];
  readonly value: string;
}

/** A copy with other texts at these places. */
function rewritten(traits: JsonObject, rewrites: readonly Rewrite[]): JsonObject {
  if (rewrites.length === 0) return traits;
  const copy = structuredClone(traits);
  for (const { segments, value } of rewrites) {
    // The copy is ours, so it may be written to. The first segment is `traits`, which is the document itself.
    let at = copy as Record<string, unknown>;
    for (const key of segments.slice(1, -1)) at = at[key] as Record<string, unknown>;
    at[segments.at(-1) ?? ''] = value;
  }
  return copy;
}
