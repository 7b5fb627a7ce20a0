// A Kratos database on MySQL or MariaDB.
import type { KratosDatabase, Row } from './database.ts';

export interface MysqlAddress {
  readonly host?: string;
  readonly port?: number;
  /** A socket of this machine, in place of host and port. */
  readonly socketPath?: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly isTls: boolean;
}

export async function openMysqlSource({ isTls, ...address }: MysqlAddress): Promise<KratosDatabase> {
  // Loaded here: few come from MySQL, and it is large.
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({
    ...address,
    ...(isTls ? { ssl: {} } : {}),
    charset: 'utf8mb4',
    connectTimeout: 10_000,
    // Everything as the server writes it: the driver would parse times by the clock of this machine, and JSON twice.
    typeCast: (field) => field.string('utf8'),
  });
  // Columns of type timestamp are told in the zone of the connection. Without the mode, a backslash in a value would mean
  // something else to the server than to the driver that escapes it.
  await connection.query(`set time_zone = '+00:00', sql_mode = ''`);
  return {
    kind: 'mysql',
    rows: async (sql, values = []) => {
      const [rows] = await connection.query(sql, [...values]);
      return rows as readonly Row[]; // a select, whose values typeCast made
    },
    snapshot: async (work) => {
      await connection.query('set transaction isolation level repeatable read, read only');
      await connection.query('start transaction with consistent snapshot');
      try {
        return await work();
      } finally {
        await connection.query('rollback');
      }
    },
    close: () => connection.end(),
  };
}
