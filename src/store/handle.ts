// How a store reaches its database: reads at once, writes through whatever makes them durable.
import { CompiledQuery, type Kysely } from 'kysely';
import type { CourierMessage } from '../courier/message.ts';
import type { SecurityEvent } from '../event/event.ts';
import type { Stores } from '../flow/store.ts';
import type { Clock } from '../lib/clock.ts';
import type { OutboxEvent } from '../outbox/event.ts';
import type { Tables } from './tables.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export interface Handle {
  readonly kind: DatabaseKind;
  /** For reading only. */
  readonly read: Kysely<Tables>;
  /** Runs writes as one transaction, or inside the one that is open. */
  readonly write: <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
  /** The same for a single statement, which needs no transaction around it: one round trip instead of three. */
  readonly writeOne: <T>(statement: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
  /** Reads by a text that was made once, for what is asked all the time: Kysely's builder and executor cost more than the read. */
  readonly readText: <Row>(statement: Statement) => Promise<readonly Row[]>;
  /** The same for a single statement that writes; `isLosable`: not worth waiting for the disk, where the database can do without. */
  readonly writeText: (statement: Statement, of?: { readonly isLosable?: boolean }) => Promise<void>;
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** For connections that only Kysely can reach. Its rows have the shape that the text selects. */
export function textsThroughKysely(
  read: Kysely<Tables>,
  writeOne: Handle['writeOne'],
): Pick<Handle, 'readText' | 'writeText'> {
  const compiled = ({ sql, parameters }: Statement) => CompiledQuery.raw(sql, [...parameters]);
  return {
    readText: async <Row>(statement: Statement) => {
      const { rows } = await read.executeQuery<Row>(compiled(statement));
      return rows;
    },
    writeText: (statement) =>
      writeOne(async (db) => {
        await db.executeQuery(compiled(statement));
      }),
  };
}

export interface OpenOptions {
  readonly dsn: string;
  readonly clock: Clock;
  /** Told of every statement, for counting them. */
  readonly onQuery?: (sql: string) => void;
  /** Told of every security event once it is durable. */
  readonly onEvent?: (event: SecurityEvent) => void;
  /** Told of every message once it is queued for good. */
  readonly onQueued?: (message: CourierMessage) => void;
  /** Told when events are in the outbox for good. */
  readonly onEventQueued?: () => void;
  readonly onIdleError?: (error: Error) => void;
}

/** What a transaction did that others are told of when it is durable. */
export interface Traces {
  readonly events: readonly SecurityEvent[];
  readonly messages: readonly CourierMessage[];
  readonly outbox: readonly OutboxEvent[];
}

/** What each kind of database provides; `transaction` hands back the traces of the work. */
export interface OpenedDatabase {
  readonly kind: DatabaseKind;
  readonly handle: Handle;
  readonly transaction: <T>(work: (stores: Stores) => Promise<T>) => Promise<{ readonly value: T } & Traces>;
  readonly close: () => Promise<void>;
}

/** Neither database can hold a NUL, and a lone surrogate is no text: such a value is held by nobody. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** For what is compared later: stored in another form than it was given it would belong to somebody else. */
export function requireStorable(texts: readonly string[]): void {
  if (!texts.every(isStorable)) throw new Error('a text with a NUL or half a character cannot be stored');
}
