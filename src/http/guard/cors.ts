// Cross-origin requests on the public port: who may call, and what the answer says about it (docs/protocol/http.md section 9).
import type { Config } from '../../config/schema.ts';
import { isBoundedWildcard } from '../../lib/url.ts';
import type { HttpAnswer } from '../port/answer.ts';
import type { HttpContext } from '../port/context.ts';

type CorsConfig = Config['serve']['public']['cors'];

export interface Cors {
  /** The answer to a preflight, or undefined where the request is none. */
  readonly preflight: (context: HttpContext) => HttpAnswer | undefined;
  /** Headers of every other answer. `Vary: Origin` is among them. */
  readonly headers: (context: HttpContext) => Readonly<Record<string, string>>;
}

/** Undefined where cross-origin requests are not answered at all. */
export function createCors(config: CorsConfig): Cors | undefined {
  if (!config.enabled) return undefined;
  const isAllowed = originRule(config.allowed_origins);
  const methods = new Set(config.allowed_methods.map((method) => method.toUpperCase()));
  const named = new Set(config.allowed_headers.map((name) => name.toLowerCase()));
  const isAll = isEveryOrigin(config.allowed_origins);
  // Whoever may be anybody may not act for the person at the browser: with cookies, every page that they visit could.
  const credentials =
    config.allow_credentials && !isAll ? { 'Access-Control-Allow-Credentials': 'true' } : {};
  const exposed =
    config.exposed_headers.length > 0
      ? { 'Access-Control-Expose-Headers': config.exposed_headers.map(canonical).join(', ') }
      : {};
  const isEveryHeader = named.has('*');
  return {
    preflight: (context) => {
      const wanted = context.header('access-control-request-method');
      if (context.method !== 'OPTIONS' || !wanted || config.options_passthrough) return undefined;
      const vary = {
        Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      };
      const origin = context.header('origin');
      const asked = context.header('access-control-request-headers');
      const names = (asked ?? '').split(',').map((name) => name.trim().toLowerCase());
      const mayAsk =
        isEveryHeader || names.every((name) => name === '' || name === 'origin' || named.has(name));
      if (!origin || !isAllowed(origin) || !methods.has(wanted.toUpperCase()) || !mayAsk) {
        return { status: 204, headers: vary };
      }
      return {
        status: 204,
        headers: {
          ...vary,
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Allow-Methods': wanted.toUpperCase(),
          ...(asked ? { 'Access-Control-Allow-Headers': asked } : {}),
          ...credentials,
          ...(config.max_age > 0 ? { 'Access-Control-Max-Age': String(config.max_age) } : {}),
        },
      };
    },
    headers: (context) => {
      const origin = context.header('origin');
      if (!origin || !isAllowed(origin)) return { Vary: 'Origin' };
      return { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, ...credentials, ...exposed };
    },
  };
}

const canonical = (name: string): string =>
  name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());

/** Without a word about origins, and with `*`, every page may call: as itself, without the cookies of its visitor. */
export const isEveryOrigin = (patterns: readonly string[]): boolean =>
  patterns.length === 0 || patterns.includes('*');

/**
 * Exact origins, or one wildcard that stands for whole labels of a host below a domain that is not public.
 * `null`, the origin of sandboxed and local documents, counts only where it is named: everybody can have it.
 */
function originRule(patterns: readonly string[]): (origin: string) => boolean {
  const all = isEveryOrigin(patterns);
  const exact = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  const wild = patterns.flatMap((pattern) => {
    const [, scheme, domain] = /^([a-z][a-z0-9+.-]*:\/\/)\*\.([^*]+)$/i.exec(pattern.toLowerCase()) ?? [];
    return scheme && domain && isBoundedWildcard(domain) ? [{ scheme, suffix: `.${domain}` }] : [];
  });
  return (origin) => {
    const lower = origin.toLowerCase();
    if (exact.has(lower)) return true;
    if (lower === 'null') return false;
    if (all) return true;
    return wild.some(
      ({ scheme, suffix }) =>
        lower.startsWith(scheme) &&
        lower.endsWith(suffix) &&
        /^[a-z0-9.-]+$/.test(lower.slice(scheme.length, lower.length - suffix.length)),
    );
  };
}
