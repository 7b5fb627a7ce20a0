// Which language does a person read? Their explicit wish, then their profile, then their browser.
import { isJsonObject, type JsonObject } from '../lib/json.ts';
import { acceptedLanguages, askedLanguages, languageTag } from './language.ts';

/** In this order; the first that holds a language tag counts. */
const TRAITS = ['locale', 'language', 'lang'];

/** What the traits say, as far as the operator's schema has such a trait. */
export function languageOfTraits(traits: unknown): string | undefined {
  if (!isJsonObject(traits)) return undefined;
  return TRAITS.map((name) => languageTag(traits[name])).find((found) => found !== undefined);
}

/** What the address of a start asked for. */
export function languagesOfAddress(address: unknown): readonly string[] {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  return url ? askedLanguages(url.searchParams) : [];
}

export interface Reading {
  /** Addresses that may carry `locale` or `ui_locales`; the nearest first. */
  readonly addresses?: readonly unknown[];
  readonly traits?: unknown;
  readonly headers?: JsonObject | undefined;
}

/** Language tags, the best first. */
export function wishesOf({ addresses = [], traits, headers = {} }: Reading): readonly string[] {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'accept-language')?.[1];
  return [
    ...addresses.flatMap(languagesOfAddress),
    ...[languageOfTraits(traits)].flatMap((tag) => tag ?? []),
    ...acceptedLanguages(Array.isArray(header) ? header[0] : header),
  ];
}
