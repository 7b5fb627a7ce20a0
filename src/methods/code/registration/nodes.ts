// The form of a registration that waits for its code.

import type { Flow } from '../../../flow/flow.ts';
import { input, type Node } from '../../../form/node.ts';
import { withTraitValues } from '../../../form/trait-nodes.ts';
import type { JsonObject } from '../../../lib/json.ts';
import * as core from '../../../protocol/messages.ts';
import { codeField, hiddenMethod, resendCodeButton, submitButton } from '../nodes.ts';

/** The traits go along unseen: the account is made of them when the code comes. */
export function sentRegistrationForm(
  flow: Flow,
  traits: JsonObject,
  style: 'unified' | 'profile_first',
): readonly Node[] {
  const fields = flow.form.nodes.filter(
    ({ group, attributes }) =>
      group === 'default' && attributes.node_type === 'input' && attributes.type !== 'submit',
  );
  const back = input(
    'profile',
    { name: 'screen', type: 'submit', value: 'credential-selection' },
    core.signUpBackLabel(),
  );
  return [
    ...withTraitValues(fields.map(withoutTrait), traits, { prefix: 'traits', group: 'default' }).map(hidden),
    hiddenMethod,
    codeField(core.registrationCodeLabel(), false),
    submitButton,
    resendCodeButton,
    ...(style === 'profile_first' ? [back] : []),
  ];
}

/** What an earlier submission left there was not accepted. */
function withoutTrait(node: Node): Node {
  const { attributes } = node;
  if (attributes.node_type !== 'input' || !attributes.name.startsWith('traits.')) return node;
  const { value: _left, ...rest } = attributes;
  return { ...node, attributes: rest };
}

function hidden(node: Node): Node {
  const { attributes } = node;
  if (attributes.node_type !== 'input') return node;
  return { ...node, messages: [], attributes: { ...attributes, type: 'hidden' } };
}
