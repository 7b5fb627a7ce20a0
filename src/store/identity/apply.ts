// The one way in which a stored person is changed: read and held, compared, written, with its events, in one transaction.
import type { Kysely } from 'kysely';
import type { Stores } from '../../flow/store.ts';
import { decide } from '../../identity/change/decide.ts';
import { type Ends, endsOf } from '../../identity/change/ends.ts';
import { changeEvents } from '../../identity/change/events.ts';
import type { Plan, Written } from '../../identity/change/plan.ts';
import { asSnapshot } from '../../identity/change/snapshot.ts';
import type { DatabaseKind, Handle } from '../handle.ts';
import type { Tables } from '../tables.ts';
import { asConflict } from './conflicts.ts';
import { readForChange, writeChange } from './identities.ts';

interface ApplyDeps {
  readonly db: Kysely<Tables>;
  readonly kind: DatabaseKind;
  /** Remembers a write that failed. */
  readonly write: Handle['write'];
  /** Of the same transaction. */
  readonly stores: Pick<Stores, 'sessions' | 'events' | 'secrets'>;
}

export async function apply(deps: ApplyDeps, plan: Plan): Promise<Written> {
  const { identityId, changes, optional = [] } = plan;
  const stranger = [...changes, ...optional].find((change) => change.identityId !== identityId);
  if (stranger) throw new Error(`a change for ${stranger.identityId} stands in a plan for ${identityId}`);
  const before = await readForChange(deps, identityId, changes.length + optional.length > 0);
  if (!before) return { kind: 'gone' };
  const decided = decide(before, plan, await isSessionActive(deps, plan));
  if (decided.kind !== 'decided') return decided;
  const { after, made } = decided;
  if (after !== before) await deps.write((db) => asConflict(() => writeChange(db, after)));
  for (const event of changeEvents(before, after, { ...plan, made })) {
    await deps.stores.events.append(plan.act(event));
  }
  await end(deps, plan, endsOf(before, after, made));
  return { kind: 'written', before, after: asSnapshot(after) };
}

async function isSessionActive({ stores }: ApplyDeps, { guard, identityId, nowMs }: Plan): Promise<boolean> {
  if (guard.session === undefined) return true;
  const found = await stores.sessions.find(guard.session);
  if (!found || found.identity.id !== identityId) return false;
  return found.session.active && found.session.expiresAtMs > nowMs;
}

const EVERY_PURPOSE = ['login', 'recovery', 'verification'] as const;

async function end({ stores }: ApplyDeps, { identityId, nowMs, act }: Plan, ends: Ends): Promise<void> {
  const { addresses } = ends;
  if (addresses.length > 0) {
    await stores.secrets.deleteOfIdentity({ identityId, purposes: EVERY_PURPOSE, addresses });
  }
  if (ends.waysAroundCredentials) {
    await stores.secrets.deleteOfIdentity({ identityId, purposes: ['login', 'recovery'] });
  }
  if (!ends.sessions) return;
  const count = await stores.sessions.revoke({ identityId, nowMs });
  if (count > 0) await stores.events.append(act({ kind: 'session.revoked', identityId, details: { count } }));
}
