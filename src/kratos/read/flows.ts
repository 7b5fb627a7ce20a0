// Flows that wait for a code or link that somebody has in their mailbox.
import { type Row, textOf } from '../database/database.ts';
import { groupBy } from './identities.ts';
import { marks, type Source } from './network.ts';
import { textAt, toTimeText } from './values.ts';

export type WaitingKind = 'login' | 'recovery' | 'verification';
export const WAITING_KINDS: readonly WaitingKind[] = ['login', 'recovery', 'verification'];

export interface KratosSecret {
  readonly kind: 'code' | 'link';
  /** id, digest, flow_id, identity_id, address, via, issued_at, expires_at; `is_by_hand` where an administrator made it. */
  readonly row: Row;
}

export interface KratosFlow {
  readonly kind: WaitingKind;
  readonly flow: Row;
  readonly secrets: readonly KratosSecret[];
  /** A change of traits that waits for this verification. */
  readonly change: Row | undefined;
}

interface SecretTable {
  readonly kind: KratosSecret['kind'];
  readonly table: string;
  readonly flowColumn: string;
  /** Digest, identity, address, channel and whether an administrator made it, of a secret `s`. */
  readonly columns: string;
  readonly joins: string;
}

const OWN_RECOVERY = `left join identity_recovery_addresses a on a.id = s.identity_recovery_address_id`;
const OWN_VERIFICATION = `left join identity_verifiable_addresses a on a.id = s.identity_verifiable_address_id`;
const ADDRESS = 'a.value as address, a.via as via';

const TABLES: Readonly<Record<WaitingKind, readonly SecretTable[]>> = {
  login: [
    {
      kind: 'code',
      table: 'identity_login_codes',
      flowColumn: 'selfservice_login_flow_id',
      columns: 's.code as digest, s.identity_id, s.address, s.address_type as via, 0 as is_by_hand',
      joins: '',
    },
  ],
  recovery: [
    {
      kind: 'code',
      table: 'identity_recovery_codes',
      flowColumn: 'selfservice_recovery_flow_id',
      columns: `s.code as digest, s.identity_id, ${ADDRESS}, case when s.code_type = 1 then 1 else 0 end as is_by_hand`,
      joins: OWN_RECOVERY,
    },
    {
      kind: 'link',
      table: 'identity_recovery_tokens',
      flowColumn: 'selfservice_recovery_flow_id',
      columns: `s.token as digest, s.identity_id, ${ADDRESS}, case when s.token_type = 1 then 1 else 0 end as is_by_hand`,
      joins: OWN_RECOVERY,
    },
  ],
  verification: [
    {
      kind: 'code',
      table: 'identity_verification_codes',
      flowColumn: 'selfservice_verification_flow_id',
      columns: `s.code_hmac as digest, a.identity_id, ${ADDRESS}, 0 as is_by_hand`,
      joins: OWN_VERIFICATION,
    },
    {
      kind: 'link',
      table: 'identity_verification_tokens',
      flowColumn: 'selfservice_verification_flow_id',
      columns: `s.token as digest, a.identity_id, ${ADDRESS}, 0 as is_by_hand`,
      joins: OWN_VERIFICATION,
    },
  ],
};

/** Whether something of the flow `f` can still be used; takes a time for each table. */
function isWaiting(kind: WaitingKind): string {
  const held = TABLES[kind].map(
    ({ table, flowColumn }) =>
      `exists (select 1 from ${table} s where s.${flowColumn} = f.id and s.used_at is null and s.expires_at > ?)`,
  );
  return `f.state <> 'passed_challenge' and f.expires_at > ? and (${held.join(' or ')})`;
}

const timesOf = (kind: WaitingKind, nowMs: number): readonly string[] =>
  [undefined, ...TABLES[kind]].map(() => toTimeText(nowMs));

export interface FlowsPage {
  readonly kind: WaitingKind;
  readonly afterId: string;
  readonly limit: number;
  readonly nowMs: number;
}

export function flowsAfter(source: Source, page: FlowsPage): Promise<readonly KratosFlow[]> {
  const { database, networkId } = source;
  const { kind, nowMs } = page;
  const more = kind === 'login' ? 'f.forced, f.requested_aal' : '0 as forced, null as requested_aal';
  return database.snapshot(async () => {
    const flows = await database.rows(
      `select f.id, f.type, f.state, f.active_method, f.issued_at, f.expires_at, f.csrf_token, f.request_url,
        ${textOf(database.kind, 'f.ui')} as ui, ${more} from selfservice_${kind}_flows f
        where f.nid = ? and f.id > ? and ${isWaiting(kind)} order by f.id limit ${page.limit}`,
      [networkId, page.afterId, ...timesOf(kind, nowMs)],
    );
    return withSecrets(source, { kind, flows, nowMs });
  });
}

/** Those of the ids that still wait. */
export async function flowsStillWaiting(
  source: Source,
  kind: WaitingKind,
  of: { readonly ids: readonly string[]; readonly nowMs: number },
): Promise<ReadonlySet<string>> {
  const rows = await source.database.rows(
    `select f.id from selfservice_${kind}_flows f where f.nid = ? and f.id in (${marks(of.ids)}) and ${isWaiting(kind)}`,
    [source.networkId, ...of.ids, ...timesOf(kind, of.nowMs)],
  );
  return new Set(rows.map((row) => textAt(row, 'id')));
}

async function withSecrets(
  source: Source,
  {
    kind,
    flows,
    nowMs,
  }: { readonly kind: WaitingKind; readonly flows: readonly Row[]; readonly nowMs: number },
): Promise<readonly KratosFlow[]> {
  if (flows.length === 0) return [];
  const ids = flows.map((row) => textAt(row, 'id'));
  const secrets: KratosSecret[] = [];
  for (const table of TABLES[kind]) {
    const rows = await source.database.rows(
      `select s.id, s.${table.flowColumn} as flow_id, s.issued_at, s.expires_at, ${table.columns}
        from ${table.table} s ${table.joins}
        where s.nid = ? and s.used_at is null and s.expires_at > ? and s.${table.flowColumn} in (${marks(ids)})
        order by s.id`,
      [source.networkId, toTimeText(nowMs), ...ids],
    );
    secrets.push(...rows.map((row) => ({ kind: table.kind, row })));
  }
  const changes = kind === 'verification' ? await waitingChanges(source, ids) : new Map<string, Row[]>();
  return flows.map((flow) => {
    const id = textAt(flow, 'id');
    return {
      kind,
      flow,
      secrets: secrets.filter(({ row }) => row['flow_id'] === id),
      change: changes.get(id)?.[0],
    };
  });
}

async function waitingChanges(
  source: Source,
  flowIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const { database, networkId, has } = source;
  if (!has.waitingChanges) return new Map();
  const rows = await database.rows(
    `select p.verification_flow_id as flow_id, p.identity_id, p.session_id, p.new_address_value as address,
      p.new_address_via as via, p.original_traits_hash, ${textOf(database.kind, 'p.proposed_traits')} as proposed_traits,
      ${textOf(database.kind, 'i.traits')} as traits
      from identity_pending_traits_changes p join identities i on i.id = p.identity_id
      where p.nid = ? and p.status = 'pending' and p.verification_flow_id in (${marks(flowIds)})`,
    [networkId, ...flowIds],
  );
  return groupBy(rows, 'flow_id');
}
