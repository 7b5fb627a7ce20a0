// A form of a flow as HTML, from its nodes alone.
import type { Node } from '../../form/node.ts';
import type { Locale } from '../../locale/locale.ts';
import { attributes, type Markup, markup, nothing } from '../frame/markup.ts';
import { type FieldOptions, renderField, valueText } from './field.ts';
import { type FormPlan, isResend, unseenValue } from './form-plan.ts';
import { autocompleteOf, isCodeField } from './hints.ts';
import { domId, type InputNode, isField, isInput, isTrait, labelOf, listName } from './input-node.ts';
import { renderPlainNode } from './plain-node.ts';

export interface FormOptions {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly primaryLabel: (button: InputNode) => string;
  /** The mark in front of a button's words: an SVG path, or the empty text for the first letter of what it names. */
  readonly markOf?: (button: InputNode) => string | undefined;
  /** What a field is called, what helps to fill it in, and where the cursor is. */
  readonly fieldOptions: (node: InputNode) => FieldOptions;
  /** What the form does was done just now: its button steps back, and waits before it may be pressed again. */
  readonly isAgain?: boolean;
  readonly locale: Pick<Locale, 'text'>;
  /** Another form of the page has the main button. */
  readonly isSecondary?: boolean;
  /** What the person signs in with, for password managers, where no field of the form asks for it. */
  readonly username?: string;
}

/** How many other ways are shown before the rest is folded away. */
const MOST_OTHERS = 5;
/** How long one waits before sending a message again. */
const RESEND_WAIT_S = 30;

/** `novalidate`: errors are told in one voice, at the field and above the form, and stay there. */
export function renderForm(plan: FormPlan, options: FormOptions): Markup {
  const own = attributes({ action: options.action, method: options.method.toLowerCase(), novalidate: true });
  return markup`<form${own}>
${plan.unseen.map(hidden)}
${renderUsername(plan, options)}
${renderBody(plan.body, options)}
${plan.primary ? primaryButton(plan.primary, options) : enterStopper(plan)}
${renderOthers(plan, options)}
${plan.quiet.map((node) => button(node, { style: 'button quiet' }))}
</form>`;
}

function primaryButton(node: InputNode, options: FormOptions): Markup {
  const { primaryLabel, isAgain = false, isSecondary = false } = options;
  return button(node, {
    style: isAgain || isSecondary ? 'button' : 'button primary',
    label: primaryLabel(node),
    isAgain,
  });
}

function hidden(node: Node): Markup {
  if (!isInput(node)) return nothing;
  const { name, value, disabled, onloadTrigger } = node.attributes;
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  return markup`<input${attributes({ type: 'hidden', name, value: text, disabled, 'data-onload': onloadTrigger })}>
`;
}

/** Without a name, so that it is never sent. */
function renderUsername(plan: FormPlan, { username }: FormOptions): Markup {
  const value = username ?? unseenValue(plan.unseen, 'identifier') ?? unseenAddress(plan.unseen);
  const isSecret = (node: Node): boolean =>
    isInput(node) && (node.attributes.type === 'password' || isCodeField(node));
  const isAsked = plan.body.some(
    (node) => isInput(node) && /^(?:username|email)/.test(autocompleteOf(node) ?? ''),
  );
  if (value === undefined || isAsked || !plan.body.some(isSecret)) return nothing;
  return markup`<input type="text" autocomplete="username" value="${value}" readonly hidden>`;
}

/** In a later step of a registration the address is among the hidden traits. */
function unseenAddress(nodes: readonly Node[]): string | undefined {
  const values = nodes
    .filter(isInput)
    .filter(isTrait)
    .map((node) => valueText(node.attributes.value));
  return values.find((value) => value.includes('@')) ?? values.find((value) => value !== '');
}

function renderBody(body: readonly Node[], { fieldOptions, locale }: FormOptions): Markup {
  const lists = new Set(body.flatMap((node) => (isField(node) ? (listName(node) ?? []) : [])));
  const done = new Set<string>();
  const parts = body.map((node) => {
    if (!isField(node)) return renderPlainNode(node, locale);
    const { name } = node.attributes;
    const list = lists.has(name) ? name : listName(node);
    if (list === undefined) return renderField(node, { locale, ...fieldOptions(node) });
    if (done.has(list)) return nothing;
    done.add(list);
    return renderList(body.filter(isField), list, locale);
  });
  return markup`${parts}`;
}

