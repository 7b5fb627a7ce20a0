// Below the card: what a person who is on the wrong page needs.
import type { FlowDeps } from '../../flow/deps.ts';
import type { Flow } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import type { Locale } from '../../locale/locale.ts';
import { renderSignOut } from '../account/sign-out.ts';
import { isField } from '../form/input-node.ts';
import { type Markup, markup, nothing } from '../frame/markup.ts';
import { startUrl } from './find-flow.ts';
import { isWaiting } from './flow-words.ts';
import { wishesFrom } from './return-to.ts';

export async function renderLinks(
  deps: FlowDeps,
  flow: Flow,
  {
    request,
    isSignedIn,
    locale: { text },
  }: { readonly request: FlowRequest; readonly isSignedIn: boolean; readonly locale: Locale },
): Promise<Markup> {
  const wishes = wishesFrom(flow);
  const signIn = startUrl(deps, 'login', wishes);
  switch (flow.kind) {
    case 'login':
      if (!flow.refresh && flow.requestedAal === 'aal1') return strangersLinks(deps, flow, text);
      return markup`${isWaiting(flow) && !flow.refresh && stepAgain(deps, wishes, text)}
${isSignedIn && (await renderSignOut(deps, request, text('Sign out')))}`;
    case 'registration':
      return markup`<p>${text('Already have an account?')} <a href="${signIn}">${text('Sign in')}</a></p>`;
    case 'recovery':
    case 'verification':
      if (flow.state === 'passed_challenge') return nothing;
      return isSignedIn
        ? markup`<p><a href="${startUrl(deps, 'settings')}">${text('Go to your account')}</a></p>`
        : markup`<p><a href="${signIn}">${text('Back to sign in')}</a></p>`;
    case 'settings':
      return nothing;
    default:
      return flow.kind satisfies never;
  }
}

/** Another address, or another way, may be nearer at hand than the one that was chosen. */
function stepAgain(deps: FlowDeps, wishes: ReturnType<typeof wishesFrom>, text: Locale['text']): Markup {
  const again = startUrl(deps, 'login', { aal: 'aal2', ...wishes });
  return markup`<p><a href="${again}">${text('Try another way')}</a></p>`;
}

function strangersLinks(deps: FlowDeps, flow: Flow, text: Locale['text']): Markup {
  const { isRegistrationOpen, isRecoveryOpen } = deps.settings;
  const forgot = startUrl(deps, 'recovery', wishesFrom(flow));
  const signUp = startUrl(deps, 'registration', wishesFrom(flow));
  const asksForPassword = flow.form.nodes.some(
    (node) => isField(node) && node.attributes.autocomplete === 'current-password',
  );
  return markup`${isRecoveryOpen && !asksForPassword && markup`<p><a href="${forgot}" data-takes-address>${text('Can’t sign in?')}</a></p>`}
${isRegistrationOpen && markup`<p>${text('New here?')} <a href="${signUp}">${text('Create an account')}</a></p>`}`;
}
