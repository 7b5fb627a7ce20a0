// The front door, for those who are not signed in.
import type { FlowDeps } from '../flow/deps.ts';
import type { FlowRequest } from '../flow/request.ts';
import { startUrl } from './flow/find-flow.ts';
import { type Frame, renderPage } from './frame/layout.ts';
import { markup } from './frame/markup.ts';

export function renderWelcomePage(
  deps: FlowDeps,
  frame: Frame,
  { query }: Pick<FlowRequest, 'query'>,
): string {
  const { text } = frame.locale;
  const wishes = { locale: query.get('locale') ?? undefined };
  const { isRegistrationOpen } = deps.settings;
  const signUp = markup`<a class="button" href="${startUrl(deps, 'registration', wishes)}">${text('Create account')}</a>`;
  return renderPage(frame, {
    title: text('Welcome'),
    width: 'narrow',
    content: markup`<h1>${text('Welcome to {name}', { name: frame.look.name })}</h1>
<p class="lead">${text('Sign in or create an account to continue.')}</p>
<div class="stack"><a class="button primary" href="${startUrl(deps, 'login', wishes)}">${text('Sign in')}</a>${isRegistrationOpen && signUp}</div>`,
  });
}
