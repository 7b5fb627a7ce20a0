// The page of a flow that is one card: sign in, sign up, recover, verify.

import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { activeSession } from '../../flow/session/signed-in.ts';
import { formToShow, type ShownForm } from '../../flow/view.ts';
import { maskCsrf } from '../../form/csrf-token.ts';
import type { Locale } from '../../locale/locale.ts';
import { withOwnAddress } from '../account/address-list.ts';
import { passwordHint } from '../account/section-words.ts';
import { valueText } from '../form/field.ts';
import { renderForm } from '../form/form.ts';
import { type FormPlan, isQuiet, planForms } from '../form/form-plan.ts';
import { domId, type InputNode, isButton, isField, labelOf } from '../form/input-node.ts';
import { renderPlainNode } from '../form/plain-node.ts';
import {
  firstWrongField,
  type PageProblem,
  problemsOf,
  renderInfos,
  renderProblems,
  renderSuccesses,
} from '../form/problems.ts';
import { type TraitFactsByName, traitFacts } from '../form/trait-facts.ts';
import { type Frame, renderPage } from '../frame/layout.ts';
import { type Markup, markup } from '../frame/markup.ts';
import { fieldWords, markOf, wordsOf } from '../method-words.ts';
import { startUrl } from './find-flow.ts';
import { renderLinks } from './flow-links.ts';
import {
  headingOf,
  infosBelowHeading,
  isAskingAgain,
  isWaiting,
  leadOf,
  primaryLabel,
} from './flow-words.ts';
import { renderKnownAddress } from './known-address.ts';
import { wishesFrom } from './return-to.ts';

export interface FlowPageDeps {
  readonly flow: FlowDeps;
  readonly frame: Frame;
  /** Where messages appear in development, when nothing is sent. */
  readonly mailboxUrl?: string;
  /** Whether phone numbers can be verified, besides e-mail addresses. */
  readonly verifiesPhones: boolean;
}

export async function renderFlowPage(
  { flow: deps, frame, mailboxUrl, verifiesPhones }: FlowPageDeps,
  flow: Flow,
  request: FlowRequest,
): Promise<string> {
  const { publicUrl } = deps.settings;
  const active = await activeSession(deps, request.credentials);
  const { locale } = frame;
  const { text } = locale;
  const shown = formToShow(flow, { publicUrl, csrfToken: maskCsrf(request.csrfToken), locale });
  const form = active ? withOwnAddress(shown, flow, { identity: active.identity, verifiesPhones }) : shown;
  const problems = problemsOf(form);
  const title = text(headingOf(flow));
  const lead = leadOf(flow);
  const isSignedIn = active !== undefined;
  return renderPage(frame, {
    title,
    width: 'narrow',
    errorCount: problems.length,
    content: markup`<h1>${title}</h1>
${lead !== undefined && markup`<p class="lead">${text(lead)}</p>`}
${renderProblems(problems, locale)}
${renderSuccesses(form.messages)}
${renderInfos(infosBelowHeading(form.messages))}
${renderKnownAddress(deps, flow, { nodes: form.nodes, isSignedIn, locale })}
${isOver(flow) ? wayOn(deps, locale) : renderForms(deps, form, { flow, problems, locale, facts: factsOf(deps, flow) })}
${isStuck(flow, form) && wayOut(deps, { text, isSignedIn })}`,
    after: markup`${isWaiting(flow) && mailboxUrl !== undefined && openMailbox(mailboxUrl)}
${await renderLinks(deps, flow, { request, isSignedIn, locale })}`,
  });
}

/** Of a finished verification the form itself leads on; of the others only the old form is left. */
const isOver = ({ kind, state }: Flow): boolean => state === 'passed_challenge' && kind !== 'verification';

const wayOn = (deps: FlowDeps, { text }: Locale): Markup =>
  markup`<a class="button primary" href="${startUrl(deps, 'settings')}">${text('Go to your account')}</a>`;

/** Nothing can be filled in or pressed, such as a second step of an account that has none. */
const isStuck = (flow: Flow, { nodes }: ShownForm): boolean =>
  flow.state === 'choose_method' &&
  !nodes.some((node) => isField(node) || isButton(node) || node.type === 'a');

function wayOut(deps: FlowDeps, of: { readonly text: Locale['text']; readonly isSignedIn: boolean }): Markup {
  const { text, isSignedIn } = of;
  const [url, label] = isSignedIn
    ? [startUrl(deps, 'settings'), text('Go to your account')]
    : [startUrl(deps, 'login'), text('Sign in')];
  return markup`<p>${text('None of the available options can be used with this account.')}</p>
<a class="button primary" href="${url}">${label}</a>`;
}

function factsOf({ schemas }: FlowDeps, flow: Flow): TraitFactsByName {
  return traitFacts(schemas.get(flow.identitySchema).json);
}

const openMailbox = (url: string): Markup =>
  markup`<p class="dev">Development: <a href="${url}">open the mailbox</a></p>`;

function renderForms(
  deps: FlowDeps,
  form: ShownForm,
  of: {
    readonly flow: Flow;
    readonly problems: readonly PageProblem[];
    readonly locale: Locale;
    readonly facts: TraitFactsByName;
  },
): Markup {
  const { methods } = deps;
  const { flow, problems, locale, facts } = of;
  const { text } = locale;
  const plans = planForms(form.nodes);
  const first = problems.length === 0 ? firstEmpty(plans) : undefined;
  const wrong = firstWrongField(problems);
  const forms = plans.map((plan, at) => {
    const hasPassword = plan.body.some((node) => isField(node) && node.attributes.type === 'password');
    const rendered = renderForm(plan, {
      action: form.action,
      method: form.method,
      isAgain: isAskingAgain(flow),
      isSecondary: at > 0,
      locale,
      primaryLabel: (button) => {
        const words = primaryLabel(button, { flow, hasPassword, words: wordsOf(methods, button.group) });
        return words === undefined ? labelOf(button) : text(words);
      },
      markOf: (button) => markOf(methods, button),
      fieldOptions: (node) => ({
        hint: passwordHint(methods, node, text),
        facts: facts[node.attributes.name],
        aside: isCurrentPassword(node) ? forgotPassword(deps, flow, text) : undefined,
        words: fieldWords(methods, node),
        ...(node === first || domId(node) === wrong ? { isFirst: true } : {}),
      }),
    });
    return markup`${at > 0 && !isQuiet(plan) && markup`<p class="or"><span>${text('or')}</span></p>`}${rendered}`;
  });
  const scripts = form.nodes.filter((node) => node.type === 'script').map((node) => renderPlainNode(node));
  return markup`${forms}${scripts}`;
}

/** The cursor waits where typing goes on. */
function firstEmpty(plans: readonly FormPlan[]): InputNode | undefined {
  const fields = plans.flatMap((plan) => plan.body.filter(isField));
  return fields.find((node) => valueText(node.attributes.value) === '');
}

const isCurrentPassword = ({ attributes }: InputNode): boolean =>
  attributes.autocomplete === 'current-password';

/** Beside the password; the script takes along what was typed to sign in. */
function forgotPassword(deps: FlowDeps, flow: Flow, text: Locale['text']): Markup | undefined {
  if (!deps.settings.isRecoveryOpen || flow.refresh) return undefined;
  const url = startUrl(deps, 'recovery', wishesFrom(flow));
  return markup`<a href="${url}" data-takes-address>${text('Forgot password?')}</a>`;
}
