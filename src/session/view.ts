// A session as clients see it (docs/protocol/http.md 4.2).
import type { IdentityState } from '../identity/identity.ts';
import { toRfc3339 } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import { reachedAal } from './aal.ts';
import type { AuthMethodRef, Session } from './session.ts';

export interface SessionViewOptions {
  readonly nowMs: number;
  /** The identity as JSON, or null where it is not shown. */
  readonly identity: JsonObject | null;
  readonly identityState: IdentityState;
  readonly showsDevices?: boolean;
}

export function sessionToJson(session: Session, options: SessionViewOptions): JsonObject {
  return {
    id: session.id,
    active: session.active && session.expiresAtMs > options.nowMs && options.identityState === 'active',
    expires_at: toRfc3339(session.expiresAtMs),
    authenticated_at: toRfc3339(session.authenticatedAtMs),
    authenticator_assurance_level: reachedAal(session.authMethods),
    authentication_methods: session.authMethods.map(proofToJson),
    issued_at: toRfc3339(session.issuedAtMs),
    identity: options.identity,
    devices:
      options.showsDevices === false
        ? null
        : session.devices.map((device) => ({
            id: device.id,
            ip_address: device.ipAddress,
            user_agent: device.userAgent,
            location: device.location,
          })),
  };
}

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
