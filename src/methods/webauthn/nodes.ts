// The form nodes of security keys.
import { append, input, type Node, type NodeEdit, upsert } from '../../form/node.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import { scriptNode } from '../../webauthn/script.ts';
import { NAME } from './credential.ts';

/** The hidden field into which the script writes the answer. */
export const answerField = (name: string, value?: string): Node =>
  input(NAME, { name, type: 'hidden', ...(value === undefined ? {} : { value }) });

/** The button that asks the browser for a key; `trigger` names the function of the script. */
export function triggerButton(
  name: string,
  of: { readonly trigger: string; readonly options: JsonObject; readonly label: Message },
): Node {
  const options = JSON.stringify(of.options);
  const onclick = `window.${of.trigger}(${options})`;
  return input(NAME, { name, type: 'button', value: options, onclick, onclickTrigger: of.trigger }, of.label);
}

/** Uses a key: script, button and the field for its answer. */
export const assertionNodes = (
  options: JsonObject,
  of: { readonly label: Message; readonly publicUrl: string },
): readonly Node[] => [
  scriptNode(of.publicUrl),
  triggerButton('webauthn_login_trigger', { trigger: 'oryWebAuthnLogin', options, label: of.label }),
  answerField('webauthn_login', ''),
];

/** Makes a key: its name, button, script, and the field for its answer. */
export const creationEdits = (
  options: JsonObject,
  of: { readonly label: Message; readonly nameLabel: Message; readonly publicUrl: string },
): readonly NodeEdit[] => [
  upsert(scriptNode(of.publicUrl)),
  append(input(NAME, { name: 'webauthn_register_displayname', type: 'text', value: '' }, of.nameLabel)),
  append(
    triggerButton('webauthn_register_trigger', {
      trigger: 'oryWebAuthnRegistration',
      options,
      label: of.label,
    }),
  ),
  append(answerField('webauthn_register', '')),
];
