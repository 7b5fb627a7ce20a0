// DSN -> which database, where, and with which pool.
export type Dsn =
  | { readonly kind: 'sqlite'; readonly path: string }
  | {
      readonly kind: 'postgres';
      readonly url: string;
      readonly pool: { readonly max?: number; readonly maxIdleMs?: number; readonly maxLifetimeS?: number };
    };

const SUPPORTED = 'Supported are sqlite://FILE, memory and postgres://USER:PASSWORD@HOST/NAME.';

/** Reads a DSN as Kratos writes it (docs/protocol/platform.md 1.5). Throws an Error that says what is supported. */
export function parseDsn(dsn: string, parseDurationMs: (text: string) => number): Dsn {
  if (dsn === 'memory') return { kind: 'sqlite', path: ':memory:' };
  if (dsn.startsWith('sqlite://')) return { kind: 'sqlite', path: sqlitePath(dsn.slice('sqlite://'.length)) };
  if (!/^postgres(?:ql)?:\/\//.test(dsn)) {
    const [scheme] = dsn.split(':');
    throw new Error(`The DSN scheme "${scheme}" is not supported. ${SUPPORTED}`);
  }
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
      ...(max === undefined ? {} : { max: Number(max) }),
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
