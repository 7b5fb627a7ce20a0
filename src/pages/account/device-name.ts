// A user agent as a person would name the device: "Firefox on Linux".
export interface DeviceName {
  readonly text: string;
  readonly kind: 'phone' | 'tablet' | 'computer' | 'program';
}

/** First match counts: most browsers also claim to be the ones that came before them. */
const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPiOS|Opera)\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex Browser'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bDuckDuckGo\//, 'DuckDuckGo'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chromium)\//, 'Chromium'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/\S+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [pattern: RegExp, name: string, kind: DeviceName['kind']])[] = [
  [/\biPad\b/, 'iPad', 'tablet'],
  [/\b(?:iPhone|iPod)\b/, 'iPhone', 'phone'],
  [/\bAndroid\b.*\bMobile\b/, 'Android', 'phone'],
  [/\bAndroid\b/, 'Android', 'tablet'],
  [/\bWindows\b/, 'Windows', 'computer'],
  [/\bCrOS\b/, 'ChromeOS', 'computer'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS', 'computer'],
  [/\bLinux\b|\bX11\b/, 'Linux', 'computer'],
];

export function deviceName(userAgent: string | null): DeviceName {
  const text = userAgent ?? '';
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(text));
  if (system && browser) return { text: `${browser} on ${system[1]}`, kind: system[2] };
  if (browser) return { text: browser, kind: 'computer' };
  // Apps and tools name themselves first: "acme-app/2.1 (iPhone; iOS 18)".
  const product = /^([A-Za-z][\w .-]{0,39}?)\/[\d.]/.exec(text)?.[1];
  const named = product && product !== 'Mozilla' ? product : undefined;
  if (system) return { text: named ? `${named} on ${system[1]}` : system[1], kind: system[2] };
  return { text: named ?? 'Unknown device', kind: 'program' };
}
