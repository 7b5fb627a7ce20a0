// A sign-in writes to an address that is not verified yet, and goes on.
import type { HookDefinition } from '../flow/hook/contract.ts';

export const verification: HookDefinition<object> = {
  name: 'verification',
  flows: ['login'],
  create: () => ({
    before: async ({ flow, begin }) => {
      if (flow.requestedAal !== 'aal1' || !begin) return { kind: 'pass' };
      const begun = await begin();
      return {
        kind: 'pass',
        ...(begun.begun[0] ? { verification: begun.begun[0] } : {}),
        effect: async (stores) => {
          for (const effect of begun.effects) await effect(stores);
          return true;
        },
      };
    },
  }),
};
