// What a schema says a person is called in one place, such as in an authenticator app: a trait with a flag of its own.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import { EXTENSION } from './derive.ts';
import type { IdentitySchema } from './load.ts';
import { schemaPaths } from './paths.ts';

/** The trait that carries this flag for the credential type, as it was typed; undefined where there is none. */
export function labelledTrait(
  schema: IdentitySchema,
  traits: JsonObject,
  of: { readonly type: string; readonly flag: string },
): string | undefined {
  const derived = schema.derive(traits);
  if (!derived.ok) return undefined;
  const hit = derived.credentials.find(({ type, flags }) => type === of.type && flags[of.flag] === true);
  return hit?.value || undefined;
}

/** Names of the fields whose trait carries one of these flags, in alphabetical order. */
export function labelledFields(
  schema: IdentitySchema,
  flags: readonly { readonly type: string; readonly flag: string }[],
): readonly string[] {
  return schemaPaths(schema.json)
    .filter(({ schema: part }) => {
      const credentials = member(part[EXTENSION], 'credentials');
      return flags.some(({ type, flag }) => member(member(credentials, type), flag) === true);
    })
    .map(({ name }) => name);
}

/** The first trait that has no title, for schemas that flag none. */
export function firstUntitledField(schema: IdentitySchema): string | undefined {
  const [field] = schemaPaths(schema.json).filter(
    ({ name, type, schema: part }) =>
      name.startsWith('traits.') && type !== 'object' && part['title'] === undefined,
  );
  return field?.name;
}

const member = (value: Json | undefined, key: string): Json | undefined =>
  isJsonObject(value) ? value[key] : undefined;
