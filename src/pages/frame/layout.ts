// The document around every page.
import type { Locale } from '../../locale/locale.ts';
import type { Assets } from './assets.ts';
import { initialOf, type Look } from './look.ts';
import { type Markup, markup } from './markup.ts';

/** What all pages of an installation have in common. */
export interface Frame {
  readonly look: Look;
  readonly assets: Pick<Assets, 'stylePath' | 'scriptPath'>;
  /** Path of the public address, such as `/` or `/auth/`. Without a host: the stylesheet is found whatever the name. */
  readonly basePath: string;
  /** The language that the person reads. */
  readonly locale: Locale;
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
export function renderPage({ look, assets, basePath, locale }: Frame, page: Page): string {
  const { width, content, corner, after, head } = page;
  const brand = markup`<a class="brand" href="${basePath}">${mark(look)}</a>`;
  const document = markup`<!doctype html>
<html lang="${locale.language}" dir="${locale.direction}">
<head>
<meta charset="utf-8">
<title>${titleOf(page, look, locale)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${look.faviconUrl ?? look.logoUrl ?? 'data:,'}">
<link rel="stylesheet" href="${basePath}${assets.stylePath}">
<script src="${basePath}${assets.scriptPath}" defer></script>${head}
</head>
<body class="${width}">
<header>${brand}${corner}</header>
<main>${content}</main>
${after && markup`<footer>${after}</footer>`}
${legalLinks(look, locale)}
</body>
</html>
`;
  return document.toString();
}

function legalLinks({ links = {} }: Look, { text }: Locale): Markup | undefined {
  const shown = [
    [links.help, text('Help')],
    [links.privacy, text('Privacy')],
    [links.terms, text('Terms')],
  ].filter(([url]) => url !== undefined);
  if (shown.length === 0) return undefined;
  return markup`<nav class="legal" aria-label="${text('About this site')}">${shown.map(([url = '', label]) => markup`<a href="${url}">${label}</a>`)}</nav>`;
}

function titleOf({ title, errorCount = 0 }: Page, look: Look, { text }: Locale): string {
  const errors =
    errorCount === 0
      ? ''
      : errorCount === 1
        ? `${text('Error:')} `
        : `${text('{count} errors:', { count: errorCount })} `;
  return `${errors}${title} – ${look.name}`;
}

/** A logo holds the name already. */
function mark({ logoUrl, darkLogoUrl, name }: Look): Markup {
  if (!logoUrl)
    return markup`<span class="mark" aria-hidden="true">${initialOf(name)}</span><span>${name}</span>`;
  const dark = darkLogoUrl && markup`<img class="mark dark" src="${darkLogoUrl}" alt="${name}" height="32">`;
  return markup`${dark}<img class="mark" src="${logoUrl}" alt="${name}" height="32">`;
}
