// The address of a Kratos database, as its configuration has it -> the database, open for reading.
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

function connect(dsn: string): Promise<KratosDatabase> {
  const [scheme = ''] = dsn.split('://');
  if (scheme === 'sqlite' || scheme === 'sqlite3') {
    return Promise.resolve().then(() => openSqliteSource(sqlitePath(dsn)));
  }
  if (/^(?:postgres|postgresql|cockroach|cockroachdb|crdb)$/.test(scheme)) {
    return openPostgresSource(postgresUrl(dsn));
  }
  if (scheme === 'mysql' || scheme === 'mariadb') return openMysqlSource(parseMysqlDsn(dsn));
  throw new Error(`The DSN scheme "${scheme.slice(0, 20)}" is not supported. ${SUPPORTED}`);
}

function sqlitePath(dsn: string): string {
  const [file = ''] = dsn.replace(/^sqlite3?:\/\//, '').split('?');
  if (file === '' || /:memory:/.test(file)) throw new Error(`The DSN names no file. ${SUPPORTED}`);
  return decodeURIComponent(file.replace(/^file:/, ''));
}

/** Without what only Kratos reads in it. */
function postgresUrl(dsn: string): string {
  let url: URL;
  try {
    url = new URL(dsn.replace(/^[a-z]+:/, 'postgres:'));
  } catch {
    throw new Error(`The DSN is no URL. ${SUPPORTED}`);
  }
  for (const name of ['max_conns', 'max_idle_conns', 'max_conn_lifetime', 'max_conn_idle_time'])
    url.searchParams.delete(name);
  return url.href;
}

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
