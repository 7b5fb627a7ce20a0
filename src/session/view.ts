// A session as clients see it (docs/protocol/http.md 4.2).
import type { IdentityState } from '../identity/identity.ts';
import { toRfc3339 } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import { reachedAal } from './aal.ts';
import type { AuthMethodRef, Device, Session } from './session.ts';

export interface SessionViewOptions {
  readonly nowMs: number;
  /** The identity as JSON, or null where it is not shown. */
  readonly identity: JsonObject | null;
  readonly identityState: IdentityState;
  readonly showsDevices?: boolean;
}

export function sessionToJson(session: Session, options: SessionViewOptions): JsonObject {
  // The text is an object, and comes from the one place that writes sessions.
  const json = JSON.parse(sessionText(session, { ...options, identity: 'null' })) as JsonObject;
  return { ...json, identity: options.identity };
}

/** The same as the text that is sent; `identity` is a JSON text too. */
export function sessionText(
  session: Session,
  options: Pick<SessionViewOptions, 'nowMs' | 'identityState' | 'showsDevices'> & {
    readonly identity: string;
  },
): string {
  const isActive =
    session.active && session.expiresAtMs > options.nowMs && options.identityState === 'active';
  const proofs = session.authMethods.map((proof) => JSON.stringify(proofToJson(proof))).join(',');
  const devices = options.showsDevices === false ? 'null' : `[${session.devices.map(deviceText).join(',')}]`;
  return `{"id":${JSON.stringify(session.id)},"active":${isActive},"expires_at":"${toRfc3339(
    session.expiresAtMs,
  )}","authenticated_at":"${toRfc3339(session.authenticatedAtMs)}","authenticator_assurance_level":"${reachedAal(
    session.authMethods,
  )}","authentication_methods":[${proofs}],"issued_at":"${toRfc3339(session.issuedAtMs)}","identity":${
    options.identity
  },"devices":${devices}}`;
}

const deviceText = ({ id, ipAddress, userAgent, location }: Device): string =>
  `{"id":${JSON.stringify(id)},"ip_address":${JSON.stringify(ipAddress)},"user_agent":${JSON.stringify(
    userAgent,
  )},"location":${JSON.stringify(location)}}`;

function proofToJson(proof: AuthMethodRef): JsonObject {
  return {
    method: proof.method,
    aal: proof.aal,
    completed_at: toRfc3339(proof.completedAtMs),
    ...(proof.provider ? { provider: proof.provider } : {}),
    ...(proof.organization ? { organization: proof.organization } : {}),
    ...(proof.upstreamAcr ? { upstream_acr: proof.upstreamAcr } : {}),
    ...(proof.upstreamAmr?.length ? { upstream_amr: proof.upstreamAmr } : {}),
  };
}
