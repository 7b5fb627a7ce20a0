// What stays with Kratos, counted: so that nobody is surprised afterwards.
import type { Source } from './network.ts';
import { toTimeText } from './values.ts';

export interface LeftBehind {
  readonly what: string;
  readonly count: number;
}

/** What is counted, with its condition; `NOW` takes the present moment. */
const COUNTED: readonly (readonly [what: string, table: string, condition: string])[] = [
  [
    'messages that Kratos has not sent yet (let its courier finish)',
    'courier_messages',
    'nid = ? and status in (1, 3)',
  ],
  [
    'sign-ups that wait for a code (they start again)',
    'identity_registration_codes',
    'nid = ? and used_at is null and expires_at > NOW',
  ],
  [
    'sign-ins at providers that are under way (they start again)',
    'continuity_containers',
    'nid = ? and expires_at > NOW',
  ],
  [
    'live sessions without a token, from releases of long ago',
    'sessions',
    'nid = ? and token is null and expires_at > NOW',
  ],
  ['identities of other networks in the same database', 'identities', 'nid <> ?'],
];

/** How many of each kind there are. A table that this release of Kratos has not counts as empty. */
export async function leftBehind(
  { database, networkId }: Source,
  nowMs: number,
): Promise<readonly LeftBehind[]> {
  const found: LeftBehind[] = [];
  for (const [what, table, condition] of COUNTED) {
    const values = [networkId, ...(condition.includes('NOW') ? [toTimeText(nowMs)] : [])];
    const sql = `select count(*) as total from ${table} where ${condition.replace('NOW', '?')}`;
    const [row] = await database.rows(sql, values).catch(() => []);
    const count = Number(row?.['total'] ?? 0);
    if (count > 0) found.push({ what, count });
  }
  return found;
}
