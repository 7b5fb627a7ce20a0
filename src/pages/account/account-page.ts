// The account page: a section for each thing that one can change, and the devices where one is signed in.

import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import { countFactors } from '../../flow/method/factors.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { type SignedIn, signedIn } from '../../flow/session/signed-in.ts';
import { formToShow, type ShownForm } from '../../flow/view.ts';
import { maskCsrf } from '../../form/csrf-token.ts';
import type { Node } from '../../form/node.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import type { Identity } from '../../identity/identity.ts';
import type { FlowPageDeps } from '../flow/flow-page.ts';
import { valueText } from '../form/field.ts';
import { renderForm } from '../form/form.ts';
import { planSection } from '../form/form-plan.ts';
import { isField, isInput, isTrait, isUnseen } from '../form/input-node.ts';
import { renderPlainNode } from '../form/plain-node.ts';
import { problemsOf, renderInfos, renderProblems, renderSuccesses, success } from '../form/problems.ts';
import { renderPage } from '../frame/layout.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { fieldWords, markOf, sectionWords } from '../method-words.ts';
import { renderAddresses } from './address-list.ts';
import { loadDevices, renderDevices } from './devices.ts';
import { PASSWORD_HINT, sectionButtonLabel } from './section-words.ts';
import { renderSignOut } from './sign-out.ts';

/** Where the devices' form is sent, below the public address. */
export const REVOKE_PATH = 'ui/sessions/revoke';

const TITLE = 'Your account';

/** What `?done=` says after a device was signed out. Only these words are ever shown for it. */
const DONE: Readonly<Record<string, string>> = {
  device: 'The device has been signed out.',
  devices: 'All other devices have been signed out.',
};

export async function renderAccountPage(
  { flow: deps, frame, verifiesPhones }: FlowPageDeps,
  of: { readonly flow: Flow; readonly subject?: Identity },
  request: FlowRequest,
): Promise<string> {
  const { publicUrl } = deps.settings;
  const csrfToken = maskCsrf(request.csrfToken);
  const form = formToShow(of.flow, { publicUrl, csrfToken });
  const problems = problemsOf(form);
  const person = of.subject && nameOfPerson(of.subject, form.nodes);
  const active = await signedIn(deps, request.credentials);
  const done = DONE[request.query.get('done') ?? ''];
  return renderPage(frame, {
    title: TITLE,
    width: 'wide',
    errorCount: problems.length,
    ...(active ? { corner: await renderSignOut(deps, request, 'Sign out') } : {}),
    content: markup`<h1>${TITLE}</h1>
${person !== undefined && markup`<p class="lead">Signed in as <bdi>${person}</bdi></p>`}
${renderProblems(problems)}
${problems.length === 0 && renderSuccesses(form.messages)}
${done !== undefined && form.messages.length === 0 && success(done)}
${renderInfos(form.messages)}
${active && problems.length === 0 && suggestions(deps, active)}
${sectionsOf(form.nodes).map(
  (group) => markup`${renderSection(deps, { group, form, username: person })}
${showsTraits(deps, group) && addressSection(deps, of.subject, verifiesPhones)}`,
)}
${
  active &&
  section(
    { id: 'devices', title: 'Devices', about: 'Where you are signed in.' },
    renderDevices(await loadDevices(deps, active), {
      action: `${publicUrl}${REVOKE_PATH}`,
      csrfToken,
      flowId: of.flow.id,
      nowMs: deps.clock.nowMs(),
    }),
  )
}
${form.nodes.filter((node) => node.type === 'script').map(renderPlainNode)}`,
  });
}

/** What methods think would be good for this person. */
function suggestions({ methods }: FlowDeps, active: SignedIn): Markup {
  const factors = countFactors(Object.values(active.identity.credentials), methods);
  const made = methods.map(({ name, isEnabled, handlers }) => {
    const suggested = isEnabled ? handlers.suggest?.({ ...active, factors }) : undefined;
    return suggested
      ? markup`<li>${suggested.text} <a href="#${sectionId(name)}">${suggested.link}</a></li>`
      : nothing;
  });
  return made.some((each) => each !== nothing) ? markup`<ul class="tips">${made}</ul>` : nothing;
}

/** Where no address can be verified there is nothing to say about them. */
function addressSection(deps: FlowDeps, subject: Identity | undefined, verifiesPhones: boolean): Markup {
  const addresses = subject?.verifiableAddresses ?? [];
  if (!deps.settings.isVerificationOpen || addresses.length === 0) return nothing;
  const words = { id: 'addresses', title: 'Addresses', about: 'Where our messages reach you.' };
  return section(words, renderAddresses(deps, addresses, verifiesPhones));
}

/** Groups that have something to see, in the order of the flow. */
function sectionsOf(nodes: readonly Node[]): readonly string[] {
  const seen = nodes.filter((node) => node.group !== 'default' && !isUnseen(node));
  return [...new Set(seen.map((node) => node.group))];
}

/** Addresses follow from the traits, so they are told of behind them. */
const showsTraits = ({ methods }: FlowDeps, group: string): boolean =>
  methods.some(({ name, handlers }) => name === group && handlers.settings?.showsTraits === true);

function renderSection(
  { methods }: FlowDeps,
  of: { readonly group: string; readonly form: ShownForm; readonly username: string | undefined },
): Markup {
  const { group, form, username } = of;
  const words = sectionWords(methods, group);
  const forms = planSection(form.nodes, group).map((plan) =>
    renderForm(plan, {
      action: form.action,
      method: form.method,
      primaryLabel: (button) => sectionButtonLabel(button, words),
      markOf: (button) => markOf(methods, button),
      fieldOptions: (node) => ({
        words: fieldWords(methods, node),
        ...(node.attributes.autocomplete === 'new-password'
          ? { label: 'New password', hint: PASSWORD_HINT }
          : {}),
      }),
      ...(username === undefined ? {} : { username }),
    }),
  );
  return section({ id: group, ...words }, markup`${forms}`);
}

const sectionId = (name: string): string => `section-${name.replaceAll(/[^\w-]/g, '')}`;

function section(
  of: { readonly id: string; readonly title: string; readonly about?: string },
  content: Markup,
): Markup {
  const id = sectionId(of.id);
  return markup`<section aria-labelledby="${id}"><div class="about"><h2 id="${id}">${of.title}</h2>${of.about ? markup`<p>${of.about}</p>` : nothing}</div>
<div class="card">${content}</div></section>`;
}

/** As stored, not as typed just now: the e-mail address, or the first trait that there is. */
export function nameOfPerson({ traits }: Identity, nodes: readonly Node[]): string | undefined {
  const stored = flattenTraits(traits, 'traits');
  const fields = nodes.filter((node) => isField(node) && isTrait(node)).filter(isInput);
  const named = fields.toSorted(
    (a, b) => Number(b.attributes.type === 'email') - Number(a.attributes.type === 'email'),
  );
  const texts = named.map((node) => valueText(stored[node.attributes.name]));
  return texts.find((text) => text !== '');
}
