// The address of a Kratos database, as its configuration has it -> the database, open for reading.
import { parseDsn } from '../../config/dsn.ts';
import type { KratosDatabase } from './database.ts';
import { type MysqlAddress, openMysqlSource } from './open-mysql.ts';
import { openPostgresSource } from './open-postgres.ts';
import { openSqliteSource } from './open-sqlite.ts';

const SUPPORTED =
  'Supported are sqlite://FILE, postgres://, cockroach:// and mysql://USER:PASSWORD@tcp(HOST:PORT)/NAME.';

/** Throws an Error with advice where it cannot be opened, or is no database of Kratos. */
export async function openKratosDatabase(dsn: string): Promise<KratosDatabase> {
  const database = await connect(dsn);
  try {
    await database.rows('select id from networks limit 1');
    await database.rows('select id from identity_credential_types limit 1');
    return database;
  } catch (cause) {
    await database.close();
    throw new Error('This is no database of Kratos, or a very old one: let Kratos migrate it first.', {
      cause,
    });
  }
}

function connect(dsn: string): Promise<KratosDatabase> | KratosDatabase {
  if (/^(?:mysql|mariadb):/.test(dsn)) return openMysqlSource(parseMysqlDsn(dsn));
  const [scheme = ''] = dsn.split('://');
  const known = SAME_AS[scheme];
  if (known === undefined) {
    throw new Error(`The DSN scheme "${scheme.slice(0, 20)}" is not supported. ${SUPPORTED}`);
  }
  const parsed = parseDsn(`${known}${dsn.slice(scheme.length)}`);
  if (parsed.kind === 'postgres') return openPostgresSource(parsed.url);
  if (parsed.path === ':memory:') throw new Error(`The DSN names no file. ${SUPPORTED}`);
  return openSqliteSource(parsed.path);
}

const SAME_AS: Readonly<Record<string, string>> = {
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  cockroach: 'postgres',
  cockroachdb: 'postgres',
};

/** Reads the form that Go's driver knows: user:password@protocol(address)/name?options. */
export function parseMysqlDsn(dsn: string): MysqlAddress {
  const pattern = /^(?:mysql|mariadb):\/\/(?:(.*)@)?(?:(tcp|unix)\(([^)]*)\)|([^/()]*))\/([^?]+)(?:\?(.*))?$/;
  const [, account = '', protocol, inner, plain, database = '', query = ''] = pattern.exec(dsn) ?? [];
  if (database === '') throw new Error(`The MySQL DSN cannot be read. ${SUPPORTED}`);
  const [user = '', ...rest] = account.split(':');
  const tls = new URLSearchParams(query).get('tls');
  return {
    ...(protocol === 'unix' ? { socketPath: inner ?? '' } : hostAndPort(inner ?? plain ?? '')),
    // Neither is escaped in this form.
    user: user === '' ? 'root' : user,
    password: rest.join(':'),
    database: decodeURIComponent(database),
    isTls: tls !== null && tls !== 'false',
  };
}

function hostAndPort(address: string): Pick<MysqlAddress, 'host' | 'port'> {
  const [, host = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  return {
    host: host === '' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 3306 : Number(port),
  };
}
