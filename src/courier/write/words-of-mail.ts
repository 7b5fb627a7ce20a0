// The sentences of the built-in templates: written as [[English]], and replaced by those of a language.
import type { Locale } from '../../locale/locale.ts';

/** In double quotes it is a string of the template language; elsewhere it is plain text. */
const MARKED = /"\[\[(.*?)\]\]"|\[\[(.*?)\]\]/g;

/** What is no sentence, but follows from the language. */
const FACTS: Readonly<Record<string, (locale: Locale) => string>> = {
  language: ({ language }) => language,
  direction: ({ direction }) => direction,
  start: ({ direction }) => (direction === 'rtl' ? 'right' : 'left'),
};

/** The template in that language. */
export function inLanguage(template: string, locale: Locale): string {
  return template.replace(MARKED, (_, quoted: string | undefined, plain: string | undefined) => {
    const english = quoted ?? plain ?? '';
    const text = FACTS[english]?.(locale) ?? locale.text(english);
    return quoted === undefined ? text : JSON.stringify(text);
  });
}

/** The English sentences of a template, for those who translate. */
export function sentencesOf(template: string): readonly string[] {
  return [...template.matchAll(MARKED)]
    .map(([, quoted, plain]) => quoted ?? plain ?? '')
    .filter((text) => !Object.hasOwn(FACTS, text));
}
