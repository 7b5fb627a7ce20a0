// Where in an HTML page does the next value stand, and what must be escaped there?
import { printed } from './arguments.ts';
import { type AttributeKind, attributeKind } from './html-attributes.ts';
import { htmlText, htmlUnquoted } from './html-text.ts';
import { safeCss, safeUrl } from './html-values.ts';
import { FunctionError } from './run.ts';
import type { Value } from './value.ts';

type State =
  | 'text'
  | 'tag-open'
  | 'tag-name'
  | 'in-tag'
  | 'attribute-name'
  | 'after-name'
  | 'before-value'
  | 'value'
  | 'comment'
  | 'declaration'
  | 'raw';

/** Elements whose content holds no tags. */
const RAW = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
  'plaintext',
]);
/** Of these, the ones whose content is text with entities. */
const RAW_TEXT = new Set(['textarea', 'title']);

const SPACE = /[ \t\n\f\r]/;

export interface HtmlPlace {
  /** Follows the template's own text, in the steps of the HTML standard's tokenizer. */
  readonly read: (text: string) => void;
  /** The value as it can stand here. Throws FunctionError where no value is safe. */
  readonly escape: (value: Value) => string;
}

export function createHtmlPlace(): HtmlPlace {
  let state: State = 'text';
  let element = '';
  let isEndTag = false;
  let attribute = '';
  let quote = '';
  /** What the attribute, or the raw element, holds so far. */
  let seen = '';
  let comment = '';

  function read(text: string): void {
    for (const character of text) step(character);
  }

  function endTag(): void {
    state = !isEndTag && RAW.has(element) ? 'raw' : 'text';
    seen = '';
  }

  function step(character: string): void {
    const isSpace = SPACE.test(character);
    switch (state) {
      case 'text':
        if (character === '<') [state, comment, isEndTag] = ['tag-open', '', false];
        return;
      case 'tag-open':
        openTag(character);
        return;
      case 'tag-name':
        if (isSpace || character === '/') state = 'in-tag';
        else if (character === '>') endTag();
        else element += character.toLowerCase();
        return;
      case 'in-tag':
        if (character === '>') endTag();
        else if (!isSpace && character !== '/')
          [state, attribute] = ['attribute-name', character.toLowerCase()];
        return;
      case 'attribute-name':
      case 'after-name':
        name(character, isSpace);
        return;
      case 'before-value':
        if (isSpace) return;
        if (character === '>') endTag();
        else beginValue(character);
        return;
      case 'value':
        if (quote === '' ? isSpace : character === quote) state = 'in-tag';
        else if (quote === '' && character === '>') endTag();
        else seen += character;
        return;
      case 'comment':
        comment = (comment + character).slice(-4);
        if (comment.endsWith('-->') || comment.endsWith('--!>')) state = 'text';
        return;
      case 'declaration':
        if (character === '>') state = 'text';
        return;
      default:
        raw(character);
    }
  }

  function beginValue(character: string): void {
    quote = character === '"' || character === "'" ? character : '';
    [state, seen] = ['value', quote === '' ? character : ''];
  }

  function openTag(character: string): void {
    comment += character;
    if (comment === '!' || comment === '!-') return;
    if (comment === '!--') [state, comment] = ['comment', '--'];
    else if (comment === '/') isEndTag = true;
    else if (/^\/?[a-z]$/i.test(comment)) [state, element] = ['tag-name', character.toLowerCase()];
    else if (/^[!?/]/.test(comment)) state = character === '>' ? 'text' : 'declaration';
    // `a < b` opens nothing, and `<<b` opens at the second.
    else [state, comment] = [character === '<' ? 'tag-open' : 'text', ''];
  }

  function name(character: string, isSpace: boolean): void {
    if (character === '=') state = 'before-value';
    else if (character === '>') endTag();
    else if (character === '/') state = 'in-tag';
    else if (isSpace) state = 'after-name';
    else if (state === 'after-name') [state, attribute] = ['attribute-name', character.toLowerCase()];
    else attribute += character.toLowerCase();
  }

  /** Only its own end tag ends such an element. */
  function raw(character: string): void {
    seen = (seen + character).slice(-(element.length + 4));
    const found = new RegExp(`</${element}[ \\t\\n\\f\\r/>]$`, 'i').test(seen);
    if (!found || element === 'plaintext') return;
    isEndTag = true;
    if (character === '>') endTag();
    else state = 'in-tag';
  }

  function escapeHere(value: Value): string {
    const text = printed(value);
    switch (state) {
      case 'text':
        return htmlText(text);
      case 'raw':
        if (RAW_TEXT.has(element)) return htmlText(text);
        if (element === 'style') return safeCss(text);
        throw refused(`no value can be judged inside of <${element}>`);
      case 'comment':
        // Nobody sees it; Go leaves it out too.
        return '';
      case 'before-value':
        [state, quote, seen] = ['value', '', ''];
        return escapeValue(text, attributeKind(attribute));
      case 'value':
        return escapeValue(text, attributeKind(attribute));
      case 'tag-open':
      case 'declaration':
        throw refused('a value cannot stand behind <');
      default:
        throw refused('a value cannot be the name of a tag or attribute: write the name out');
    }
  }

  function escapeValue(text: string, kind: AttributeKind): string {
    const before = seen;
    const safe = safeIn(kind, text, before);
    seen += safe === '' ? '' : 'x';
    if (kind === 'url') seen = before + safe;
    return quote === '' ? htmlUnquoted(safe === '' ? 'ZgotmplZ' : safe) : htmlText(safe);
  }

  function safeIn(kind: AttributeKind, text: string, before: string): string {
    if (kind === 'plain') return text;
    if (kind === 'css') return safeCss(text);
    if (kind === 'url') return safeUrl(text, before);
    throw refused(`no value can be judged in the attribute "${attribute}"`);
  }

  return { read, escape: escapeHere };
}

const refused = (reason: string): FunctionError => new FunctionError(reason, { isCertain: true });
