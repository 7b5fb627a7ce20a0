// After a recovery: one thing to do, a new password. Everything else can wait until the person is calm.

import type { Flow } from '../../flow/flow.ts';
import type { FlowRequest } from '../../flow/request.ts';
import { formToShow } from '../../flow/view.ts';
import { maskCsrf } from '../../form/csrf-token.ts';
import type { Node } from '../../form/node.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Locale } from '../../locale/locale.ts';
import type { Message } from '../../protocol/message.ts';
import { startUrl } from '../flow/find-flow.ts';
import type { FlowPageDeps } from '../flow/flow-page.ts';
import { renderForm } from '../form/form.ts';
import { planSection } from '../form/form-plan.ts';
import { errorsOf, isField } from '../form/input-node.ts';
import { problemsOf, renderProblems, success } from '../form/problems.ts';
import { renderPage } from '../frame/layout.ts';
import { markup } from '../frame/markup.ts';
import { sectionWords } from '../method-words.ts';
import { nameOfPerson } from './account-page.ts';
import { passwordHint, sectionButtonLabel } from './section-words.ts';

const TITLE = 'Choose a new password';
const RECOVERED = 1060001;

/** True for the settings that follow a recovery, where there is a password to choose. */
export function asksForNewPassword({ form, requestUrl }: Flow): boolean {
  const field = form.nodes.find(isNewPassword);
  if (!field) return false;
  // A password that was refused: the word of the recovery is gone by then.
  const isRefused =
    new URL(requestUrl).pathname.endsWith('/self-service/recovery') && errorsOf(field).length > 0;
  return isRefused || form.messages.some(({ id }) => id === RECOVERED);
}

const isNewPassword = (node: Node): boolean =>
  isField(node) && node.attributes.autocomplete === 'new-password';

export function renderNewPasswordPage(
  { flow: deps, frame }: FlowPageDeps,
  of: { readonly flow: Flow; readonly subject?: Identity },
  request: FlowRequest,
): string {
  const { publicUrl } = deps.settings;
  const { locale } = frame;
  const { text } = locale;
  const form = formToShow(of.flow, { publicUrl, csrfToken: maskCsrf(request.csrfToken), locale });
  const group = form.nodes.find(isNewPassword)?.group ?? '';
  const problems = problemsOf(form);
  const username = of.subject && nameOfPerson(of.subject, form.nodes);
  const words = sectionWords(deps.methods, group);
  const [plan] = planSection(form.nodes, group);
  return renderPage(frame, {
    title: text(TITLE),
    width: 'narrow',
    errorCount: problems.length,
    content: markup`<h1>${text(TITLE)}</h1>
${renderProblems(problems, locale)}
${problems.length === 0 && success(text('Welcome back. You’re signed in.'))}
<p class="lead">${leadOf(form.messages, deps.clock.nowMs(), text)}</p>
${
  plan &&
  renderForm(plan, {
    action: form.action,
    method: form.method,
    primaryLabel: (button) => sectionButtonLabel(button, words, text),
    locale,
    fieldOptions: (node) =>
      isNewPassword(node)
        ? {
            label: text('New password'),
            hint: passwordHint(deps.methods, node, text),
            isFirst: problems.every(({ fieldId }) => fieldId !== undefined),
          }
        : {},
    ...(username === undefined ? {} : { username }),
  })
}`,
    after: markup`<p><a href="${startUrl(deps, 'settings')}">${text('Skip this and go to your account')}</a></p>`,
  });
}

/** How long it can be chosen without another proof, from the message of the recovery. */
function leadOf(messages: readonly Message[], nowMs: number, text: Locale['text']): string {
  const until = Number(
    messages.find(({ id }) => id === RECOVERED)?.context?.['privileged_session_expires_at_unix'],
  );
  const minutes = Math.floor((until * 1000 - nowMs) / 60_000);
  return minutes > 1
    ? text('Set it within the next {minutes} minutes and use it to sign in from now on.', { minutes })
    : text('Set it now and use it to sign in from now on.');
}
