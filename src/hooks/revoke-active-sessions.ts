// Ends all other sessions of the person, as after a new password.
import type { HookDefinition } from '../flow/hook/contract.ts';
import { endOtherSessions } from '../flow/session/end-others.ts';

export const revokeActiveSessions: HookDefinition<object> = {
  name: 'revoke_active_sessions',
  flows: ['login', 'settings', 'recovery'],
  create: () => ({
    before: (context) =>
      Promise.resolve({
        kind: 'pass',
        effect: async (stores) => {
          const { identity, atMs } = context;
          const session = 'session' in context ? context.session : undefined;
          const others = session ? { exceptId: session.id } : {};
          await endOtherSessions(stores, { identityId: identity.id, ...others, nowMs: atMs });
          return true;
        },
      }),
  }),
};
