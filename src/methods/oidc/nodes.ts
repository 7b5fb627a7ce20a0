// The buttons of providers, and the form that asks for what a provider did not say.
import { append, csrfNode, input, type Node, type NodeEdit } from '../../form/node.ts';
import { traitNodes, withTraitValues } from '../../form/trait-nodes.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Message } from '../../protocol/message.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import { NAME } from './credential.ts';
import * as messages from './messages.ts';
import type { Provider } from './provider.ts';

const button = (name: 'provider' | 'link' | 'unlink', value: string, label: Message): Node =>
  input(NAME, { name, type: 'submit', value }, label);

export const signInButton = ({ config, label }: Provider): NodeEdit =>
  append(button('provider', config.id, messages.signInWith(label, config.id)));
export const signUpButton = ({ config, label }: Provider): NodeEdit =>
  append(button('provider', config.id, messages.signUpWith(label, config.id)));
export const linkButton = ({ config, label }: Provider): NodeEdit =>
  append(button('link', config.id, messages.linkLabel(label)));
export const unlinkButton = (id: string, label: string): NodeEdit =>
  append(button('unlink', id, messages.unlinkLabel(label)));

/** Only the provider that the person came from, and the traits to complete where there are some. */
export function completionNodes(
  { config }: Provider,
  asked?: { readonly schema: IdentitySchema; readonly traits: JsonObject },
): readonly Node[] {
  const traits = asked
    ? withTraitValues(traitNodes(asked.schema.json, 'default'), asked.traits, {
        prefix: 'traits',
        group: 'default',
      })
    : [];
  return [csrfNode, button('provider', config.id, messages.continueLabel()), ...traits];
}
