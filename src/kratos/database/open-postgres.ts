// A Kratos database on PostgreSQL or CockroachDB.
import { createRequire } from 'node:module';
import type Pg from 'pg';
import type { KratosDatabase, Row } from './database.ts';

// Loaded with the first such database, as in the store. The type is what the package declares.
const driver = (): typeof Pg => createRequire(import.meta.url)('pg') as typeof Pg;

export async function openPostgresSource(url: string): Promise<KratosDatabase> {
  const pg = driver();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    // Everything as the server writes it: one form for all databases, and no digit is lost.
    types: { getTypeParser: () => (value: string | Buffer) => value.toString() },
  });
  await client.connect();
  // One that breaks fails the query in use; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.query(`set datestyle = 'ISO, YMD'; set timezone = 'UTC'`);
  return {
    kind: 'postgres',
    rows: async (sql, values = []) => {
      let index = 0;
      const text = sql.replaceAll('?', () => `$${++index}`);
      const { rows } = await client.query<Row>(text, [...values]);
      return rows;
    },
    snapshot: async (work) => {
      await client.query('begin isolation level repeatable read read only');
      try {
        return await work();
      } finally {
        await client.query('rollback');
      }
    },
    close: () => client.end(),
  };
}
