// How a store reaches its database: reads at once, writes through whatever makes them durable.
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export interface Handle {
  readonly kind: DatabaseKind;
  /** For reading only. */
  readonly read: Kysely<Tables>;
  /** Runs writes as one transaction, or inside the one that is open. */
  readonly write: <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
}

/** Neither database can hold a NUL, and a lone surrogate is no text: such a value is held by nobody. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
