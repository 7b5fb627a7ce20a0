// Who writes to people: the name and colours of the built-in pages, as templates see them.
import type { Config } from '../../config/schema.ts';
import { inkOn, parseHex, type Rgb, readableOn, toHexWithLetter } from '../../lib/colour.ts';

/** `.Site` of a template. */
export interface Site {
  readonly Name: string;
  /** Absolute; empty where there is none that mail programs show. */
  readonly LogoURL: string;
  readonly Accent: string;
  /** Letters on the accent. */
  readonly OnAccent: string;
  readonly DarkAccent: string;
  readonly OnDarkAccent: string;
}

const DEFAULT_ACCENT: Rgb = [59, 79, 216];
const LIGHT: readonly Rgb[] = [
  [255, 255, 255],
  [244, 245, 248],
];
const DARK: readonly Rgb[] = [
  [23, 26, 33],
  [13, 15, 19],
];

export function siteOf({ pages }: Pick<Config, 'pages'>, publicUrl: string): Site {
  const wanted = parseHex(pages.accent ?? '') ?? DEFAULT_ACCENT;
  const [light, dark] = [readableOn(wanted, LIGHT), readableOn(wanted, DARK)];
  const logo = pages.logo_url ? URL.parse(pages.logo_url, publicUrl) : undefined;
  return {
    Name: pages.name,
    // Most mail programs show no SVG.
    LogoURL: logo && /^https?:$/.test(logo.protocol) && !/\.svgz?$/i.test(logo.pathname) ? logo.href : '',
    Accent: toHexWithLetter(light),
    OnAccent: toHexWithLetter(inkOn(light)),
    DarkAccent: toHexWithLetter(dark),
    OnDarkAccent: toHexWithLetter(inkOn(dark)),
  };
}
