// The page of a flow that is one card: sign in, sign up, recover, verify.
import { maskCsrf } from '../base/csrf-token.ts';
import type { FlowDeps } from '../flow/deps.ts';
import type { Flow } from '../flow/flow.ts';
import type { FlowRequest } from '../flow/request.ts';
import { activeSession } from '../flow/signed-in.ts';
import { formToShow, type ShownForm } from '../flow/view.ts';
import { type FieldOptions, valueText } from './field.ts';
import { startUrl } from './find-flow.ts';
import { renderForm } from './form.ts';
import { type FormPlan, isQuiet, planForms, unseenValue } from './form-plan.ts';
import { type InputNode, isField } from './input-node.ts';
import { type Frame, renderPage } from './layout.ts';
import { type Markup, markup, nothing } from './markup.ts';
import { renderPlainNode } from './plain-node.ts';
import { problemsOf, renderInfos, renderProblems, renderSuccesses } from './problems.ts';
import { renderSignOut } from './sign-out.ts';
import { headingOf, infosBelowHeading, PASSWORD_HINT, primaryLabel } from './words.ts';

export interface FlowPageDeps {
  readonly flow: FlowDeps;
  readonly frame: Frame;
}

export async function renderFlowPage(
  { flow: deps, frame }: FlowPageDeps,
  flow: Flow,
  request: FlowRequest,
): Promise<string> {
  const { publicUrl } = deps.settings;
  const form = formToShow(flow, { publicUrl, csrfToken: maskCsrf(request.csrfToken) });
  const problems = problemsOf(form);
  const title = headingOf(flow);
  return renderPage(frame, {
    title,
    width: 'narrow',
    errorCount: problems.length,
    content: markup`<h1>${title}</h1>
${renderProblems(problems)}
${renderSuccesses(form.messages)}
${renderInfos(infosBelowHeading(flow))}
${renderKnown(deps, flow, form)}
${renderForms(form, problems.length === 0)}`,
    after: await renderLinks(deps, flow, request),
  });
}

export function renderForms(form: ShownForm, isFresh: boolean): Markup {
  const plans = planForms(form.nodes);
  const first = isFresh ? firstEmpty(plans) : undefined;
  const forms = plans.map((plan, at) => {
    const hasPassword = plan.body.some((node) => isField(node) && node.attributes.type === 'password');
    const rendered = renderForm(plan, {
      action: form.action,
      method: form.method,
      primaryLabel: (button) => primaryLabel(button, hasPassword),
      fieldOptions: (node) => ({ ...hintOf(node), ...(node === first ? { isFirst: true } : {}) }),
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

/** Who is signing in, where an earlier step has asked for it. */
function renderKnown(deps: FlowDeps, flow: Flow, { nodes }: ShownForm): Markup {
  const known = flow.kind === 'login' ? unseenValue(nodes, 'identifier') : undefined;
  if (known === undefined) return nothing;
  const again = startUrl(deps, 'login', { return_to: returnToOf(flow) });
  return markup`<p class="known"><bdi>${known}</bdi>${!flow.refresh && markup` <a href="${again}">Change</a>`}</p>`;
}

/** What a person who is on the wrong page needs. */
async function renderLinks(deps: FlowDeps, flow: Flow, request: FlowRequest): Promise<Markup> {
  const { isRegistrationOpen, isRecoveryOpen } = deps.settings;
  const return_to = returnToOf(flow);
  const signIn = startUrl(deps, 'login', { return_to });
  switch (flow.kind) {
    case 'login': {
      if (flow.refresh || flow.requestedAal === 'aal2') {
        const active = await activeSession(deps, request.credentials);
        return active ? renderSignOut(deps, request, 'Sign out instead') : nothing;
      }
      const forgot = startUrl(deps, 'recovery', { return_to });
      const signUp = startUrl(deps, 'registration', { return_to });
      return markup`${isRegistrationOpen && markup`<p>New here? <a href="${signUp}">Create an account</a></p>`}
${isRecoveryOpen && markup`<p><a href="${forgot}">Can’t sign in?</a></p>`}`;
    }
    case 'registration':
      return markup`<p>Have an account already? <a href="${signIn}">Sign in</a></p>`;
    case 'recovery':
    case 'verification':
      return markup`<p><a href="${signIn}">Back to sign in</a></p>`;
    case 'settings':
      return nothing;
    default:
      return flow.kind satisfies never;
  }
}

function returnToOf(flow: Flow): string | undefined {
  return flow.returnTo ?? new URL(flow.requestUrl).searchParams.get('return_to') ?? undefined;
}
