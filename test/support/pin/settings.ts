// Choosing another number.
import { Type } from 'typebox';
import type { SettingsHandler } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { rejected } from '../../../src/flow/method/outcome.ts';
import { edit } from '../../../src/identity/change/change.ts';
import { saveLabel } from '../../../src/protocol/messages.ts';
import { isAcceptable, PIN, type PinSettings } from './config.ts';
import { messages } from './messages.ts';
import { pinNodes } from './nodes.ts';

export function pinSettings({ hasher }: MethodDeps, config: PinSettings): SettingsHandler {
  return {
    payload: Type.Object({ pin: Type.Optional(Type.String()) }),
    isAlwaysSensitive: true,
    nodes: () => Promise.resolve(pinNodes(saveLabel())),
    submit: async ({ payload, identity }) => {
      const chosen = String(payload[PIN] ?? '');
      if (!isAcceptable(chosen, config)) return rejected(messages.unfit, PIN);
      const held = { hashed_pin: await hasher.hash(chosen) };
      const changes = [edit(identity).credential(PIN, () => ({ config: held }))] as const;
      return { kind: 'changed', changes, isSensitive: true };
    },
  };
}
