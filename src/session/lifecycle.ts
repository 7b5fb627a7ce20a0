// How a session begins, grows by a proof, is extended and ends: values only, the caller stores them.
import { type IdentityId, newSessionId, newUuid } from '../lib/ids.ts';
import { equalSecrets, keyedDigest, randomAlphanumeric } from '../lib/secret.ts';
import type { AuthMethodRef, Device, Session } from './session.ts';

/** Longest user agent and location that are kept (docs/protocol/http.md 4.2), so that a client cannot fill the table. */
const DEVICE_TEXT_LIMIT = 512;

/** `ory_st_` and 190 random bits: the prefix lets secret scanners find leaked tokens. */
export function newSessionToken(): string {
  return `ory_st_${randomAlphanumeric(32)}`;
}

export function beginSession(of: {
  readonly identityId: IdentityId;
  readonly proof: Omit<AuthMethodRef, 'completedAtMs'>;
  readonly device: { readonly ipAddress: string; readonly userAgent: string; readonly location: string };
  readonly nowMs: number;
  readonly lifespanMs: number;
}): Session {
  return {
    id: newSessionId(),
    identityId: of.identityId,
    active: true,
    issuedAtMs: of.nowMs,
    authenticatedAtMs: of.nowMs,
    expiresAtMs: of.nowMs + of.lifespanMs,
    authMethods: [{ ...of.proof, completedAtMs: of.nowMs }],
    devices: [toDevice(of.device)],
  };
}

function toDevice(facts: {
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly location: string;
}): Device {
  return {
    id: newUuid(),
    ipAddress: facts.ipAddress || null,
    userAgent: facts.userAgent.slice(0, DEVICE_TEXT_LIMIT) || null,
    location: facts.location.slice(0, DEVICE_TEXT_LIMIT),
  };
}

/** The session after a further proof: on refresh and step-up it stays the same session with a new time. */
export function addProof(
  session: Session,
  proof: Omit<AuthMethodRef, 'completedAtMs'>,
  when: { readonly nowMs: number; readonly lifespanMs: number },
): Session {
  return {
    ...session,
    authenticatedAtMs: when.nowMs,
    issuedAtMs: when.nowMs,
    expiresAtMs: when.nowMs + when.lifespanMs,
    authMethods: [...withoutSame(session, proof), { ...proof, completedAtMs: when.nowMs }],
  };
}

/** The same account at a provider, confirmed once more, is one proof with a newer time. */
function withoutSame({ authMethods }: Session, proof: Omit<AuthMethodRef, 'completedAtMs'>) {
  if (proof.provider === undefined) return authMethods;
  return authMethods.filter((held) => held.method !== proof.method || held.provider !== proof.provider);
}

/** A full lifespan from now; the same session where it is not due yet (`earliest_possible_extend`). */
export function extend(
  session: Session,
  when: { readonly nowMs: number; readonly lifespanMs: number; readonly earliestExtendMs: number },
): Session {
  const isDue = session.expiresAtMs - when.earliestExtendMs < when.nowMs;
  return isDue ? { ...session, expiresAtMs: when.nowMs + when.lifespanMs } : session;
}

/** True while the last proof is recent enough for changing how one signs in. */
export function isPrivileged(session: Session, nowMs: number, maxAgeMs: number): boolean {
  return maxAgeMs <= 0 || session.authenticatedAtMs + maxAgeMs > nowMs;
}

/** The token that ends this session in a browser: derived, so that nothing more has to be stored or could leak. */
export function logoutToken(session: Session, secret: string): string {
  return `ory_lo_${keyedDigest(secret, 'logout', session.id).replaceAll('-', 'A').replaceAll('_', 'B').slice(0, 32)}`;
}

/** True where the token ends this session, under the present secret or one that was rotated out but is still known. */
export function isLogoutToken(token: string, session: Session, secrets: readonly string[]): boolean {
  return secrets.some((secret) => equalSecrets(token, logoutToken(session, secret)));
}
