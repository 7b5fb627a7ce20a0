// Two-step registration: the profile is checked first, then a way to sign in is chosen; and back again.

import {
  noOffer,
  type RegistrationAt,
  type RegistrationMoves,
  type RegistrationStep,
  type Submitted,
} from '../../flow/method/contract.ts';
import { optionalText, traitsField } from '../../flow/method/fields.ts';
import type { RegistrationOutcome } from '../../flow/method/outcome.ts';
import { append, input, methodButton, type Node, setValue } from '../../form/node.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import * as messages from './messages.ts';

const NAME = 'profile';

const body = Type.Object({
  /** Older clients go back by a name of its own. */
  method: optionalText(),
  screen: optionalText(),
  traits: Type.Optional(traitsField),
});

export const profileRegistration: RegistrationStep<typeof body> = {
  body,
  offer: ({ stage }) => {
    if (stage.kind === 'one-step') return Promise.resolve(noOffer);
    const button =
      stage.kind === 'profile'
        ? methodButton(NAME, NAME, core.signUpLabel())
        : input(NAME, { name: 'screen', type: 'submit', value: 'previous' }, core.signUpBackLabel());
    return Promise.resolve({ edits: [append(button)] });
  },
  submit,
};

async function submit(
  at: RegistrationAt & RegistrationMoves & Submitted<typeof body>,
): Promise<RegistrationOutcome> {
  const { traits = {}, screen, method } = at.body;
  if (screen === 'previous' || method === 'profile:back') {
    const { nodes, memories } = await at.form({ kind: 'profile' }, traits);
    const patch = { nodes: keepValues(nodes, at.flow.form.nodes), memories, messages: [] };
    return { kind: 'continue', patch, jsonStatus: 400, isStepBack: true };
  }
  const checked = at.validate(traits);
  if (!checked.ok) {
    return { kind: 'rejected', problems: checked.problems, echo: flattenTraits(traits, 'traits') };
  }
  const { nodes, memories } = await at.form({ kind: 'credentials' }, traits);
  return {
    kind: 'continue',
    patch: {
      nodes,
      memories,
      messages: [messages.chooseCredential()],
      state: 'choose_method',
      active: '',
    },
    jsonStatus: 400,
  };
}

/** Going back loses nothing: what an earlier step holds is filled in where this submission said nothing. */
function keepValues(shown: readonly Node[], earlier: readonly Node[]): readonly Node[] {
  let nodes = shown;
  for (const { attributes } of earlier) {
    if (attributes.node_type !== 'input' || !attributes.name.startsWith('traits.')) continue;
    const own = nodes.find(
      (node) => node.attributes.node_type === 'input' && node.attributes.name === attributes.name,
    );
    const isEmpty = own?.attributes.node_type === 'input' && own.attributes.value === undefined;
    if (isEmpty && attributes.value !== undefined) nodes = setValue(nodes, attributes.name, attributes.value);
  }
  return nodes;
}
