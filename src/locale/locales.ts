// The languages of an installation: the built-in ones, and what the operator's folder adds or replaces.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject } from '../lib/json.ts';
import { fallbacks, languageTag } from './language.ts';
import { createLocale, type Locale, type Translation } from './locale.ts';

export interface Locales {
  readonly languages: readonly string[];
  /** In the operator's default language. */
  readonly fallback: Locale;
  /** English, as far as nothing replaces it: what JSON answers say unless the request asks for a language. */
  readonly english: Locale;
  /** The first of the wishes that is offered, also in its general form; undefined where none is. */
  readonly find: (wishes: readonly string[]) => Locale | undefined;
}

export interface LocalesOptions {
  readonly folder?: string | undefined;
  readonly defaultLanguage?: string | undefined;
  /** Only these; default: all. */
  readonly languages?: readonly string[] | undefined;
}

const BUILT_IN = new URL('./translations/', import.meta.url);

/** Throws where a file of the operator cannot be used, with its name and the reason. */
export function loadLocales(options: LocalesOptions = {}): Locales {
  const built = readFolder(BUILT_IN.pathname);
  const own = options.folder ? readFolder(options.folder) : new Map<string, Translation>();
  const wanted = options.languages?.map((tag) => tag.toLowerCase());
  const all = [...new Set(['en', ...built.keys(), ...own.keys()])].sort();
  const byLanguage = new Map(
    all.map((tag) => {
      const general = fallbacks(tag).toReversed();
      const files = general.flatMap((each) => [built.get(each) ?? [], own.get(each) ?? []].flat());
      return [tag, createLocale(tag, files)] as const;
    }),
  );
  const english = byLanguage.get('en') ?? createLocale('en', []);
  const offered = all.filter((tag) => wanted === undefined || wanted.length === 0 || wanted.includes(tag));
  const find = (wishes: readonly string[]): Locale | undefined => {
    const tag = wishes.flatMap(fallbacks).find((each) => offered.includes(each));
    return tag === undefined ? undefined : byLanguage.get(tag);
  };
  const wish = options.defaultLanguage?.toLowerCase() ?? 'en';
  return { languages: offered, english, find, fallback: byLanguage.get(wish) ?? english };
}

function readFolder(folder: string): ReadonlyMap<string, Translation> {
  const found = new Map<string, Translation>();
  for (const file of readdirSync(folder).sort()) {
    const tag = file.endsWith('.json') ? languageTag(file.slice(0, -'.json'.length)) : undefined;
    if (tag !== undefined) found.set(tag, readTranslation(path.join(folder, file)));
  }
  return found;
}

/** Reads and checks one locale file. */
export function readTranslation(file: string): Translation {
  const fail = (reason: string): never => {
    throw new Error(`the locale file ${file} ${reason}`);
  };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isJsonObject(json)) return fail('must hold an object');
  for (const [key, value] of Object.entries(json)) {
    if (key === 'direction') {
      if (value !== 'ltr' && value !== 'rtl') fail('has a direction other than "ltr" or "rtl"');
    } else if (key === 'messages' || key === 'texts') {
      const isTable = isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string');
      if (!isTable) fail(`must have texts under "${key}"`);
    } else fail(`has the unknown key "${key}"`);
  }
  return json as Translation; // checked above
}
