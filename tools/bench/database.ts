// A throw-away database of each kind, as durable as in production.
import path from 'node:path';
import { startPostgres } from '../../test/support/postgres.ts';
import type { DatabaseKind } from './options.ts';

export interface ThrowAwayDatabase {
  readonly dsn: string;
  readonly remove: () => Promise<void>;
}

/** SQLite puts its file into the folder, PostgreSQL brings a server of its own. */
export async function openThrowAway(kind: DatabaseKind, folder: string): Promise<ThrowAwayDatabase> {
  if (kind === 'sqlite') {
    return { dsn: `sqlite://${path.join(folder, 'bench.sqlite')}`, remove: () => Promise.resolve() };
  }
  const server = await startPostgres(['fsync=on', 'synchronous_commit=on', 'shared_buffers=256MB']);
  return { dsn: server.url, remove: server.stop };
}
