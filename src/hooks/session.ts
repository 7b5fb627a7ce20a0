// Signs the new person in right after registration.
import type { HookDefinition } from '../flow/hook/contract.ts';

export const session: HookDefinition<object> = {
  name: 'session',
  flows: ['registration'],
  isLast: true,
  create: () => ({ before: () => Promise.resolve({ kind: 'pass', signsIn: true }) }),
};
