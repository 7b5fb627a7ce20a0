// The error page: what happened, what to do now, and a reference for support.

import type { FlowDeps } from '../flow/deps.ts';
import { parseUuid } from '../lib/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Locale } from '../locale/locale.ts';
import { type Frame, renderPage } from './frame/layout.ts';
import { type Markup, markup } from './frame/markup.ts';

export interface ShownError {
  /** As in the `error` member of an error answer. */
  readonly error: JsonObject;
  /** What a person tells the support. */
  readonly reference?: string;
}

/** The error that was kept under an id. */
export async function findShownError(deps: FlowDeps, id: string | null): Promise<ShownError | undefined> {
  const uuid = parseUuid(id);
  const stored = uuid && (await deps.database.stores.errors.find(uuid));
  return stored ? { error: stored.error, reference: stored.id } : undefined;
}

/** Without an error: it was kept for a while only, or never was. */
export function renderErrorPage(frame: Frame, shown: ShownError | undefined): string {
  const { text } = frame.locale;
  const words = shown ? wordsOf(shown.error) : FORGOTTEN;
  const title = text(words.title);
  return renderPage(frame, {
    title,
    width: 'narrow',
    errorCount: 1,
    content: markup`<h1>${title}</h1>
<p>${text(words.text)}</p>
<p><a class="button primary" href="${frame.basePath}">${text('Start again')}</a></p>
${shown && details(shown, text)}`,
  });
}

interface Words {
  readonly title: string;
  readonly text: string;
}

const FORGOTTEN: Words = {
  title: 'Nothing to show here',
  text: 'The details of this error are no longer available. You can start again.',
};

const BY_ID: Readonly<Record<string, Words>> = {
  security_csrf_violation: {
    title: 'This page is out of date',
    text: 'It may have been open for too long, or your browser is blocking cookies. Allow cookies for this site and start again.',
  },
  self_service_flow_return_to_forbidden: {
    title: 'This link isn’t allowed',
    text: 'It leads to an address that isn’t trusted. Go back to the app you came from.',
  },
  self_service_flow_disabled: {
    title: 'Registration is closed',
    text: 'New accounts can’t be created at the moment. If you already have an account, you can sign in.',
  },
  security_identity_mismatch: {
    title: 'You’re signed in to a different account',
    text: 'This page was opened by a different account. Please start again.',
  },
  session_already_available: {
    title: 'You’re already signed in',
    text: 'There’s nothing more to do here.',
  },
  session_inactive: { title: 'You are signed out', text: 'Sign in to continue.' },
  session_aal1_required: { title: 'You are signed out', text: 'Sign in to continue.' },
  self_service_flow_expired: {
    title: 'This page has expired',
    text: 'This page has expired for your security. Please start again.',
  },
};

function wordsOf(error: JsonObject): Words {
  const known = BY_ID[textOf(error['id'])];
  if (known) return known;
  const status = Number(error['code'] ?? 500);
  if (status === 404) {
    return {
      title: 'Page not found',
      text: 'The link may have expired or already been used. Please start again.',
    };
  }
  if (status === 429) return { title: 'Too many attempts', text: 'Wait a minute, then try again.' };
  if (status >= 500) {
    return {
      title: 'Something went wrong',
      text: 'It’s a problem on our side. Please try again in a moment.',
    };
  }
  return { title: 'That didn’t work', text: textOf(error['reason']) || textOf(error['message']) };
}

/** For those who look after the installation. */
function details({ error, reference }: ShownError, text: Locale['text']): Markup {
  const facts: readonly (readonly [name: string, value: string])[] = [
    [text('Reference'), reference ?? textOf(error['request'])],
    [text('Error'), [error['code'], error['id']].map(textOf).filter(Boolean).join(' ')],
    [text('Message'), textOf(error['message'])],
    [text('Reason'), textOf(error['reason'])],
    [text('Hint'), isJsonObject(error['details']) ? textOf(error['details']['hint']) : ''],
  ];
  const rows = facts.slice(1).filter(([, value]) => value !== '');
  const [[, id] = ['', '']] = facts;
  return markup`${id !== '' && markup`<p class="quiet">${text('If this keeps happening, contact support with this reference:')} <code>${id}</code></p>`}
<details><summary>${text('Technical details')}</summary><dl>${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></details>`;
}

const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
