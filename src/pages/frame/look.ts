// How an installation looks: its name, its picture, and the custom properties of its stylesheet.
import type { Config } from '../../config/schema.ts';
import { inkOn, parseHex, type Rgb, readableOn, toHex } from '../../lib/colour.ts';

export interface Look {
  readonly name: string;
  readonly logoUrl?: string | undefined;
  readonly darkLogoUrl?: string | undefined;
  readonly faviconUrl?: string | undefined;
  readonly links?: {
    readonly terms?: string | undefined;
    readonly privacy?: string | undefined;
    readonly help?: string | undefined;
  };
  readonly radius?: string | undefined;
  readonly font?: string | undefined;
  /** A file that is added to the stylesheet. */
  readonly stylesheetPath?: string | undefined;
  /** `#rgb` or `#rrggbb`. */
  readonly accent?: string | undefined;
}

/** Empty settings count as none. */
export function lookOf(pages: Config['pages']): Look {
  const given = (text: string | undefined): string | undefined => text || undefined;
  return {
    name: pages.name,
    logoUrl: given(pages.logo_url),
    darkLogoUrl: given(pages.logo_dark_url),
    faviconUrl: given(pages.favicon_url),
    links: {
      terms: webAddress(pages.terms_url),
      privacy: webAddress(pages.privacy_url),
      help: webAddress(pages.help_url),
    },
    accent: given(pages.accent),
    radius: given(pages.radius),
    font: given(pages.font),
    stylesheetPath: given(pages.stylesheet_path),
  };
}

/** Also mailto: and tel:, but nothing that runs. */
const webAddress = (url: string | undefined): string | undefined =>
  url && /^(?:https?:|mailto:|tel:|\/)/i.test(url) ? url : undefined;

const DEFAULT_ACCENT: Rgb = [59, 79, 216];

/** --ground and --surface of style.css, which carry accented text. */
export const GROUNDS: Readonly<Record<'light' | 'dark', readonly Rgb[]>> = {
  light: [
    [244, 245, 248],
    [255, 255, 255],
  ],
  dark: [
    [13, 15, 19],
    [23, 26, 33],
  ],
};

/**
 * Custom properties of the look, for the top of the stylesheet. Fills have the accent as it was given; text and outlines
 * in that colour get the nearest shade that can be read. Throws where the accent is not a colour.
 */
export function accentStyle({ accent, radius, font }: Look): string {
  const wanted = accent ? parseHex(accent) : DEFAULT_ACCENT;
  if (!wanted) throw new Error(`pages.accent is "${accent}", but must be a colour such as #0b57d0`);
  const scheme = (grounds: readonly Rgb[]): string => {
    return `--accent:${toHex(wanted)};--on-accent:${toHex(inkOn(wanted))};--accent-text:${toHex(readableOn(wanted, grounds))}`;
  };
  return `:root{${scheme(GROUNDS.light)}}@media(prefers-color-scheme:dark){:root{${scheme(GROUNDS.dark)}}}\n${ownStyle('--radius', radius)}${ownStyle('--font', font)}`;
}

/** More specific than the defaults of style.css, which come later. A value must not end its rule. */
function ownStyle(property: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (/[{};<@\\]/.test(value)) throw new Error(`the value "${value}" cannot be used for ${property}`);
  return `:root:root{${property}:${value}}\n`;
}

/** First letter of the name, as a person would see it. */
export function initialOf(name: string): string {
  for (const { segment } of new Intl.Segmenter('en').segment(name.trim())) return segment.toUpperCase();
  return '';
}
