// The address that the person gave at an earlier step, and the way to another one.

import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { Node } from '../../form/node.ts';
import type { Locale } from '../../locale/locale.ts';
import { valueText } from '../form/field.ts';
import { isResend, isStepBack, unseenValue } from '../form/form-plan.ts';
import { isButton, isField, isInput, isTrait, isUnseen } from '../form/input-node.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { startUrl } from './find-flow.ts';
import { isWaiting } from './flow-words.ts';
import { languageWishes, returnToOf } from './return-to.ts';

export function renderKnownAddress(
  deps: FlowDeps,
  flow: Flow,
  of: { readonly nodes: readonly Node[]; readonly isSignedIn: boolean; readonly locale: Locale },
): Markup {
  const known = knownAddress(flow, of.nodes);
  if (known === undefined) return nothing;
  const mayChange = !flow.refresh && !of.nodes.some((node) => isButton(node) && isStepBack(node));
  // Of somebody who is signed in only an address of the account can be verified: it is the account that has to change.
  const kind = flow.kind === 'verification' && of.isSignedIn ? 'settings' : flow.kind;
  const other = startUrl(deps, kind, {
    ...languageWishes(flow),
    return_to: kind === 'settings' ? undefined : returnToOf(flow),
  });
  return markup`<p class="known"><bdi>${known}</bdi>${mayChange && markup` <a href="${other}">${of.locale.text('Change')}</a>`}</p>`;
}

function knownAddress(flow: Flow, nodes: readonly Node[]): string | undefined {
  // A second factor names its addresses masked: what is hidden in the form is not for reading.
  if (flow.kind === 'login')
    return flow.requestedAal === 'aal1' ? unseenValue(nodes, 'identifier') : undefined;
  if (flow.state === 'recovery_awaiting_address_choice') return unseenValue(nodes, 'recovery_address');
  if (!isWaiting(flow) || !nodes.some(isField)) return undefined;
  if (flow.kind === 'registration') {
    const traits = nodes.filter((node) => isInput(node) && isUnseen(node) && isTrait(node)).filter(isInput);
    return traits.map((node) => valueText(node.attributes.value)).find((value) => value.includes('@'));
  }
  const resend = nodes.filter(isButton).find(isResend);
  return resend && valueText(resend.attributes.value);
}
