// A sign-in writes to an address that is not verified yet, and goes on.
import { type HookDefinition, pass } from '../flow/hook/contract.ts';

export const verification: HookDefinition<object> = {
  name: 'verification',
  flows: ['login'],
  create: () => ({
    before: async (context) => {
      if (context.kind !== 'login' || context.flow.requestedAal !== 'aal1') return pass;
      const { begun, effects } = await context.beginVerification();
      return {
        kind: 'pass',
        ...(begun[0] ? { verification: begun[0] } : {}),
        effect: async (stores) => {
          for (const effect of effects) await effect(stores);
          return true;
        },
      };
    },
  }),
};
