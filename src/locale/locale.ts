// A locale: the texts of one language, and what they replace.
import type { JsonObject } from '../lib/json.ts';
import type { Message } from '../protocol/message.ts';
import { fillIn, reverse } from './placeholders.ts';

/** One locale file: built in, or an operator's, which replaces single texts. */
export interface Translation {
  readonly direction?: 'ltr' | 'rtl';
  /** Messages of the protocol by number, with the values of their context as `{min_length}`. */
  readonly messages?: Readonly<Record<string, string>>;
  /** Everything else by its English text: words of pages, mails and methods, titles of an identity schema. */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface Locale {
  /** A language tag, such as `de`. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** The text for an English one; itself where it is not translated. `{name}` is replaced by the value of that name. */
  readonly text: (english: string, values?: Readonly<Record<string, string | number>>) => string;
  readonly message: <M extends Message>(message: M) => M;
}

/** A schema's own title, and a reason that the server wrote, are looked up by their text. */
const SPEAKS_FOR_ITSELF: ReadonlySet<number> = new Set([1070002, 4000001, 4000005, 5000001]);

/** Later translations replace texts of earlier ones. */
export function createLocale(language: string, translations: readonly Translation[]): Locale {
  const messages: Readonly<Record<string, string>> = Object.assign(
    {},
    ...translations.map((of) => of.messages),
  );
  const texts: Readonly<Record<string, string>> = Object.assign({}, ...translations.map((of) => of.texts));
  const direction = translations.findLast((of) => of.direction !== undefined)?.direction ?? 'ltr';
  const find = (english: string): string | undefined =>
    Object.hasOwn(texts, english) ? texts[english] : undefined;
  const patterns = reverse(texts);

  const text: Locale['text'] = (english, values = {}) => fillIn(find(english) ?? english, values);
  /** A finished English sentence: as it stands, or by a text with placeholders that it was made from. */
  const finished = (english: string): string => find(english) ?? patterns(english) ?? english;

  const message: Locale['message'] = (of) => {
    const own = messages[String(of.id)];
    const shown =
      own !== undefined
        ? fillIn(own, valuesOf(of.context, finished))
        : SPEAKS_FOR_ITSELF.has(of.id)
          ? finished(of.text)
          : of.text;
    return shown === of.text ? of : { ...of, text: shown };
  };
  return { language, direction, text, message };
}

/** Simple values of a context; reasons inside of it are translated themselves. */
function valuesOf(
  context: JsonObject | undefined,
  finished: (english: string) => string,
): Readonly<Record<string, string | number>> {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(context ?? {})) {
    if (typeof value === 'number') values[name] = value;
    if (typeof value === 'string') values[name] = name === 'reason' ? finished(value) : value;
    if (Array.isArray(value))
      values[name] = value
        .filter((each) => typeof each === 'string')
        .map(finished)
        .join(', ');
  }
  return values;
}

/** English as it stands in the code. */
export const ENGLISH: Locale = createLocale('en', []);
