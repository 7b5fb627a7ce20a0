// Signing up with a number, or by a visit to the house.
import { Type } from 'typebox';
import { noOffer, type RegistrationStep } from '../../../src/flow/method/contract.ts';
import { optionalText, traitsField } from '../../../src/flow/method/fields.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { rejected } from '../../../src/flow/method/outcome.ts';
import { signUpLabel } from '../../../src/protocol/messages.ts';
import { isAcceptable, PIN, type PinSettings } from './config.ts';
import { leaveFor } from './house.ts';
import { messages } from './messages.ts';
import { houseButton, pinNodes } from './nodes.ts';

const body = Type.Object({
  pin: optionalText(),
  house: optionalText(),
  traits: Type.Optional(traitsField),
});

export function pinRegistration(
  { hasher }: MethodDeps,
  settings: PinSettings,
): RegistrationStep<typeof body> {
  return {
    body,
    offer: ({ stage }) =>
      Promise.resolve(
        stage.kind === 'profile' ? noOffer : { edits: [...pinNodes(signUpLabel()), houseButton] },
      ),
    submit: async ({ body: { pin: chosen = '', house, traits = {} }, validate }) => {
      if (house) return leaveFor(settings);
      const checked = validate(traits);
      if (!checked.ok) return { kind: 'rejected', problems: checked.problems };
      if (!isAcceptable(chosen, settings)) return rejected(messages.unfit, PIN);
      return {
        kind: 'registered',
        traits: checked.value,
        credential: { type: PIN, config: { hashed_pin: await hasher.hash(chosen) } },
        proof: { method: PIN, aal: 'aal1' },
      };
    },
  };
}
