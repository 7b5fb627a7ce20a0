// The languages that the configuration asks for.
import { type Locales, loadLocales } from './locales.ts';

export interface LanguageSettings {
  readonly pages: {
    readonly languages?: readonly string[] | undefined;
    readonly default_language?: string | undefined;
    readonly locales_path?: string | undefined;
  };
}

/** Throws where a locale file of the operator cannot be used. */
export const localesOf = ({ pages }: LanguageSettings): Locales =>
  loadLocales({
    folder: pages.locales_path,
    languages: pages.languages,
    defaultLanguage: pages.default_language,
  });
