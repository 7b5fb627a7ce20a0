// The page of a flow that is one card: sign in, sign up, recover, verify.

import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { activeSession } from '../../flow/session/signed-in.ts';
import { formToShow, type ShownForm } from '../../flow/view.ts';
import { maskCsrf } from '../../form/csrf-token.ts';
import { withOwnAddress } from '../account/address-list.ts';
import { PASSWORD_HINT } from '../account/section-words.ts';
import { type FieldOptions, valueText } from '../form/field.ts';
import { renderForm } from '../form/form.ts';
import { type FormPlan, isQuiet, planForms } from '../form/form-plan.ts';
import { type InputNode, isField } from '../form/input-node.ts';
import { renderPlainNode } from '../form/plain-node.ts';
import { problemsOf, renderInfos, renderProblems, renderSuccesses } from '../form/problems.ts';
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
  const shown = formToShow(flow, { publicUrl, csrfToken: maskCsrf(request.csrfToken) });
  const form = active ? withOwnAddress(shown, flow, { identity: active.identity, verifiesPhones }) : shown;
  const problems = problemsOf(form);
  const title = headingOf(flow);
  const lead = leadOf(flow);
  const isSignedIn = active !== undefined;
  return renderPage(frame, {
    title,
    width: 'narrow',
    errorCount: problems.length,
    content: markup`<h1>${title}</h1>
${lead !== undefined && markup`<p class="lead">${lead}</p>`}
${renderProblems(problems)}
${renderSuccesses(form.messages)}
${renderInfos(infosBelowHeading(flow))}
${renderKnownAddress(deps, flow, { nodes: form.nodes, isSignedIn })}
${isOver(flow) ? wayOn(deps) : renderForms(deps, form, { flow, isFresh: problems.length === 0 })}`,
    after: markup`${isWaiting(flow) && mailboxUrl !== undefined && openMailbox(mailboxUrl)}
${await renderLinks(deps, flow, { request, isSignedIn })}`,
  });
}

/** Of a finished verification the form itself leads on; of the others only the old form is left. */
const isOver = ({ kind, state }: Flow): boolean => state === 'passed_challenge' && kind !== 'verification';

const wayOn = (deps: FlowDeps): Markup =>
  markup`<a class="button primary" href="${startUrl(deps, 'settings')}">Go to your account</a>`;

const openMailbox = (url: string): Markup =>
  markup`<p class="dev">Development: <a href="${url}">open the mailbox</a></p>`;

function renderForms(
  { methods }: FlowDeps,
  form: ShownForm,
  { flow, isFresh }: { readonly flow: Flow; readonly isFresh: boolean },
): Markup {
  const plans = planForms(form.nodes);
  const first = isFresh ? firstEmpty(plans) : undefined;
  const forms = plans.map((plan, at) => {
    const hasPassword = plan.body.some((node) => isField(node) && node.attributes.type === 'password');
    const rendered = renderForm(plan, {
      action: form.action,
      method: form.method,
      isAgain: isAskingAgain(flow),
      primaryLabel: (button) =>
        primaryLabel(button, { flow, hasPassword, words: wordsOf(methods, button.group) }),
      markOf: (button) => markOf(methods, button),
      fieldOptions: (node) => ({
        ...hintOf(node),
        words: fieldWords(methods, node),
        ...(node === first ? { isFirst: true } : {}),
      }),
    });
    return markup`${at > 0 && !isQuiet(plan) && OR}${rendered}`;
  });
  const scripts = form.nodes.filter((node) => node.type === 'script').map(renderPlainNode);
  return markup`${forms}${scripts}`;
}

const OR = markup`<p class="or"><span>or</span></p>`;

/** The cursor waits where typing goes on. */
function firstEmpty(plans: readonly FormPlan[]): InputNode | undefined {
  const fields = plans.flatMap((plan) => plan.body.filter(isField));
  return fields.find((node) => valueText(node.attributes.value) === '');
}

function hintOf(node: InputNode): FieldOptions {
  return node.attributes.autocomplete === 'new-password' ? { hint: PASSWORD_HINT } : {};
}
