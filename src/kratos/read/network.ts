// Which rows of the database are Kratos's own: those of its oldest network.
import type { KratosDatabase } from '../database/database.ts';
import { textAt } from './values.ts';

/** What everything is read from. */
export interface Source {
  readonly database: KratosDatabase;
  readonly networkId: string;
  /** Columns and tables that older releases have not. */
  readonly has: {
    readonly externalIds: boolean;
    readonly organizations: boolean;
    readonly waitingChanges: boolean;
  };
}

/** Kratos takes the oldest network too; rows of others belong to installations that share the database. */
export async function openSource(
  database: KratosDatabase,
): Promise<{ readonly source: Source; readonly otherNetworks: number }> {
  const networks = await database.rows('select id from networks order by created_at, id');
  const [own] = networks;
  if (!own) throw new Error('The database of Kratos is empty: Kratos was never started on it.');
  const works = (sql: string): Promise<boolean> =>
    database.rows(`${sql} limit 1`).then(
      () => true,
      () => false,
    );
  return {
    source: {
      database,
      networkId: textAt(own, 'id'),
      has: {
        externalIds: await works('select external_id from identities'),
        organizations: await works('select organization_id from identities'),
        waitingChanges: await works('select session_id from identity_pending_traits_changes'),
      },
    },
    otherNetworks: networks.length - 1,
  };
}

/** `?, ?, ?` for a list of values. */
export const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');
