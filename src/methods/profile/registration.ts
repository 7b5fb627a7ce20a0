// Two-step registration: the profile is checked first, then a way to sign in is chosen; and back again.

import type { RegistrationAttempt, RegistrationHandler } from '../../flow/method/contract.ts';
import type { RegistrationOutcome } from '../../flow/method/outcome.ts';
import { append, type Form, input, methodButton, setValue } from '../../form/node.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import { isJsonObject } from '../../lib/json.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import * as messages from './messages.ts';

const NAME = 'profile';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  screen: Type.Optional(Type.String()),
  traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export const profileRegistration: RegistrationHandler = {
  payload,
  nodes: (moment) => {
    if (moment.kind === 'one-step') return Promise.resolve([]);
    const button =
      moment.kind === 'profile'
        ? methodButton(NAME, NAME, core.signUpLabel())
        : input(NAME, { name: 'screen', type: 'submit', value: 'previous' }, core.signUpBackLabel());
    return Promise.resolve([append(button)]);
  },
  submit,
};

async function submit(attempt: RegistrationAttempt): Promise<RegistrationOutcome> {
  const { payload: body, flow } = attempt;
  const traits = isJsonObject(body['traits']) ? body['traits'] : {};
  if (body['screen'] === 'previous' || body['method'] === 'profile:back') {
    const form = keepValues(await attempt.form({ kind: 'profile' }, traits), flow.form);
    const patch = { nodes: form.nodes, messages: [] };
    return { kind: 'continue', patch, jsonStatus: 400, isStepBack: true };
  }
  const checked = attempt.validate(traits);
  if (!checked.ok) {
    return { kind: 'rejected', problems: checked.problems, echo: flattenTraits(traits, 'traits') };
  }
  const form = await attempt.form({ kind: 'credentials' }, traits);
  return {
    kind: 'continue',
    patch: { nodes: form.nodes, messages: [messages.chooseCredential()], state: 'choose_method', active: '' },
    jsonStatus: 400,
  };
}

/** Going back loses nothing: what an earlier step holds is filled in where this submission said nothing. */
function keepValues(form: Form, earlier: Form): Form {
  let nodes = form.nodes;
  for (const { attributes } of earlier.nodes) {
    if (attributes.node_type !== 'input' || !attributes.name.startsWith('traits.')) continue;
    const own = nodes.find(
      (node) => node.attributes.node_type === 'input' && node.attributes.name === attributes.name,
    );
    const isEmpty = own?.attributes.node_type === 'input' && own.attributes.value === undefined;
    if (isEmpty && attributes.value !== undefined) nodes = setValue(nodes, attributes.name, attributes.value);
  }
  return { ...form, nodes };
}
