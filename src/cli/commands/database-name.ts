// A database in words for people, without its password.

/** `SQLite data/bia.sqlite`, `PostgreSQL localhost/bia`, `SQLite in memory`. */
export function databaseName(dsn: string): string {
  if (dsn === 'memory' || /^sqlite:\/\/.*(?::memory:|[?&]mode=memory)/.test(dsn)) {
    return 'SQLite in memory: everything is gone when the server stops';
  }
  if (dsn.startsWith('sqlite://')) {
    return `SQLite ${dsn
      .slice('sqlite://'.length)
      .replace(/\?.*$/, '')
      .replace(/^file:/, '')}`;
  }
  const url = URL.parse(dsn);
  return url ? `PostgreSQL ${url.host}${url.pathname}` : 'an unknown database';
}
