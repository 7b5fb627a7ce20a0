// Text -> HTML in which it is text again, also between quotes.
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  // Mail programs that guess UTF-7 would read a tag behind it.
  '+': '&#43;',
  '\0': '\ufffd',
};

export const htmlText = (text: string): string =>
  text.replace(/[&<>"'+\0]/g, (found) => ESCAPES[found] ?? found);

/** For a value without quotes: nothing that could end it stays as it is. */
export const htmlUnquoted = (text: string): string =>
  text.replace(/[^\w.:/#?,%~-]/gu, (found) => (found === '\0' ? '\ufffd' : `&#${found.codePointAt(0)};`));
