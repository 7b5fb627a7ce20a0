// Below the card: what a person who is on the wrong page needs.
import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { renderSignOut } from '../account/sign-out.ts';
import { isField } from '../form/input-node.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { startUrl } from './find-flow.ts';
import { isWaiting } from './flow-words.ts';
import { returnToOf } from './return-to.ts';

export async function renderLinks(
  deps: FlowDeps,
  flow: Flow,
  { request, isSignedIn }: { readonly request: FlowRequest; readonly isSignedIn: boolean },
): Promise<Markup> {
  const return_to = returnToOf(flow);
  const signIn = startUrl(deps, 'login', { return_to });
  switch (flow.kind) {
    case 'login':
      if (!flow.refresh && flow.requestedAal === 'aal1') return strangersLinks(deps, flow, return_to);
      return markup`${isWaiting(flow) && !flow.refresh && stepAgain(deps, return_to)}
${isSignedIn && (await renderSignOut(deps, request, 'Sign out instead'))}`;
    case 'registration':
      return markup`<p>Already have an account? <a href="${signIn}">Sign in</a></p>`;
    case 'recovery':
    case 'verification':
      if (flow.state === 'passed_challenge') return nothing;
      return isSignedIn
        ? markup`<p><a href="${startUrl(deps, 'settings')}">Go to your account</a></p>`
        : markup`<p><a href="${signIn}">Back to sign in</a></p>`;
    case 'settings':
      return nothing;
    default:
      return flow.kind satisfies never;
  }
}

/** Another address, or another way, may be nearer at hand than the one that was chosen. */
function stepAgain(deps: FlowDeps, return_to: string | undefined): Markup {
  const again = startUrl(deps, 'login', { aal: 'aal2', return_to });
  return markup`<p><a href="${again}">Try another way</a></p>`;
}

function strangersLinks(deps: FlowDeps, flow: Flow, return_to: string | undefined): Markup {
  const { isRegistrationOpen, isRecoveryOpen } = deps.settings;
  const forgot = startUrl(deps, 'recovery', { return_to });
  const signUp = startUrl(deps, 'registration', { return_to });
  const asksForPassword = flow.form.nodes.some(
    (node) => isField(node) && node.attributes.autocomplete === 'current-password',
  );
  return markup`${isRecoveryOpen && markup`<p><a href="${forgot}">${asksForPassword ? 'Forgot password?' : 'Can’t sign in?'}</a></p>`}
${isRegistrationOpen && markup`<p>New here? <a href="${signUp}">Create an account</a></p>`}`;
}
