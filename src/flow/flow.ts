// A flow: one attempt to sign in, sign up, recover, verify or change settings, kept as a stored form with a state.
import type { Form } from '../form/node.ts';
import type { FlowId, IdentityId, SessionId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Aal } from '../session/session.ts';

/** Version of a flow to which nothing was submitted with success. */
export const FIRST_VERSION = 1;

export type FlowKind = 'login' | 'registration' | 'recovery' | 'verification' | 'settings';
/** browser: cookies, anti-CSRF token, redirects. api: native apps, tokens, JSON only. */
export type FlowType = 'browser' | 'api';

export interface LoginChallenge {
  readonly challenge: string;
  /** The login request as the server described it. */
  readonly request: JsonObject;
}

/** How a flow ended, for those who send its form once more. */
export interface Finished {
  readonly atMs: number;
  readonly method: string;
  readonly identityId: IdentityId;
  /** Absent where it signed nobody in. */
  readonly sessionId?: SessionId;
  /** Where it led, where that does not follow from the flow. */
  readonly goTo?: string;
}

export interface Flow {
  readonly id: FlowId;
  readonly kind: FlowKind;
  readonly type: FlowType;
  readonly state: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The full address that started the flow; `return_to` and other wishes are read from its query again. */
  readonly requestUrl: string;
  readonly returnTo?: string;
  /** The method in progress, or the last one used. */
  readonly active?: string;
  readonly form: Form;
  /** Digest of the anti-CSRF token of the browser that started the flow. Absent in api flows and in those made by an administrator. */
  readonly csrfDigest?: string;
  /** The person of a settings flow. */
  readonly identityId?: IdentityId;
  readonly identitySchema?: string;
  /** Login only: the person proves again who they are. */
  readonly refresh: boolean;
  /** Login only. */
  readonly requestedAal: Exclude<Aal, 'aal0'>;
  /** The login request of an OAuth2 server that the flow answers. Verifications keep it for the sign-up before them. */
  readonly loginChallenge?: LoginChallenge;
  /** Digest of the first of two codes with which a native app fetches its session. */
  readonly exchange?: string;
  /** The session that a verification for a login challenge began with. */
  readonly sessionId?: SessionId;
  /** What the core keeps for itself; never shown. */
  readonly internal: JsonObject;
  /** What methods keep, each under its own name, sealed (method/memory.ts); never shown. */
  readonly memory?: Readonly<Record<string, string>>;
  /** What waits for the person to come back from another place, sealed (engine/departure.ts). */
  readonly departure?: string;
  /** What the client hands to hooks. Lives for one request and is never stored. */
  readonly transientPayload?: JsonObject;
  /** A login in which an administrator tries a method out: it signs nobody in, and no other method takes part. */
  readonly trial?: { readonly method: string; readonly shown: JsonObject };
  /** It was used up by a sign-in. */
  readonly finished?: Finished;
  /** Counts writes. A completion only counts where the version is still the one that was read. */
  readonly version: number;
}
