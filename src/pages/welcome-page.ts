// The front door, for those who are not signed in.
import type { FlowDeps } from '../flow/deps.ts';
import { startUrl } from './flow/find-flow.ts';
import { type Frame, renderPage } from './frame/layout.ts';
import { markup } from './frame/markup.ts';

export function renderWelcomePage(deps: FlowDeps, frame: Frame): string {
  const { isRegistrationOpen } = deps.settings;
  const signUp = markup`<a class="button" href="${startUrl(deps, 'registration')}">Create account</a>`;
  return renderPage(frame, {
    title: 'Welcome',
    width: 'narrow',
    content: markup`<h1>Welcome to ${frame.look.name}</h1>
<p class="lead">Sign in or create an account to continue.</p>
<div class="stack"><a class="button primary" href="${startUrl(deps, 'login')}">Sign in</a>${isRegistrationOpen && signUp}</div>`,
  });
}
