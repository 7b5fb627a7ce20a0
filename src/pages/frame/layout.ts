// The document around every page.
import type { Assets } from './assets.ts';
import { initialOf, type Look } from './look.ts';
import { type Markup, markup } from './markup.ts';

/** What all pages of an installation have in common. */
export interface Frame {
  readonly look: Look;
  readonly assets: Pick<Assets, 'stylePath' | 'scriptPath'>;
  /** Path of the public address, such as `/` or `/auth/`. Without a host: the stylesheet is found whatever the name. */
  readonly basePath: string;
}

export interface Page {
  readonly title: string;
  /** narrow: one card. wide: sections under a bar. */
  readonly width: 'narrow' | 'wide';
  readonly errorCount?: number;
  /** What the page loads besides. */
  readonly head?: Markup;
  /** At the end of the bar. */
  readonly corner?: Markup;
  readonly content: Markup;
  /** Below the card. */
  readonly after?: Markup;
}

/** A whole document. The title says the number of errors first, because it is what screen readers say first. */
export function renderPage({ look, assets, basePath }: Frame, page: Page): string {
  const { width, content, corner, after, head } = page;
  const brand = markup`<a class="brand" href="${basePath}">${mark(look)}<span>${look.name}</span></a>`;
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${titleOf(page, look)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${look.logoUrl ?? 'data:,'}">
<link rel="stylesheet" href="${basePath}${assets.stylePath}">
<script src="${basePath}${assets.scriptPath}" defer></script>${head}
</head>
<body class="${width}">
<header>${brand}${corner}</header>
<main>${content}</main>
${after && markup`<footer>${after}</footer>`}
</body>
</html>
`;
  return document.toString();
}

function titleOf({ title, errorCount = 0 }: Page, look: Look): string {
  const errors = errorCount === 0 ? '' : errorCount === 1 ? 'Error: ' : `${errorCount} errors: `;
  return `${errors}${title} – ${look.name}`;
}

function mark({ logoUrl, name }: Look): Markup {
  return logoUrl
    ? markup`<img class="mark" src="${logoUrl}" alt="" height="32">`
    : markup`<span class="mark" aria-hidden="true">${initialOf(name)}</span>`;
}
