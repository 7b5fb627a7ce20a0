// Changes of stored people, for tests that need somebody to be different.
import type { Database } from '../../src/flow/store.ts';
import { override } from '../../src/identity/change/change.ts';
import type { Plan, Written } from '../../src/identity/change/plan.ts';
import type { FullIdentity } from '../../src/identity/identity.ts';
import type { IdentityId } from '../../src/lib/ids.ts';
import { START_MS } from './databases.ts';

/** A plan with no condition; each test says only what matters to it. */
export function aPlan(of: Partial<Plan> & Pick<Plan, 'identityId'>): Plan {
  return {
    changes: [],
    guard: {},
    rules: {
      ownIdentifiers: new Set(['totp', 'passkey']),
      countFactors: ({ type, config }) => {
        const usable = Object.keys(config).length > 0 ? 1 : 0;
        return type === 'totp' ? { first: 0, second: usable } : { first: usable, second: 0 };
      },
    },
    nowMs: START_MS,
    act: (happened) => ({ ...happened, atMs: START_MS }),
    ...of,
  };
}

export const applyPlan = (
  database: Database,
  of: Partial<Plan> & Pick<Plan, 'identityId'>,
): Promise<Written> => database.transaction(({ identities }) => identities.apply(aPlan(of)));

/** Makes a stored person anew out of what they are. */
export const rewrite = (
  database: Database,
  id: IdentityId,
  to: (current: FullIdentity) => FullIdentity,
): Promise<Written> => applyPlan(database, { identityId: id, changes: [override(id).rewrite(to)] });
