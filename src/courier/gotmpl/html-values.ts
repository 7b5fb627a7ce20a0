// Values that can stand in an address or a style: changed where they can be, replaced where they are dangerous.

/** What stands in place of a value that must not be used; the words are those of Go, which operators may look for. */
const REPLACED_URL = '#ZgotmplZ';
const REPLACED_CSS = 'ZgotmplZ';

/** A value of an address, of which `before` is written already. */
export function safeUrl(text: string, before: string): string {
  const value = text.toWellFormed();
  if (/[?#]/.test(before)) return encodeURIComponent(value).replace(/[!'()*]/g, percent);
  const isStart = before.trim() === '';
  if (isStart && !hasSafeScheme(value)) return REPLACED_URL;
  // A scheme that the template began must not be finished by a value: `java{{ . }}`.
  if (!isStart && !/[/?#:]/.test(before) && value.includes(':')) return REPLACED_URL;
  if (!isStart && !isSafeBeginning(before)) return REPLACED_URL;
  return value.replace(/[^\w\-.~!#$&*+,/:;=?@[\]%]/gu, encodeAll).replace(/%(?![0-9a-fA-F]{2})/g, '%25');
}

/** Browsers drop spaces and line breaks in front of and inside of a scheme. */
function hasSafeScheme(text: string): boolean {
  const [, scheme] = /^([^/?#]*?):/.exec(text) ?? [];
  return scheme === undefined || /^(?:https?|mailto)$/i.test(scheme.trim());
}

const isSafeBeginning = (before: string): boolean => {
  const [, scheme] = /^([^/?#:]*):/.exec(before.trimStart()) ?? [];
  // Written by the author of the template: an address of any kind, but no program.
  return scheme === undefined || !/^(?:javascript|vbscript|data)$/i.test(scheme.replace(/[^a-z]/gi, ''));
};

const encodeAll = (character: string): string => encodeURIComponent(character).replace(/[!'()*]/g, percent);
const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** A colour, a size, a word: nothing that could begin a rule, an address or a function. */
export function safeCss(text: string): string {
  const isPlain =
    /^[\w#.,% +-]*$/.test(text) && !text.includes('--') && !/expression|behavior|binding/i.test(text);
  return isPlain ? text : REPLACED_CSS;
}
