// The addresses of an account: which are verified, and the way to verify the others.

import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { ShownForm } from '../../flow/view.ts';
import { setValue } from '../../form/node.ts';
import type { Identity, VerifiableAddress } from '../../identity/identity.ts';
import type { Locale } from '../../locale/locale.ts';
import { startUrl } from '../flow/find-flow.ts';
import { type Markup, markup } from '../frame/markup.ts';

/** Names one of the person's own addresses in the start of a verification: by its id, so that no log holds the address. */
const WISH = 'address';

/** Nobody can answer a message that is never sent: `verifiesPhones` tells whether any goes to phones. */
const canBeVerified = ({ verified, via }: VerifiableAddress, verifiesPhones: boolean): boolean =>
  !verified && (via === 'email' || verifiesPhones);

export function renderAddresses(
  deps: FlowDeps,
  addresses: readonly VerifiableAddress[],
  of: { readonly verifiesPhones: boolean; readonly locale: Locale },
): Markup {
  return markup`<ul class="rows">${addresses.map((address) => row(deps, address, of))}</ul>`;
}

function row(
  deps: FlowDeps,
  address: VerifiableAddress,
  of: { readonly verifiesPhones: boolean; readonly locale: Locale },
): Markup {
  const { text } = of.locale;
  const { id, value, verified, status } = address;
  const name = markup`<p class="name"><bdi>${value}</bdi></p>`;
  if (verified)
    return markup`<li><div>${name}<p class="quiet"><strong class="badge">${text('Verified')}</strong></p></div></li>`;
  const state =
    status === 'sent' ? text('Not verified yet. We’ve sent you a message.') : text('Not verified yet');
  const verify = markup`<a class="button small" href="${startUrl(deps, 'verification', { [WISH]: id })}">${text('Verify')}<span class="unseen"> ${value}</span></a>`;
  return markup`<li><div>${name}<p class="quiet">${state}</p></div>${canBeVerified(address, of.verifiesPhones) && verify}</li>`;
}

/** Whoever is signed in need not type the address to verify: the one that the account page named, or the first that needs it. */
export function withOwnAddress(
  form: ShownForm,
  flow: Flow,
  { identity, verifiesPhones }: { readonly identity: Identity; readonly verifiesPhones: boolean },
): ShownForm {
  if (flow.kind !== 'verification' || flow.state !== 'choose_method' || form.messages.length > 0) return form;
  const needy = identity.verifiableAddresses.filter((address) => canBeVerified(address, verifiesPhones));
  const named = new URL(flow.requestUrl).searchParams.get(WISH);
  const address = needy.find(({ id }) => id === named) ?? needy[0];
  return address ? { ...form, nodes: setValue(form.nodes, 'email', address.value) } : form;
}
