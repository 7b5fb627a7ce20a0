// Addresses compared as parsed URLs: the return_to allow-list, and safe joining.

export interface ReturnTo {
  readonly candidate: string;
  /** Gives scheme and host to a candidate that has none. */
  readonly defaultUrl: string;
  readonly allowed: readonly string[];
}

export type ResolvedReturnTo =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly resolved: string };

/** Resolves a return address and checks it against the allow-list (docs/protocol/http.md section 7, but by whole path segments). */
export function resolveReturnTo(of: ReturnTo): ResolvedReturnTo {
  const url = parseCandidate(of.candidate, of.defaultUrl);
  if (!url) return { ok: false, resolved: of.candidate };
  // Credentials in an address make it look like another host: https://good.example@evil.example.
  const hasUserInfo = url.username !== '' || url.password !== '';
  const isAllowed = !hasUserInfo && of.allowed.some((entry) => matchesEntry(url, entry, of.defaultUrl));
  return isAllowed ? { ok: true, url: url.href } : { ok: false, resolved: url.href };
}

function parseCandidate(candidate: string, defaultUrl: string): URL | undefined {
  // Browsers read a backslash as a slash and drop tabs and line breaks: what we check must be what they follow.
  if (/[\\\t\r\n\0]/.test(candidate) || !candidate.isWellFormed()) return undefined;
  return URL.parse(candidate, defaultUrl) ?? undefined;
}

function matchesEntry(url: URL, entry: string, defaultUrl: string): boolean {
  const wildcard = /^([a-z][a-z0-9+.-]*):\/\/\*\.([^/?#]+)(.*)$/i.exec(entry);
  if (wildcard) {
    const [, scheme = '', rest = '', path = ''] = wildcard;
    if (!isBoundedWildcard(rest)) return false;
    const isBelow = url.host.toLowerCase().endsWith(`.${rest.toLowerCase()}`);
    return sameScheme(url, `${scheme}:`) && isBelow && isPathBelow(url.pathname, path || '/');
  }
  const allowed = URL.parse(entry, defaultUrl);
  if (!allowed || entry.includes('*')) return false;
  return (
    sameScheme(url, allowed.protocol) &&
    url.host === allowed.host &&
    isPathBelow(url.pathname, allowed.pathname)
  );
}

const sameScheme = (url: URL, protocol: string): boolean => url.protocol === protocol.toLowerCase();

/** Whole segments: `/app` allows `/app` and `/app/x`, never `/application`. The URL parser has resolved `..` already. */
function isPathBelow(path: string, allowedPath: string): boolean {
  const base = allowedPath.endsWith('/') ? allowedPath.slice(0, -1) : allowedPath;
  // An encoded slash or dot may be decoded by the server behind: such a path is compared in its decoded form too.
  const decoded = decodePath(path);
  return [path, decoded].every(
    (one) => one !== undefined && (one === base || one.startsWith(`${base}/`) || base === ''),
  );
}

function decodePath(path: string): string | undefined {
  try {
    return new URL(decodeURIComponent(path).replaceAll('\\', '/'), 'http://x').pathname;
  } catch {
    return undefined;
  }
}

/** Second labels under which registries sell names: a wildcard right below one would cover strangers. */
const REGISTRY_LABELS = new Set([
  'co',
  'com',
  'net',
  'org',
  'gov',
  'edu',
  'ac',
  'ne',
  'or',
  'go',
  'gob',
  'nom',
]);

/** True where `*.rest` stays inside one registrable domain. */
export function isBoundedWildcard(rest: string): boolean {
  const labels = (rest.split(':')[0] ?? '').toLowerCase().split('.').filter(Boolean);
  const [second = '', top = ''] = labels.slice(-2);
  if (labels.length < 2 || rest.includes('*')) return false;
  const isRegistry = top.length === 2 && REGISTRY_LABELS.has(second);
  return labels.length > (isRegistry ? 2 : 1);
}

/** The address with query parameters added or replaced; what it has otherwise stays. */
export function withQuery(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

/** A base address that ends in one slash, so that paths can be appended. */
export function asBase(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}
