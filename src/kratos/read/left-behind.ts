// What stays with Kratos, counted: so that nobody is surprised afterwards.
import type { Source } from './network.ts';
import { toTimeText } from './values.ts';

export interface LeftBehind {
  readonly what: string;
  readonly count: number;
}

/** How many of each kind there are; a table that this release of Kratos has not counts as empty. */
export async function leftBehind(
  { database, networkId }: Source,
  nowMs: number,
): Promise<readonly LeftBehind[]> {
  const now = toTimeText(nowMs);
  const count = async (what: string, sql: string, values: readonly string[]): Promise<LeftBehind> => {
    const rows = await database.rows(sql, values).catch(() => []);
    return { what, count: Number(rows[0]?.['total'] ?? 0) };
  };
  const counted = await Promise.all([
    count(
      'messages that Kratos has not sent yet (let its courier finish)',
      'select count(*) as total from courier_messages where nid = ? and status in (1, 3)',
      [networkId],
    ),
    count(
      'sign-ups that wait for a code (they start again)',
      `select count(*) as total from identity_registration_codes where nid = ? and used_at is null and expires_at > ?`,
      [networkId, now],
    ),
    count(
      'sign-ins at providers that are under way (they start again)',
      'select count(*) as total from continuity_containers where nid = ? and expires_at > ?',
      [networkId, now],
    ),
    count(
      'live sessions without a token, from releases of long ago',
      'select count(*) as total from sessions where nid = ? and token is null and expires_at > ?',
      [networkId, now],
    ),
    count(
      'identities of other networks in the same database',
      'select count(*) as total from identities where nid <> ?',
      [networkId],
    ),
  ]);
  return counted.filter((found) => found.count > 0);
}
