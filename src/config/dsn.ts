// DSN -> which database, where, and with which pool.
import { parseDurationMs } from '../lib/duration.ts';

export type Dsn =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      readonly pool: { readonly max?: number; readonly maxIdleMs?: number; readonly maxLifetimeS?: number };
    };

const SUPPORTED = 'Use postgres://USER:PASSWORD@HOST/NAME, sqlite://FILE or memory.';

/** Reads a DSN as Kratos writes it (docs/protocol/platform.md 1.5). Throws an Error that says what is supported. */
export function parseDsn(dsn: string): Dsn {
  if (dsn === 'memory') return { kind: 'sqlite', path: ':memory:' };
  if (dsn.startsWith('sqlite://')) return { kind: 'sqlite', path: sqlitePath(dsn.slice('sqlite://'.length)) };
  if (!/^postgres(?:ql)?:\/\//.test(dsn)) throw new Error(`${otherKind(dsn)} ${SUPPORTED}`);
  let url: URL;
  try {
    url = new URL(dsn);
  } catch {
    throw new Error(`The PostgreSQL DSN is not a URL. ${SUPPORTED}`);
  }
  const take = (name: string): string | undefined => {
    const value = url.searchParams.get(name) ?? undefined;
    url.searchParams.delete(name);
    return value;
  };
  const max = take('max_conns');
  const idle = take('max_conn_idle_time');
  const lifetime = take('max_conn_lifetime');
  take('max_idle_conns');
  return {
    kind: 'postgres',
    url: url.href,
    pool: {
      ...(max === undefined ? {} : { max: countOf(max) }),
      ...(idle === undefined ? {} : { maxIdleMs: parseDurationMs(idle) }),
      ...(lifetime === undefined ? {} : { maxLifetimeS: Math.ceil(parseDurationMs(lifetime) / 1000) }),
    },
  };
}

function sqlitePath(rest: string): string {
  const [file = '', query = ''] = rest.split('?');
  const isMemory = /:memory:/.test(file) || new URLSearchParams(query).get('mode') === 'memory';
  if (isMemory) return ':memory:';
  if (file === '') throw new Error(`The SQLite DSN names no file. ${SUPPORTED}`);
  return decodeURIComponent(file.replace(/^file:/, ''));
}

const NAMES: Readonly<Record<string, string>> = {
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  cockroach: 'CockroachDB',
  cockroachdb: 'CockroachDB',
  crdb: 'CockroachDB',
};

/** Only what is surely a scheme is repeated: anything else may be a password. */
function otherKind(dsn: string): string {
  const [, scheme] = /^([a-z][a-z0-9+]{0,19}):\/\//i.exec(dsn) ?? [];
  if (scheme === undefined) return 'This is not the address of a database.';
  return `Bia does not work with ${NAMES[scheme.toLowerCase()] ?? `databases of the scheme "${scheme}"`}.`;
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error('max_conns in the DSN must be a whole number above 0.');
}

/** Why the DSN cannot be used; undefined where it can be tried. */
export function dsnFault(dsn: string): string | undefined {
  try {
    parseDsn(dsn);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
