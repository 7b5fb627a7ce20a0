// Signing up with a number.
import { Type } from 'typebox';
import type { RegistrationHandler } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { rejected } from '../../../src/flow/method/outcome.ts';
import { isJsonObject } from '../../../src/lib/json.ts';
import { signUpLabel } from '../../../src/protocol/messages.ts';
import { isAcceptable, PIN, type PinSettings } from './config.ts';
import { messages } from './messages.ts';
import { pinNodes } from './nodes.ts';

export function pinRegistration({ hasher }: MethodDeps, config: PinSettings): RegistrationHandler {
  return {
    payload: Type.Object({
      pin: Type.Optional(Type.String()),
      traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
    }),
    nodes: ({ kind }) => Promise.resolve(kind === 'profile' ? [] : pinNodes(signUpLabel())),
    submit: async ({ payload, validate }) => {
      const checked = validate(isJsonObject(payload['traits']) ? payload['traits'] : {});
      if (!checked.ok) return { kind: 'rejected', problems: checked.problems };
      const chosen = String(payload[PIN] ?? '');
      if (!isAcceptable(chosen, config)) return rejected(messages.unfit, PIN);
      return {
        kind: 'registered',
        traits: checked.value,
        credential: { type: PIN, config: { hashed_pin: await hasher.hash(chosen) } },
        proof: { method: PIN, aal: 'aal1' },
      };
    },
  };
}
