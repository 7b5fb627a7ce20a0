// A change of a stored person, as flows make it: with the rules of the methods in force, and an event that says from where.
import type { Change, DeriveTraits } from '../../identity/change/change.ts';
import type { ChangeRules, Guard, Plan } from '../../identity/change/plan.ts';
import { validateTraits } from '../../identity/validate.ts';
import type { IdentityId } from '../../lib/ids.ts';
import type { FlowDeps } from '../deps.ts';
import { countFactors, ownIdentifierTypes } from '../method/factors.ts';
import { securityEvent } from './events.ts';
import type { Submission } from './submission.ts';

export function planFor(
  deps: FlowDeps,
  of: Submission,
  what: {
    readonly identityId: IdentityId;
    readonly changes?: readonly Change[] | undefined;
    readonly optional?: readonly Change[] | undefined;
    readonly guard: Guard;
  },
): Plan {
  return {
    ...what,
    changes: what.changes ?? [],
    rules: changeRules(deps),
    nowMs: deps.clock.nowMs(),
    act: (happened) => securityEvent(deps, of, happened),
  };
}

export const changeRules = ({ methods }: Pick<FlowDeps, 'methods'>): ChangeRules => ({
  ownIdentifiers: ownIdentifierTypes(methods),
  countFactors: (credential) => countFactors([credential], methods),
  kinds: methods,
});

/** What follows from the traits as they are; undefined where they fit their schema no longer, or it is gone. */
export const deriveTraits =
  ({ schemas }: Pick<FlowDeps, 'schemas'>): DeriveTraits =>
  ({ schemaId, traits }) => {
    const schema = schemas.find(schemaId);
    const checked = schema && validateTraits(schema, traits);
    return checked?.ok ? checked.value : undefined;
  };
