// The mailbox of development mode: what people would have been sent, newest first, each code and link one click away.
import type { CourierMessage } from '../../courier/message.ts';
import { timeAgo } from '../account/time-words.ts';
import type { InboxAssets } from '../frame/assets.ts';
import { type Frame, renderPage } from '../frame/layout.ts';
import { attributes, type Markup, markup } from '../frame/markup.ts';
import { type Letter, toLetter } from './inbox-letter.ts';

const TITLE = 'Mailbox';

export interface InboxView {
  readonly messages: readonly CourierMessage[];
  /** Shown are only messages to this address. */
  readonly recipient: string;
  readonly nowMs: number;
  /** Path of the mailbox. */
  readonly path: string;
  readonly assets: InboxAssets;
}

export function renderInboxPage(frame: Frame, view: InboxView): string {
  const { path, recipient, assets } = view;
  const letters = view.messages.map(toLetter);
  const again = recipient === '' ? path : `${path}?${new URLSearchParams({ recipient })}`;
  return renderPage(frame, {
    title: TITLE,
    width: 'wide',
    head: markup`<link rel="stylesheet" href="${frame.basePath}${assets.stylePath}">
<script src="${frame.basePath}${assets.scriptPath}" defer></script>`,
    content: markup`<h1>${TITLE}</h1>
<p class="lead">What people would be sent appears here, because no courier is configured. Only development mode has this page.</p>
<form class="seek" action="${path}" method="get">
<div class="field"><label for="recipient">Only messages to</label>
<input id="recipient" name="recipient" type="text" inputmode="email" autocomplete="off" autocapitalize="none" spellcheck="false" value="${recipient}"></div>
<button type="submit" class="button small">Show</button>
${recipient !== '' && markup`<a class="button quiet small" href="${path}">Show all</a>`}
</form>
<p class="again"><a href="${again}">Look again</a></p>
<p class="quiet live" role="status" hidden></p>
<ol class="letters">${letters.map((letter) => renderLetter(letter, view))}</ol>
${letters.length === 0 && renderEmpty(recipient)}`,
  });
}

function renderEmpty(recipient: string): Markup {
  const what =
    recipient === ''
      ? markup`<p>Codes and links to verify an address, to recover an account or to sign in arrive here the moment they are asked for.</p>`
      : markup`<p>There is no message to <bdi>${recipient}</bdi>. Addresses without an account are sent nothing.</p>`;
  return markup`<div class="empty card"><h2>No messages yet</h2>${what}</div>`;
}

function renderLetter(letter: Letter, { nowMs, path }: InboxView): Markup {
  const { id, recipient, type, subject, body, codes, links, createdAtMs } = letter;
  const title = subject === '' ? 'Text message' : subject;
  return markup`<li class="card" data-letter="${id}">
<h2>${title}</h2>
<p class="quiet">To <bdi>${recipient}</bdi> · ${timeAgo(createdAtMs, nowMs)}</p>
${codes.map(renderCode)}
${links.map(renderLink)}
<details><summary>The whole message</summary><p class="text">${body}</p>
${type === 'email' && markup`<p><a href="${path}/${id}" target="_blank">As it looks in a mail program</a></p>`}</details>
</li>`;
}

/** Beside it a button that the script shows: without one the code is marked and copied by hand. */
function renderCode(code: string): Markup {
  return markup`<p class="take"><code>${code}</code><button type="button" class="button small" data-copy="${code}" hidden>Copy<span class="unseen"> ${code}</span></button></p>`;
}

function renderLink(link: string): Markup {
  const own = attributes({ class: 'button small', href: link, target: '_blank', rel: 'noopener' });
  return markup`<p class="take"><a${own}>Open link</a><button type="button" class="button quiet small" data-copy="${link}" hidden>Copy link</button><span class="quiet address">${link}</span></p>`;
}
