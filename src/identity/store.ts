// What the domain needs from storage for identities. Implemented for each database in store/identity/identities.ts.
import type { IdentityId } from '../lib/ids.ts';
import type { Plan, Written } from './change/plan.ts';
import type { Snapshot, UnstoredIdentity } from './change/snapshot.ts';
import type { Identity } from './identity.ts';

/** Raised by `insert` and `apply` when a unique value already belongs to another identity. Nothing is written. */
export class IdentityConflict extends Error {
  readonly what: 'identifier' | 'address' | 'external_id';

  constructor(what: IdentityConflict['what']) {
    super(`another identity holds this ${what}`);
    this.name = 'IdentityConflict';
    this.what = what;
  }
}

export interface IdentityFilter {
  readonly ids?: readonly IdentityId[];
  /** Exact credential identifier, already normalised, and as it was typed; any type matches. */
  readonly identifiers?: readonly string[];
  /** Start of a credential identifier; `%` and `_` are plain characters. */
  readonly identifierPrefix?: string;
  readonly organizationId?: string;
}

export interface IdentityPage {
  readonly filter: IdentityFilter;
  /** Key-set paging: only ids greater than this one, ascending. */
  readonly afterId?: string;
  /** Offset paging, for the older `page`/`per_page` parameters. */
  readonly offset?: number;
  readonly limit: number;
}

/** Reads only: what it answers can be shown and decided on, and nothing takes it to write it. */
export interface IdentityReader {
  find(id: IdentityId): Promise<Identity | undefined>;
  findFull(id: IdentityId): Promise<Snapshot | undefined>;
  findFullByExternalId(externalId: string): Promise<Snapshot | undefined>;
  /**
   * The identity that signs in with one of these identifiers (most preferred first: normalised, then as typed).
   * `type` limits the search to credentials of one method; without it every method's identifiers count. One query.
   */
  findFullByIdentifier(identifiers: readonly string[], type?: string): Promise<Snapshot | undefined>;
  /**
   * The identity that holds one of these credential identifiers (by type) or addresses (as verifiable or recovery
   * address), other than `exceptId`. For telling a person which account stands in the way.
   */
  findHolder(of: {
    readonly identifiers: readonly { readonly type: string; readonly identifier: string }[];
    readonly addresses: readonly { readonly via: string; readonly value: string }[];
    readonly exceptId?: IdentityId;
  }): Promise<Snapshot | undefined>;
  list(page: IdentityPage): Promise<readonly Snapshot[]>;
  count(filter: IdentityFilter): Promise<number>;
}

export interface IdentityStore extends IdentityReader {
  insert(identity: UnstoredIdentity): Promise<void>;
  /** Many in few statements. Where one of them is in conflict, none is stored. */
  insertMany(identities: readonly UnstoredIdentity[]): Promise<void>;
  /** Marks a verifiable address as written to. It stays verified where it was. */
  markAddressSent(
    id: IdentityId,
    address: { readonly via: string; readonly value: string; readonly nowMs: number },
  ): Promise<void>;
  /** Removes the identity with its sessions, flows, credentials and addresses. False where there was none. */
  delete(id: IdentityId): Promise<boolean>;
}

/** Inside a transaction. */
export interface IdentityWriter extends IdentityStore {
  /**
   * The one way in which a stored person is changed. It reads them as they are now, compares what the plan was based on,
   * makes the changes and writes the difference with the events that follow from it. What such a change ends ends with it:
   * codes and links to addresses that are gone, and those that a new credential must not be bypassed with.
   */
  apply(plan: Plan): Promise<Written>;
}
