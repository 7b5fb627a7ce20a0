// Leads a person to the verification that was begun with the act.
import type { HookDefinition } from '../flow/hook/contract.ts';
import { showVerification } from '../flow/verification/begin.ts';

export const showVerificationUi: HookDefinition<object> = {
  name: 'show_verification_ui',
  flows: ['login', 'registration', 'settings'],
  create: () => ({
    after: ({ flow, verification }) => {
      if (!verification) return Promise.resolve({ kind: 'pass' });
      const continueWith = [showVerification(verification, flow.type)];
      // Settings are changed on a page of their own, to which one goes back (docs/protocol/platform.md 3.2).
      const goesOn = flow.kind === 'settings' ? {} : { goTo: verification.url };
      return Promise.resolve({ kind: 'pass', continueWith, ...goesOn });
    },
  }),
};
