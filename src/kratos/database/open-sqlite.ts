// A Kratos database in a SQLite file, by the SQLite of Node.
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { KratosDatabase, Row } from './database.ts';

/** Throws an Error where the file is not there; opening it would make an empty one. */
export function openSqliteSource(path: string): KratosDatabase {
  if (!existsSync(path)) throw new Error(`there is no file ${path}`);
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('PRAGMA busy_timeout = 10000');
  return {
    kind: 'sqlite',
    rows: (sql, values = []) => {
      // An async function would not run before the next tick, and nothing here waits.
      try {
        return Promise.resolve(
          database
            .prepare(sql)
            .all(...values)
            .map(toRow),
        );
      } catch (error) {
        return Promise.reject(error);
      }
    },
    snapshot: async (work) => {
      database.exec('BEGIN');
      try {
        return await work();
      } finally {
        database.exec('COMMIT');
      }
    },
    close: () => Promise.resolve(database.close()),
  };
}

function toRow(row: Readonly<Record<string, SQLOutputValue>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toText(value)]));
}

function toText(value: SQLOutputValue): string | null {
  if (value === null || typeof value === 'string') return value;
  // Kratos writes some JSON as bytes.
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}
