// What the domain needs from storage for sessions. Implemented in store/sessions.ts.
import type { Credential, Identity } from '../identity/identity.ts';
import type { IdentityId, SessionId } from '../lib/ids.ts';
import type { AuthMethodRef, Session } from './session.ts';

/** A session with its person. `factors` holds the credentials of the asked types only, for computing levels. */
export interface SessionWithIdentity {
  readonly session: Session;
  readonly identity: Identity;
  readonly factors: readonly Credential[];
}

export interface SessionPage {
  readonly identityId?: IdentityId;
  /** true: revoked and ended ones are left out; false: only those. */
  readonly active?: boolean;
  readonly exceptId?: SessionId;
  /** Newest first: only sessions older than this position. */
  readonly after?: { readonly createdAtMs: number; readonly id: string };
  readonly offset?: number;
  readonly limit: number;
}

/** What a further proof does to a session. */
export interface ProofOfSession {
  readonly proof: Omit<AuthMethodRef, 'completedAtMs'>;
  readonly nowMs: number;
  readonly lifespanMs: number;
  /** Replaces the token where given. */
  readonly tokenDigest?: string | undefined;
}

export interface SessionReader {
  /** The whoami read: ONE query by a unique index, joining the identity (no credentials but those of `factorTypes`), addresses and devices. */
  findByTokenDigest(
    tokenDigest: string,
    factorTypes: readonly string[],
  ): Promise<SessionWithIdentity | undefined>;
  find(id: SessionId): Promise<SessionWithIdentity | undefined>;
  list(
    page: SessionPage,
    nowMs: number,
  ): Promise<readonly (SessionWithIdentity & { readonly createdAtMs: number })[]>;
  count(page: Omit<SessionPage, 'limit' | 'offset' | 'after'>, nowMs: number): Promise<number>;
}

export interface SessionStore extends SessionReader {
  /** Stores the session with its devices; `tokenDigest` is unique. */
  insert(session: Session, tokenDigest: string): Promise<void>;
  /** Many in few statements. Where one of them cannot be stored, none is. */
  insertMany(sessions: readonly { readonly session: Session; readonly tokenDigest: string }[]): Promise<void>;
  /** Adds a proof to those that the session has by now, and answers with the session; undefined where it has ended. */
  prove(id: SessionId, of: ProofOfSession): Promise<Session | undefined>;
  /** Moves the end of a session. False where it was revoked. */
  extend(id: SessionId, expiresAtMs: number): Promise<boolean>;
  /** Ends active sessions of the identity (one, or all but `exceptId`); returns how many it ended. */
  revoke(of: {
    readonly identityId: IdentityId;
    readonly id?: SessionId;
    readonly exceptId?: SessionId;
    readonly nowMs: number;
  }): Promise<number>;
  /** Administration: ends or removes up to `limit` sessions by session ids, identity ids or all (`'*'`); returns how many were touched. */
  bulk(of: {
    readonly action: 'disable' | 'delete';
    readonly sessionIds?: readonly SessionId[];
    readonly identityIds?: readonly IdentityId[] | '*';
    readonly limit: number;
    readonly nowMs: number;
  }): Promise<number>;
  /** Removes every session of the identity; returns how many there were. */
  deleteOfIdentity(identityId: IdentityId): Promise<number>;
  /** The janitor's step: removes up to `limit` sessions that ended before the given time; returns how many. */
  deleteEndedBefore(beforeMs: number, limit: number): Promise<number>;
}
