// Whose session does a request carry? One read; no write, and no credential ever renews another.
import type { Identity } from '../identity/identity.ts';
import { tokenDigest } from '../lib/secret.ts';
import type { Session } from './session.ts';
import type { SessionWithIdentity, ShownSession } from './store.ts';

/** What a request brought along, already unpacked. A cookie that could not be opened counts as none. */
export interface PresentedCredentials {
  readonly headerToken?: string;
  readonly cookie?: { readonly token: string; readonly expiresAtMs: number };
  /** Of further cookies with the same name, as one of another path or domain that has outlived its session. */
  readonly moreCookies?: readonly { readonly token: string }[];
  readonly bearerToken?: string;
}

/** How a request named its session. */
interface Named {
  readonly token: string;
  readonly from: 'header' | 'cookie' | 'bearer';
}

/** With the credentials that can be second factors, for computing levels. */
export type ActiveSession = SessionWithIdentity & Named;
/** The same to be shown. */
export type ActiveShownSession = ShownSession & Named;

/** True where at least one credential was sent, good or bad. */
export function hasCredentials(presented: PresentedCredentials): boolean {
  return Boolean(presented.headerToken ?? presented.cookie ?? presented.bearerToken);
}

/**
 * The session of the first credential that was sent: `X-Session-Token`, then the cookie, then the bearer token
 * (docs/protocol/http.md 3.5). Undefined where it is unknown, revoked, over, or its identity is disabled.
 */
export async function authenticate<T extends Usable>(
  find: (tokenDigest: string, factorTypes: readonly string[]) => Promise<T | undefined>,
  presented: PresentedCredentials,
  when: { readonly nowMs: number; readonly factorTypes: readonly string[] },
): Promise<(T & Named) | undefined> {
  const sent = firstSent(presented);
  if (!sent) return undefined;
  const others = sent.from === 'cookie' ? (presented.moreCookies ?? []).map(({ token }) => token) : [];
  for (const token of [sent.token, ...others]) {
    const found = await find(tokenDigest(token), when.factorTypes);
    if (found && isUsable(found, when.nowMs)) return { ...found, token, from: sent.from };
  }
  return undefined;
}

function firstSent({ headerToken, cookie, bearerToken }: PresentedCredentials): Named | undefined {
  if (headerToken) return { token: headerToken, from: 'header' };
  if (cookie?.token) return { token: cookie.token, from: 'cookie' };
  return bearerToken ? { token: bearerToken, from: 'bearer' } : undefined;
}

interface Usable {
  readonly session: Pick<Session, 'active' | 'expiresAtMs'>;
  readonly identity: Pick<Identity, 'state'>;
}

/** Not revoked, not over, and of an identity that is not disabled: the last counts everywhere, or a ban would not hold. */
export function isUsable(found: Usable, nowMs: number): boolean {
  return found.session.active && found.session.expiresAtMs > nowMs && found.identity.state === 'active';
}
