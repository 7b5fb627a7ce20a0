// An accent colour that can be read: made darker or lighter until its contrast is enough (WCAG 2.2, 1.4.3).
export type Rgb = readonly [red: number, green: number, blue: number];

/** Text on its ground; a little more than the 4.5 that is asked, for what rounding takes away. */
const MIN_CONTRAST = 4.6;

/** Reads `#rgb` or `#rrggbb`; undefined for anything else. */
export function parseHex(text: string): Rgb | undefined {
  const found = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  const digits = found?.[1];
  if (digits === undefined) return undefined;
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const channel = (at: number): number => Number.parseInt(long.slice(at, at + 2), 16);
  return [channel(0), channel(2), channel(4)];
}

export function toHex(colour: Rgb): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

/**
 * The same to the eye, with a letter among its digits: programs that look for a code of six digits in a mail take a colour
 * such as #123456 for one.
 */
export function toHexWithLetter([red, green, blue]: Rgb): string {
  const shades = [...Array(16).keys()].flatMap((step) => [blue + step, blue - step]);
  const hexes = shades
    .filter((shade) => shade >= 0 && shade <= 255)
    .map((shade) => toHex([red, green, shade]));
  return hexes.find((hex) => /[a-f]/.test(hex)) ?? toHex([red, green, blue]);
}

/** Ratio of 1 (the same) to 21 (black and white). */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((one, other) => other - one);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [17, 19, 24];

/** The nearest shade of the colour that can be read on every one of these grounds. */
export function readableOn(colour: Rgb, grounds: readonly Rgb[]): Rgb {
  const isDark = grounds.every((ground) => luminance(ground) < 0.2);
  const goal = isDark ? WHITE : BLACK;
  for (let step = 0; step <= 100; step += 1) {
    const shade = mix(colour, goal, step / 100);
    if (grounds.every((ground) => contrast(shade, ground) >= MIN_CONTRAST)) return shade;
  }
  return goal;
}

/** Letters on a ground of that colour: white where it can be read, else nearly black. */
export function inkOn(colour: Rgb): Rgb {
  return contrast(WHITE, colour) >= 4.5 ? WHITE : INK;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const between = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * share);
  return [between(0), between(1), between(2)];
}
