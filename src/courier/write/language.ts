// Which language does a person read? What their traits say, as far as the operator's schema has such a trait.
import { isJsonObject, type JsonObject } from '../../lib/json.ts';

/** In this order; the first that holds a language tag counts. */
const TRAITS = ['locale', 'language', 'lang'];
const TAG = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/;

/** `de_AT` and `DE-at` are both `de-at`; undefined for what is no language tag. */
export function languageTag(text: unknown): string | undefined {
  const tag = typeof text === 'string' ? text.trim().toLowerCase().replaceAll('_', '-') : '';
  return TAG.test(tag) && tag.length <= 35 ? tag : undefined;
}

/** From the exact one to the general one: `de-at`, `de`. Empty where nothing is known. */
export function languagesOf(data: JsonObject): readonly string[] {
  const { identity } = data;
  const traits = isJsonObject(identity) ? identity['traits'] : data['traits'];
  if (!isJsonObject(traits)) return [];
  const tag = TRAITS.map((name) => languageTag(traits[name])).find((found) => found !== undefined);
  if (tag === undefined) return [];
  const parts = tag.split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}
