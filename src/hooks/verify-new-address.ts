// A new address takes the place of the old one only when its owner has shown that it is theirs.

import { type HookDefinition, pass } from '../flow/hook/contract.ts';
import * as messages from '../protocol/messages.ts';

export const verifyNewAddress: HookDefinition<object> = {
  name: 'verify_new_address',
  flows: ['settings'],
  isGate: true,
  create: () => ({
    before: (context) => {
      if (context.kind !== 'settings' || !context.postpone) return Promise.resolve(pass);
      const held = context.previous.verifiableAddresses;
      const [address, another] = context.identity.verifiableAddresses.filter(
        ({ via, value }) => !held.some((old) => old.via === via && old.value === value),
      );
      if (!address) return Promise.resolve(pass);
      // Each would need a proof of its own, and the change can wait for one only.
      if (another) {
        return Promise.resolve({ kind: 'veto', problems: [{ message: messages.tooManyAddressChanges() }] });
      }
      return context.postpone(address);
    },
  }),
};
