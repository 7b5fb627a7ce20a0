// The form nodes of passkeys. Native apps get the same without what only a browser runs.
import type { Flow } from '../../flow/flow.ts';
import { append, input, type NodeEdit, upsert } from '../../form/node.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import { scriptNode } from '../../webauthn/script.ts';
import { NAME } from './credential.ts';

export interface Page {
  readonly type: Flow['type'];
  readonly publicUrl: string;
}

export const script = ({ type, publicUrl }: Page): readonly NodeEdit[] =>
  type === 'browser' ? [upsert(scriptNode(publicUrl))] : [];

/** Options in a hidden field, from which the script reads them. */
export const dataField = (name: string, data: JsonObject): NodeEdit =>
  upsert(input(NAME, { name, type: 'hidden', value: JSON.stringify(data) }));

/** The hidden field for the answer; `onload` names a function that runs with the page. */
export function answerField(name: string, { type }: Page, onload?: string): NodeEdit {
  const runs = onload && {
    ...(type === 'browser' ? { onload: `window.${onload}()` } : {}),
    onloadTrigger: onload,
  };
  return upsert(input(NAME, { name, type: 'hidden', ...runs }));
}

export function triggerButton(
  name: string,
  { type }: Page,
  of: { readonly trigger: string; readonly label: Message; readonly value?: '' },
): NodeEdit {
  const runs = {
    ...(type === 'browser' ? { onclick: `window.${of.trigger}()` } : {}),
    onclickTrigger: of.trigger,
  };
  const value = of.value === undefined ? {} : { value: of.value };
  return append(input(NAME, { name, type: 'button', ...value, ...runs }, of.label));
}
