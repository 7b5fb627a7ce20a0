// A field of a form: label, control, help and errors, tied together for those who cannot see them.
import type { FieldWords } from '../../flow/method/contract.ts';
import type { Json } from '../../lib/json.ts';
import { ENGLISH, type Locale } from '../../locale/locale.ts';
import { attributes, type Markup, markup, nothing } from '../frame/markup.ts';
import { autocompleteOf, IS_ADDRESS, isCodeField, isExact, keyboardOf } from './hints.ts';
import { domId, errorsOf, type InputNode, isTrait, labelOf } from './input-node.ts';
import type { TraitFacts } from './trait-facts.ts';

export interface FieldOptions {
  /** In place of the node's own label. */
  readonly label?: string;
  readonly hint?: string | undefined;
  /** How the method wants it to be treated. */
  readonly words?: FieldWords | undefined;
  /** Gets the focus when the page opens. */
  readonly isFirst?: boolean;
  /** At the end of the label's line, such as "Forgot password?". */
  readonly aside?: Markup | undefined;
  /** What the identity schema says about a trait. */
  readonly facts?: TraitFacts | undefined;
  readonly locale?: Pick<Locale, 'text'>;
}

export function renderField(node: InputNode, options: FieldOptions = {}): Markup {
  const { facts = {}, locale = ENGLISH, aside } = options;
  const { text } = locale;
  const id = domId(node);
  const errors = errorsOf(node);
  const infos = node.messages.filter((message) => message.type !== 'error').map((message) => message.text);
  const hints = [
    options.hint,
    facts.description && text(facts.description),
    formatHint(node, text),
    ...infos,
  ].filter((hint) => hint !== undefined && hint !== '');
  const described = [hints.length > 0 && `${id}-hint`, errors.length > 0 && `${id}-error`].filter(Boolean);
  const common = {
    id,
    name: node.attributes.name,
    required: node.attributes.required,
    disabled: node.attributes.disabled,
    autofocus: options.isFirst,
    'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
    'aria-invalid': errors.length > 0 ? 'true' : undefined,
  };
  const label = options.label ?? labelOf(node);
  const hint = hints.length > 0 && markup`<p class="hint" id="${id}-hint">${hints.join(' ')}</p>`;
  const error =
    errors.length > 0 &&
    markup`<p class="error" id="${id}-error"><span class="unseen">${text('Error:')} </span>${errors.join(' ')}</p>`;
  const style = errors.length > 0 ? 'field wrong' : 'field';
  if (node.attributes.type === 'checkbox') {
    return markup`<div class="${style}">${hint}${checkbox(node, { common, label })}${error}</div>`;
  }
  const isOptional = options.label === undefined && isTrait(node) && !node.attributes.required;
  const optional = isOptional && markup` <span class="quiet">${text('(optional)')}</span>`;
  const name = markup`<label for="${id}">${label}${optional}</label>`;
  return markup`<div class="${style}">
${aside ? markup`<div class="line">${name}${aside}</div>` : name}
${hint}
${node.attributes.options ? select(node, common, { facts, text }) : textControl(node, common, { facts, text, words: options.words })}
${error}
</div>`;
}

type Common = Parameters<typeof attributes>[0];

/** A browser's own picker leaves out the time zone, without which a time is ambiguous. */
function formatHint({ attributes: { type } }: InputNode, text: Locale['text']): string | undefined {
  return type === 'datetime-local'
    ? text('For example {example}', { example: '2026-01-31T18:30:00Z' })
    : undefined;
}

/** What was typed, as text; lists and objects have no control of their own and are shown as JSON. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

interface Control {
  readonly facts: TraitFacts;
  readonly text: Locale['text'];
  readonly words?: FieldWords | undefined;
}

function textControl(node: InputNode, common: Common, { facts, text, words }: Control): Markup {
  const { type, value, maxlength } = node.attributes;
  const isExactly = isExact(node, words);
  if (facts.isLong && type === 'text') {
    const area = attributes({ ...common, rows: 4, maxlength: facts.maxLength, dir: 'auto' });
    return markup`<textarea${area}>${valueText(value)}</textarea>`;
  }
  const own = attributes({
    ...common,
    type: type === 'datetime-local' ? 'text' : type,
    value: type === 'password' ? undefined : valueText(value),
    autocomplete: autocompleteOf(node, words),
    inputmode: facts.isInteger ? 'numeric' : keyboardOf(node, words),
    min: facts.minimum,
    max: facts.maximum,
    // A code may be pasted with spaces, which the browser would count.
    maxlength: isCodeField(node, words) ? undefined : maxlength,
    step: type === 'number' ? (facts.step ?? (facts.isInteger ? 1 : 'any')) : undefined,
    autocapitalize: isExactly ? 'none' : undefined,
    spellcheck: isExactly ? 'false' : undefined,
    // Names and other words may run from right to left.
    dir: type === 'text' ? 'auto' : undefined,
    // The script puts in what was typed on the page before.
    'data-typed-address': IS_ADDRESS.test(node.attributes.name),
  });
  if (type !== 'password') return markup`<input${own}>`;
  // The script takes `hidden` away; without one there is nothing to press.
  return markup`<div class="secret"><input${own}><button type="button" class="toggle" data-shows="${domId(node)}" aria-pressed="false" data-hide="${text('Hide')}" hidden>${text('Show')}<span class="unseen"> ${text('password')}</span></button></div>`;
}

function select(node: InputNode, common: Common, { facts, text }: Control): Markup {
  const { options = [], value, required } = node.attributes;
  const chosen = valueText(value);
  const isKnown = options.some((option) => valueText(option.value) === chosen);
  const option = (choice: string): Markup =>
    markup`<option${attributes({ value: choice, selected: choice === chosen })}>${text(facts.titles?.[choice] ?? choice)}</option>`;
  return markup`<select${attributes({ ...common, autocomplete: autocompleteOf(node) })}>
<option value="">${required ? text('Choose…') : '–'}</option>
${chosen !== '' && !isKnown ? option(chosen) : nothing}
${options.map((each) => option(valueText(each.value)))}
</select>`;
}

/** The hidden field says no where the box is not ticked: the last value of a name counts. */
function checkbox(node: InputNode, of: { readonly common: Common; readonly label: string }): Markup {
  const { name, value, disabled } = node.attributes;
  const isTicked = value === true || value === 'true';
  // That a value must be there does not mean that it must be yes.
  const own = attributes({ ...of.common, required: undefined, type: 'checkbox', checked: isTicked });
  return markup`${!disabled && markup`<input type="hidden" name="${name}" value="false">`}
<label class="tick"><input${own} value="true"><span>${of.label}</span></label>`;
}
