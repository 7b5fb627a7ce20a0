// What flows need from storage, and the unit of work that binds all stores to one transaction.
import type { MessageStore } from '../courier/message.ts';
import type { EventStore } from '../event/event.ts';
import type { IdentityReader, IdentityStore, IdentityWriter } from '../identity/store.ts';
import type { FlowId, IdentityId } from '../lib/ids.ts';
import type { JsonObject } from '../lib/json.ts';
import type { OutboxStore } from '../outbox/event.ts';
import type { SessionReader, SessionStore } from '../session/store.ts';
import type { Flow, FlowKind } from './flow.ts';
import type { OneTimeSecretStore } from './secret/one-time-secret.ts';
import type { ExchangeStore } from './session/exchange-store.ts';

export interface FlowStore {
  insert(flow: Flow): Promise<void>;
  /** The flow, where it exists, is of that kind and was not used up. */
  find(kind: FlowKind, id: FlowId): Promise<Flow | undefined>;
  /** Writes form, state, active, internal and expiry, and counts the version up. False, and nothing written, where the stored version is not `flow.version` any more or the flow was used up. */
  save(flow: Flow, of?: SavedFlow): Promise<boolean>;
  /** Uses the flow up. True for exactly one caller, however many try at once. */
  consume(id: FlowId): Promise<boolean>;
  /** Those of a person that were not used up. */
  findOfIdentity(kind: FlowKind, identityId: IdentityId): Promise<readonly Flow[]>;
  /** A flow that was used up: those who come too late are told to start again, not that it never was. */
  findConsumed(kind: FlowKind, id: FlowId): Promise<Flow | undefined>;
  /** `unfinished`: only those to which nothing was submitted with success, and entrances through which nobody went. */
  deleteExpiredBefore(beforeMs: number, limit: number, which?: 'unfinished'): Promise<number>;
}

export interface SavedFlow {
  /** The form comes back with what was wrong: the version stays, so that a right submission at the same moment still counts. */
  readonly isRefused?: true;
}

/** An error kept for the error page (docs/protocol/http.md section 6). */
export interface StoredError {
  readonly id: string;
  readonly error: JsonObject;
  readonly createdAtMs: number;
}

export interface ErrorStore {
  insert(error: StoredError): Promise<void>;
  find(id: string): Promise<StoredError | undefined>;
  deleteBefore(beforeMs: number, limit: number): Promise<number>;
}

/** A submission that waits until its person has signed in again; bound to that person and used once. */
export interface ParkedSubmission {
  readonly id: string;
  readonly identityId: IdentityId;
  readonly flowId: FlowId;
  readonly payload: JsonObject;
  readonly expiresAtMs: number;
}

export interface ParkedStore {
  insert(parked: ParkedSubmission): Promise<void>;
  /** Takes it out: true atomicity, so that a replay happens once. */
  take(id: string): Promise<ParkedSubmission | undefined>;
  deleteOfIdentity(identityId: IdentityId): Promise<void>;
  deleteExpiredBefore(beforeMs: number, limit: number): Promise<number>;
}

/** Requests counted by key in fixed windows; shared by all nodes where the database is. */
export interface CounterStore {
  /** Adds `by` to each key's counter of its window and returns the new totals in the same order. */
  add(
    counters: readonly { readonly key: string; readonly windowStartMs: number; readonly by: number }[],
  ): Promise<readonly number[]>;
  deleteBefore(windowStartMs: number, limit: number): Promise<number>;
}

export type ImportedKind = 'identity' | 'session' | 'flow';

/** That something was imported, and in which state: an import that is repeated brings only what is different. */
export interface ImportRecord {
  readonly kind: ImportedKind;
  /** Its id there, and here. */
  readonly id: string;
  /** Digest of what was found there. */
  readonly seen: string;
  /** Digest of what was stored here: while it is still that, nobody has changed it since. */
  readonly written: string;
}

/** Records outlive what they stand for: what was deleted here is not imported again. */
export interface ImportRecordStore {
  find(kind: ImportedKind, ids: readonly string[]): Promise<readonly ImportRecord[]>;
  /** Ascending by id. */
  list(
    kind: ImportedKind,
    page: { readonly afterId: string; readonly limit: number },
  ): Promise<readonly ImportRecord[]>;
  /** Adds or replaces. */
  put(records: readonly ImportRecord[]): Promise<void>;
  forget(kind: ImportedKind, ids: readonly string[]): Promise<void>;
}

/** What is written in a transaction, with everything that can be read there. */
export interface Stores extends SingleStores {
  readonly identities: IdentityWriter;
}

/** The same for single statements, each its own transaction. A person who is stored is changed in a transaction only. */
export interface SingleStores {
  readonly identities: IdentityStore;
  readonly sessions: SessionStore;
  readonly flows: FlowStore;
  readonly errors: ErrorStore;
  readonly parked: ParkedStore;
  readonly counters: CounterStore;
  readonly events: EventStore;
  readonly secrets: OneTimeSecretStore;
  readonly messages: MessageStore;
  readonly imports: ImportRecordStore;
  readonly exchanges: ExchangeStore;
  readonly outbox: OutboxStore;
}

/**
 * What flows may use outside of a transaction: reads, and writes that nobody decides on what was read for. Who a person
 * is and who is signed in are not among those.
 */
export interface ReadStores extends Omit<SingleStores, 'identities' | 'sessions' | 'flows' | 'secrets'> {
  readonly identities: IdentityReader;
  readonly sessions: SessionReader;
  readonly flows: Pick<FlowStore, 'find' | 'findConsumed' | 'insert'>;
  readonly secrets: Pick<OneTimeSecretStore, 'findOfFlow'>;
}

export interface Database {
  /** Single statements, each its own transaction. Using it inside `transaction` throws at once instead of hanging. */
  readonly stores: ReadStores;
  /**
   * Runs `work` in one transaction: all of it is stored, or nothing. It may run more than once (serialization conflicts are
   * retried), so it must have no effect outside the given stores and must not wait for hashing or the network.
   */
  transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T>;
  /** Fails where the database does not answer or has migrations to run. */
  check(): Promise<void>;
  readonly kind: 'sqlite' | 'postgres';
  close(): Promise<void>;
}
