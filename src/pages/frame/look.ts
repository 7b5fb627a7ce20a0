// How an installation looks: its name, its picture, and the custom properties of its stylesheet.
import { inkOn, parseHex, type Rgb, readableOn, toHex } from '../../lib/colour.ts';

export interface Look {
  readonly name: string;
  readonly logoUrl?: string;
  /** `#rgb` or `#rrggbb`. */
  readonly accent?: string;
}

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

/** Custom properties of the accent, for the top of the stylesheet. Throws where the accent is no colour. */
export function accentStyle({ accent }: Look): string {
  const wanted = accent ? parseHex(accent) : DEFAULT_ACCENT;
  if (!wanted) throw new Error(`pages.accent is "${accent}", but must be a colour such as #0b57d0`);
  const scheme = (grounds: readonly Rgb[]): string => {
    const shade = readableOn(wanted, grounds);
    return `--accent:${toHex(shade)};--on-accent:${toHex(inkOn(shade))}`;
  };
  return `:root{${scheme(GROUNDS.light)}}@media(prefers-color-scheme:dark){:root{${scheme(GROUNDS.dark)}}}\n`;
}

/** First letter of the name, as a person would see it. */
export function initialOf(name: string): string {
  for (const { segment } of new Intl.Segmenter('en').segment(name.trim())) return segment.toUpperCase();
  return '';
}
