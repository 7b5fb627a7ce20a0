// A user agent as a person would name the device: "Firefox on Linux".
import Bowser from 'bowser';

export interface DeviceName {
  readonly text: string;
  readonly program?: string | undefined;
  readonly system?: string | undefined;
  readonly kind: 'phone' | 'tablet' | 'computer' | 'program';
}

/** Longer ones are no browser's; a parser need not see them. */
const MAX_LENGTH = 512;

/** Names that people know better than the ones that the parser gives. */
const SHORTER: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
  'Chrome OS': 'ChromeOS',
};

const KINDS: Readonly<Record<string, DeviceName['kind']>> = {
  mobile: 'phone',
  tablet: 'tablet',
  desktop: 'computer',
  tv: 'computer',
};

export function deviceName(userAgent: string | null): DeviceName {
  const text = (userAgent ?? '').slice(0, MAX_LENGTH);
  const { browser, os, platform } = text === '' ? NOTHING : Bowser.parse(text);
  const kind = KINDS[platform.type ?? ''];
  const product = productOf(text);
  // Where it knows no browser the parser answers with the start of the text, which may be anything.
  const isBrowser = text.startsWith('Mozilla/');
  const program = isBrowser ? nameOf(browser.name) : product;
  // People say iPhone, not iOS.
  const system = platform.vendor === 'Apple' && platform.model ? platform.model : nameOf(os.name);
  if (system !== undefined) {
    return { text: program ? `${program} on ${system}` : system, program, system, kind: kind ?? 'computer' };
  }
  return { text: program ?? 'Unknown device', program, kind: isBrowser && program ? 'computer' : 'program' };
}

const NOTHING: ReturnType<typeof Bowser.parse> = { browser: {}, os: {}, platform: {}, engine: {} };

const nameOf = (name: string | undefined): string | undefined => (name ? (SHORTER[name] ?? name) : undefined);

/** Apps and tools name themselves first: "acme-app/2.1 (iPhone; iOS 18)". */
const productOf = (text: string): string | undefined => /^([A-Za-z][\w .-]{0,39}?)\/[\d.]/.exec(text)?.[1];
