// Leads a person to the verification that was begun with the act.
import type { HookDefinition } from '../flow/hook/contract.ts';
import { showVerification } from '../flow/verification/begin.ts';

export const showVerificationUi: HookDefinition<object> = {
  name: 'show_verification_ui',
  flows: ['login', 'registration', 'settings'],
  create: () => ({
    after: (context) => {
      const verification = 'verification' in context ? context.verification : undefined;
      if (!verification) return Promise.resolve(undefined);
      const continueWith = [showVerification(verification, context.flow.type)];
      // Settings are changed on a page of their own, to which one goes back (docs/protocol/platform.md 3.2).
      return Promise.resolve({
        continueWith,
        ...(context.kind === 'settings' ? {} : { goTo: verification.url }),
      });
    },
  }),
};
