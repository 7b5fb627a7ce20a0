// A database of Kratos, for reading only: every value comes as text, whatever the database calls it.

/** A row; values as text, null where there is none. */
export type Row = Readonly<Record<string, string | null>>;

export interface KratosDatabase {
  readonly kind: 'sqlite' | 'postgres' | 'mysql';
  /** Rows of a statement with `?` for each value. */
  rows(sql: string, values?: readonly string[]): Promise<readonly Row[]>;
  /** Runs the work on one state of the data: what belongs together is read as it was at one moment. */
  snapshot<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** An expression that makes text of a column, as the database writes it. */
export function textOf(kind: KratosDatabase['kind'], column: string): string {
  if (kind === 'mysql') return `cast(${column} as char)`;
  // SQLite and the driver of PostgreSQL hand everything over as it is written.
  return column;
}
