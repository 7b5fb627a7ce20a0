// Every cookie: name, flags and life, in one place.
import { createHash } from 'node:crypto';
import { isOn } from '../../config/fields.ts';
import type { Config } from '../../config/schema.ts';
import type { Continuity } from '../../flow/request.ts';
import type { CookieSession } from '../../flow/result.ts';
import type { Sealer } from '../../lib/cipher.ts';
import { isJsonObject, type Json } from '../../lib/json.ts';
import { createDeviceTokens, type DeviceTokens, withDevices } from './device-tokens.ts';
import type { KratosCookies } from './kratos-cookie.ts';

/** Browsers drop larger ones without a word. */
const COOKIE_LIMIT_BYTES = 4096;
const YEAR_S = 31_536_000;
const MONTH_S = 2_592_000;

export interface SessionCookieValue {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface Cookies {
  readonly csrfName: string;
  readonly sessionName: string;
  readonly continuityName: string;
  readonly devices: DeviceTokens;
  session(value: CookieSession, nowMs: number): string;
  clearSession(): string;
  /** `devices`: whose device the browser is. It stays with the token, because clients and proxies know that cookie already. */
  csrf(token: string, devices?: string): string;
  /** What a browser holds while it is away. */
  continuity(held: Continuity): string;
  /** What a session cookie holds; undefined where nobody here made it, or it was changed. One of Kratos's or of an older secret has ended, so that it is renewed. */
  readSession(value: string): SessionCookieValue | undefined;
  /** What a continuity cookie holds; nothing where it was not made here. */
  readContinuity(value: string): Continuity;
}

export function createCookies(
  config: Config,
  of: {
    readonly sealer: Sealer;
    /** With the first secret only: what it does not open is to be sealed anew. */
    readonly newestSealer: Sealer;
    readonly deviceSealer: Sealer;
    readonly publicUrl: string;
    readonly nowMs: () => number;
    readonly kratos?: KratosCookies | undefined;
  },
): Cookies {
  const { cookies, session } = config;
  const isSecure = isOn(cookies.secure) ?? !config.dev;
  const isSessionSecure = isOn(session.cookie.secure) ?? isSecure;
  const domain = cookies.domain ? `; Domain=${cookies.domain}` : '';
  // Without Secure, SameSite=None would make browsers drop the cookie.
  const common = attributes({ isSecure, sameSite: isSecure ? cookies.same_site : 'Lax' });
  const shared = `; Path=${cookies.path}${domain}`;
  const sessionDomain = session.cookie.domain ?? cookies.domain;
  const sessionShared = `; Path=${session.cookie.path ?? cookies.path}${sessionDomain ? `; Domain=${sessionDomain}` : ''}`;
  const sessionFlags = attributes({
    isSecure: isSessionSecure,
    sameSite: session.cookie.same_site ?? cookies.same_site,
  });
  const csrfName = `csrf_token_${createHash('sha256').update(of.publicUrl).digest('hex')}`;
  const continuityName = 'ory_kratos_continuity';
  const devices = createDeviceTokens(of.deviceSealer, {
    lifespanMs: config.security.known_devices.lifespan,
    nowMs: of.nowMs,
  });
  return {
    csrfName,
    sessionName: session.cookie.name,
    continuityName,
    devices,
    session: ({ token, expiresAtMs }, nowMs) => {
      const sealed = of.sealer.seal(JSON.stringify([token, expiresAtMs]));
      const life = session.cookie.persistent
        ? `; Max-Age=${secondsLeft(expiresAtMs - nowMs)}; Expires=${new Date(expiresAtMs).toUTCString()}`
        : '';
      return within(`${session.cookie.name}=${sealed}${sessionShared}${life}${sessionFlags}`);
    },
    clearSession: () =>
      `${session.cookie.name}=ended${sessionShared}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${sessionFlags}`,
    csrf: (token, devices = '') =>
      within(`${csrfName}=${withDevices(token, devices)}${shared}; Max-Age=${YEAR_S}${common}`),
    continuity: (held) =>
      `${continuityName}=${of.sealer.seal(JSON.stringify(held))}; Path=/; Max-Age=${MONTH_S}${attributes({ isSecure, sameSite: 'Lax' })}`,
    readSession: (value) => {
      const current = of.newestSealer.open(value);
      const opened = current ?? of.sealer.open(value);
      if (opened === undefined) {
        const token = of.kratos?.open(value);
        return token === undefined ? undefined : { token, expiresAtMs: 0 };
      }
      const parsed: unknown = JSON.parse(opened);
      if (!Array.isArray(parsed)) return undefined;
      const [token, expiresAtMs] = parsed;
      return typeof token === 'string' && typeof expiresAtMs === 'number'
        ? { token, expiresAtMs: current === undefined ? 0 : expiresAtMs }
        : undefined;
    },
    readContinuity: (value) => {
      const opened = of.sealer.open(value);
      const parsed: Json = opened?.startsWith('{') ? JSON.parse(opened) : null;
      if (!isJsonObject(parsed)) return {};
      const { parked, departed } = parsed;
      return {
        ...(typeof parked === 'string' ? { parked } : {}),
        ...(typeof departed === 'string' ? { departed } : {}),
      };
    },
  };
}

/** The cookie ends within the last second of its session, never after it. */
const secondsLeft = (leftMs: number): number => Math.max(0, Math.ceil(leftMs / 1000) - 1);

function attributes(of: { readonly isSecure: boolean; readonly sameSite: string }): string {
  return `; HttpOnly${of.isSecure ? '; Secure' : ''}; SameSite=${of.sameSite}`;
}

function within(line: string): string {
  if (Buffer.byteLength(line) > COOKIE_LIMIT_BYTES)
    throw new Error('a cookie would be larger than browsers take');
  return line;
}

/** Cookies by name, every value of each: duplicates are a sign of tampering that callers want to see. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, string[]>();
  if (header === undefined) return out;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const name = part.slice(0, at).trim();
    const value = part
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (name === '') continue;
    const known = out.get(name);
    if (known) known.push(value);
    else out.set(name, [value]);
  }
  return out;
}
