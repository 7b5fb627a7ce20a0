// A session: who is signed in, on which device, and what was proven when.
import type { IdentityId, SessionId } from '../lib/ids.ts';

/** Authenticator assurance level (NIST SP 800-63B): no proof, one factor, two factors. */
export type Aal = 'aal0' | 'aal1' | 'aal2';

/** One proof that was given (RFC 8176 calls it an authentication method reference). The level of a session is computed from these. */
export interface AuthMethodRef {
  readonly method: string;
  readonly aal: 'aal1' | 'aal2';
  readonly completedAtMs: number;
  readonly provider?: string;
  readonly organization?: string;
  readonly upstreamAcr?: string;
  readonly upstreamAmr?: readonly string[];
  /** A single proof that counts as both factors, such as a sign-in at a provider that vouches for two. */
  readonly countsForBoth?: true;
}

export interface Device {
  readonly id: string;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly location: string | null;
}

export interface Session {
  readonly id: SessionId;
  readonly identityId: IdentityId;
  /** False once it was revoked. Whether it may be used also depends on its end and on the identity's state. */
  readonly active: boolean;
  readonly issuedAtMs: number;
  readonly authenticatedAtMs: number;
  readonly expiresAtMs: number;
  readonly authMethods: readonly AuthMethodRef[];
  readonly devices: readonly Device[];
}
