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
import type { Locale } from '../../locale/locale.ts';
import type { FlowPageDeps } from '../flow/flow-page.ts';
import { valueText } from '../form/field.ts';
import { renderForm } from '../form/form.ts';
import { planSection } from '../form/form-plan.ts';
import { domId, isField, isInput, isTrait, isUnseen } from '../form/input-node.ts';
import { renderPlainNode } from '../form/plain-node.ts';
import {
  firstWrongField,
  problemsOf,
  renderInfos,
  renderProblems,
  renderSuccesses,
  success,
} from '../form/problems.ts';
import { type TraitFactsByName, traitFacts } from '../form/trait-facts.ts';
import { renderPage } from '../frame/layout.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { fieldWords, markOf, sectionWords } from '../method-words.ts';
import { renderAddresses } from './address-list.ts';
import { loadDevices, renderDevices } from './devices.ts';
import { passwordHint, sectionButtonLabel } from './section-words.ts';
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
  const { locale } = frame;
  const { text } = locale;
  const form = formToShow(of.flow, { publicUrl, csrfToken, locale });
  const facts = traitFacts(deps.schemas.get(of.subject?.schemaId).json);
  const problems = problemsOf(form);
  const person = of.subject && nameOfPerson(of.subject, form.nodes);
  const active = await signedIn(deps, request.credentials);
  const done = DONE[request.query.get('done') ?? ''];
  const groups = sectionsOf(form.nodes);
  const profile = groups.filter((group) => showsTraits(deps, group));
  const security = groups.filter((group) => !showsTraits(deps, group));
  const wrong = firstWrongField(problems);
  const show = (group: string): Markup =>
    renderSection(deps, { group, form, username: person, active, locale, facts, wrong });
  return renderPage(frame, {
    title: text(TITLE),
    width: 'wide',
    errorCount: problems.length,
    ...(active ? { corner: await renderSignOut(deps, request, text('Sign out')) } : {}),
    content: markup`<h1>${text(TITLE)}</h1>
${person !== undefined && markup`<p class="lead">${text('Signed in as')} <bdi>${person}</bdi></p>`}
${sectionLinks(groups, { profile, hasDevices: active !== undefined, text })}
${renderProblems(problems, locale)}
${problems.length === 0 && renderSuccesses(form.messages)}
${done !== undefined && form.messages.length === 0 && success(text(done))}
${renderInfos(form.messages)}
${active && problems.length === 0 && suggestions(deps, active, text)}
${profile.map(
  (group) => markup`${show(group)}
${addressSection(deps, of.subject, { verifiesPhones, locale })}`,
)}
${security.length > 0 && markup`<h2 id="security">${text('Security')}</h2>`}
${security.map(show)}
${
  active &&
  section(
    { id: 'devices', title: text('Devices'), about: text('Where you’re signed in.') },
    renderDevices(await loadDevices(deps, active), {
      action: `${publicUrl}${REVOKE_PATH}`,
      csrfToken,
      flowId: of.flow.id,
      nowMs: deps.clock.nowMs(),
      locale,
    }),
  )
}
${form.nodes.filter((node) => node.type === 'script').map((node) => renderPlainNode(node))}`,
  });
}

/** What methods think would be good for this person. */
function suggestions({ methods }: FlowDeps, active: SignedIn, text: Locale['text']): Markup {
  const factors = countFactors(Object.values(active.identity.credentials), methods);
  const made = methods.map(({ name, isEnabled, handlers }) => {
    const suggested = isEnabled ? handlers.suggest?.({ ...active, factors }) : undefined;
    return suggested
      ? markup`<li>${text(suggested.text, suggested.values)} <a href="#${sectionId(name)}">${text(suggested.link)}</a></li>`
      : nothing;
  });
  return made.some((each) => each !== nothing) ? markup`<ul class="tips">${made}</ul>` : nothing;
}

/** Where no address can be verified there is nothing to say about them. */
function addressSection(
  deps: FlowDeps,
  subject: Identity | undefined,
  of: { readonly verifiesPhones: boolean; readonly locale: Locale },
): Markup {
  const { text } = of.locale;
  const addresses = subject?.verifiableAddresses ?? [];
  if (!deps.settings.isVerificationOpen || addresses.length === 0) return nothing;
  const words = {
    id: 'addresses',
    title: text('E-mail and phone'),
    about: text('Where we send codes and security notices.'),
  };
  return section(words, renderAddresses(deps, addresses, of));
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
  of: {
    readonly group: string;
    readonly form: ShownForm;
    readonly username: string | undefined;
    readonly active: SignedIn | undefined;
    readonly locale: Locale;
    readonly facts: TraitFactsByName;
    readonly wrong: string | undefined;
  },
): Markup {
  const { group, form, username, active, locale, facts, wrong } = of;
  const { text } = locale;
  const words = sectionWords(methods, group);
  const forms = planSection(form.nodes, group).map((plan) =>
    renderForm(plan, {
      action: form.action,
      method: form.method,
      primaryLabel: (button) => sectionButtonLabel(button, words, text),
      locale,
      markOf: (button) => markOf(methods, button),
      fieldOptions: (node) => ({
        words: fieldWords(methods, node),
        facts: facts[node.attributes.name],
        isFirst: domId(node) === wrong,
        ...(node.attributes.autocomplete === 'new-password'
          ? { label: text('New password'), hint: passwordHint(methods, node, text) }
          : {}),
      }),
      ...(username === undefined ? {} : { username }),
    }),
  );
  return section(
    {
      id: group,
      title: text(words.title),
      ...(words.about === undefined ? {} : { about: text(words.about) }),
      state: stateOf(methods, group, active, text),
    },
    markup`${forms}`,
  );
}

/** Whether a way of signing in is set up. */
function stateOf(
  methods: FlowDeps['methods'],
  group: string,
  active: SignedIn | undefined,
  text: Locale['text'],
): string | undefined {
  const method = methods.find(
    ({ name, handlers }) => name === group && handlers.settings?.showsTraits !== true,
  );
  if (!method || !active) return undefined;
  const held = active.identity.credentials[group];
  const { first, second } = countFactors(held ? [held] : [], methods);
  return first + second > 0 ? text('Set up') : text('Not set up');
}

/** The ways through a long page. */
function sectionLinks(
  groups: readonly string[],
  of: { readonly profile: readonly string[]; readonly hasDevices: boolean; readonly text: Locale['text'] },
): Markup {
  const { profile, hasDevices, text } = of;
  const [first] = profile;
  const links = [
    ...(first === undefined ? [] : [[sectionId(first), text('Profile')]]),
    ...(groups.length > profile.length ? [['security', text('Security')]] : []),
    ...(hasDevices ? [[sectionId('devices'), text('Devices')]] : []),
  ];
  return markup`<nav class="sections" aria-label="${text('Sections')}">${links.map(([id = '', label]) => markup`<a href="#${id}">${label}</a>`)}</nav>`;
}

const sectionId = (name: string): string => `section-${name.replaceAll(/[^\w-]/g, '')}`;

function section(
  of: {
    readonly id: string;
    readonly title: string;
    readonly about?: string;
    readonly state?: string | undefined;
  },
  content: Markup,
): Markup {
  const id = sectionId(of.id);
  return markup`<section aria-labelledby="${id}"><div class="about"><h2 id="${id}">${of.title}</h2>${of.state ? markup`<p class="state">${of.state}</p>` : nothing}${of.about ? markup`<p>${of.about}</p>` : nothing}</div>
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