/** A list that has values: a field for each of them, and one to add another. */
function renderList(fields: readonly InputNode[], name: string, locale: Pick<Locale, 'text'>): Markup {
  const whole = fields.find((node) => node.attributes.name === name);
  const entries = fields.filter((node) => listName(node) === name).sort((a, b) => indexOf(a) - indexOf(b));
  const [first] = entries;
  const title = whole ?? first;
  return markup`<fieldset><legend>${title ? labelOf(title) : ''}</legend>
<p class="hint">${locale.text('To remove an entry, clear its field.')}</p>
${entries.map((node, at) => renderField(node, { locale, label: `${at + 1}.` }))}
${whole && renderField(whole, { locale, label: locale.text('Add another') })}
</fieldset>`;
}

const indexOf = (node: InputNode): number => Number(node.attributes.name.split('.').at(-1));

/** A form that no button sends must not be sent by Enter either; a disabled default button stops that. */
function enterStopper(plan: FormPlan): Markup {
  return plan.body.some(isField) ? markup`<button type="submit" disabled hidden></button>` : nothing;
}

function renderOthers({ primary, others }: FormPlan, options: FormOptions): Markup {
  const { text } = options.locale;
  if (others.length === 0) return nothing;
  const buttons = others.map((node) => button(node, { style: 'button', mark: options.markOf?.(node) }));
  const shown = others.length > MOST_OTHERS ? buttons.slice(0, MOST_OTHERS - 1) : buttons;
  const folded = buttons.slice(shown.length);
  // A line without anything below it would be odd: it comes with the script's buttons where there are no others.
  const line = attributes({
    class: 'or',
    ...(others.every(isScripted) ? { 'data-scripted': true, hidden: true } : {}),
  });
  return markup`${primary && markup`<p${line}><span>${text('or')}</span></p>`}
<div class="stack">${shown}</div>
${others.some(isScripted) && needsScript(text)}
${folded.length > 0 && markup`<details><summary>${text('More options ({count})', { count: folded.length })}</summary><div class="stack">${folded}</div></details>`}`;
}

/** A key can only be asked for by a script, and only by browsers that know how. */
const needsScript = (text: Locale['text']): Markup =>
  markup`<p class="hint" data-needs-script>${text('Passkeys and security keys need JavaScript, which is turned off in this browser.')}</p>
<p class="hint" data-unsupported hidden>${text('This browser doesn’t support passkeys or security keys.')}</p>`;

/** Nothing happens when it is pressed without the script. */
const isScripted = (node: InputNode): boolean => node.attributes.type === 'button';

function button(
  node: InputNode,
  of: {
    readonly style: string;
    readonly label?: string;
    readonly isAgain?: boolean;
    readonly mark?: string | undefined;
  },
): Markup {
  const { name, type, value, disabled, onclickTrigger } = node.attributes;
  const own = attributes({
    type,
    class: of.style,
    id: isScripted(node) ? domId(node) : undefined,
    name,
    value:
      value === undefined || value === null
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value),
    disabled,
    'data-onclick': onclickTrigger,
    // The script shows it.
    'data-scripted': isScripted(node),
    hidden: isScripted(node),
    'data-wait-s': of.isAgain || isResend(node) ? RESEND_WAIT_S : undefined,
  });
  return markup`<button${own}>${of.mark !== undefined && renderMark(of.mark, node)}${of.label ?? labelOf(node)}</button>`;
}

/** Decoration: the words of the button say everything. */
function renderMark(path: string, { meta, attributes: { value } }: InputNode): Markup {
  if (path !== '') {
    return markup`<svg class="emblem" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="${path}"/></svg>`;
  }
  const named = meta.label?.context?.['provider'] ?? value;
  return markup`<span class="emblem letter" aria-hidden="true">${String(named).charAt(0).toUpperCase()}</span>`;
}
