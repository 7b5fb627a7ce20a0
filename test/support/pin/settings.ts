// Choosing another number.
import { Type } from 'typebox';
import type { SettingsHandler } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { rejected } from '../../../src/flow/method/outcome.ts';
import { saveLabel } from '../../../src/protocol/messages.ts';
import { isAcceptable, PIN, type PinSettings } from './config.ts';
import { messages } from './messages.ts';
import { pinNodes } from './nodes.ts';

export function pinSettings({ hasher }: MethodDeps, config: PinSettings): SettingsHandler {
  return {
    payload: Type.Object({ pin: Type.Optional(Type.String()) }),
    isAlwaysSensitive: true,
    nodes: () => Promise.resolve(pinNodes(saveLabel())),
    submit: async ({ payload }) => {
      const chosen = String(payload[PIN] ?? '');
      if (!isAcceptable(chosen, config)) return rejected(messages.unfit, PIN);
      return {
        kind: 'changed',
        credential: { type: PIN, config: { hashed_pin: await hasher.hash(chosen) } },
        isSensitive: true,
      };
    },
  };
}
