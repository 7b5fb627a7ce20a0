// Escaped HTML: what is put into a template is text, unless it is markup itself.
import { html } from 'hono/html';

export type Markup = Exclude<ReturnType<typeof html>, Promise<unknown>>;
/** What a template may hold. Booleans are left out, so that `condition && markup` works: write values as text. */
export type Part = string | number | Markup | false | undefined | readonly Part[];

/** A template whose parts are escaped. Attributes must stand in double quotes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const made = html(strings, ...parts);
  if (made instanceof Promise) throw new Error('a page waits for a part: load it before rendering');
  return made;
}

export const nothing: Markup = markup``;

/** Attributes from a table. False and undefined leave one out, true makes it stand alone. Names are never from outside. */
export function attributes(of: Readonly<Record<string, string | number | boolean | undefined>>): Markup {
  return markup`${Object.entries(of).map(([name, value]) => {
    if (value === undefined || value === false) return nothing;
    return value === true ? markup` ${name}` : markup` ${name}="${String(value)}"`;
  })}`;
}
