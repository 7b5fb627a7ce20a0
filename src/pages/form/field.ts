// A field of a form: label, control, help and errors, tied together for those who cannot see them.
import type { FieldWords } from '../../flow/method/contract.ts';
import type { Json } from '../../lib/json.ts';
import { attributes, type Markup, markup, nothing } from '../frame/markup.ts';
import { autocompleteOf, isCodeField, isExact, keyboardOf } from './hints.ts';
import { domId, errorsOf, type InputNode, isTrait, labelOf } from './input-node.ts';

export interface FieldOptions {
  /** In place of the node's own label. */
  readonly label?: string;
  readonly hint?: string;
  /** How the method wants it to be treated. */
  readonly words?: FieldWords | undefined;
  /** Gets the focus when the page opens. */
  readonly isFirst?: boolean;
}

export function renderField(node: InputNode, options: FieldOptions = {}): Markup {
  const id = domId(node);
  const errors = errorsOf(node);
  const infos = node.messages.filter((message) => message.type !== 'error').map((message) => message.text);
  const hints = [options.hint ?? formatHint(node), ...infos].filter((hint) => hint !== undefined);
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
  const notes = markup`${hints.length > 0 && markup`<p class="hint" id="${id}-hint">${hints.join(' ')}</p>`}
${errors.length > 0 && markup`<p class="error" id="${id}-error"><span class="unseen">Error: </span>${errors.join(' ')}</p>`}`;
  const style = errors.length > 0 ? 'field wrong' : 'field';
  if (node.attributes.type === 'checkbox') {
    return markup`<div class="${style}">${notes}${checkbox(node, { common, label })}</div>`;
  }
  const isOptional = options.label === undefined && isTrait(node) && !node.attributes.required;
  return markup`<div class="${style}">
<label for="${id}">${label}${isOptional && markup` <span class="quiet">(optional)</span>`}</label>
${notes}
${node.attributes.options ? select(node, common) : textControl(node, common, options.words)}
</div>`;
}

type Common = Parameters<typeof attributes>[0];

/** What was typed, as text; lists and objects have no control of their own and are shown as JSON. */
export function valueText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A browser's own picker leaves out the time zone, without which a time is none. */
function formatHint(node: InputNode): string | undefined {
  return node.attributes.type === 'datetime-local' ? 'For example 2026-01-31T18:30:00Z' : undefined;
}

function textControl(node: InputNode, common: Common, words: FieldWords | undefined): Markup {
  const { type, value, maxlength } = node.attributes;
  const isExactly = isExact(node, words);
  const own = attributes({
    ...common,
    type: type === 'datetime-local' ? 'text' : type,
    value: type === 'password' ? undefined : valueText(value),
    autocomplete: autocompleteOf(node, words),
    inputmode: keyboardOf(node, words),
    // A code may be pasted with spaces, which the browser would count.
    maxlength: isCodeField(node, words) ? undefined : maxlength,
    step: type === 'number' ? 'any' : undefined,
    autocapitalize: isExactly ? 'none' : undefined,
    spellcheck: isExactly ? 'false' : undefined,
    // Names and other words may run from right to left.
    dir: type === 'text' ? 'auto' : undefined,
  });
  if (type !== 'password') return markup`<input${own}>`;
  // The script takes `hidden` away; without one there is nothing to press.
  return markup`<div class="secret"><input${own}><button type="button" class="toggle" data-shows="${domId(node)}" aria-pressed="false" hidden>Show<span class="unseen"> password</span></button></div>`;
}

function select(node: InputNode, common: Common): Markup {
  const { options = [], value, required } = node.attributes;
  const chosen = valueText(value);
  const isKnown = options.some((option) => valueText(option.value) === chosen);
  const option = (text: string): Markup =>
    markup`<option${attributes({ value: text, selected: text === chosen })}>${text}</option>`;
  return markup`<select${attributes({ ...common, autocomplete: autocompleteOf(node) })}>
<option value="">${required ? 'Choose…' : '–'}</option>
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
