// Signing up with a security key instead of a password.

import type { RegistrationAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type RegistrationOutcome, rejected } from '../../flow/method/outcome.ts';
import { noOffer, type RegistrationStep, type Submitted } from '../../flow/method/step.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import { randomBase64Url } from '../../lib/secret.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { readNewKeyAnswer } from '../../webauthn/answer.ts';
import { NOT_VERIFIED, UNREADABLE } from '../../webauthn/messages.ts';
import { creationOptions } from '../../webauthn/options.ts';
import { verifyNewKey } from '../../webauthn/verify.ts';
import { NAME, storedKeys } from './credential.ts';
import * as messages from './messages.ts';
import { creationEdits } from './nodes.ts';
import type { WebauthnSettings } from './settings-in-force.ts';

const body = Type.Object({
  webauthn_register: Type.Optional(Type.String()),
  webauthn_register_displayname: Type.Optional(Type.String({ maxLength: 256 })),
  traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

const TIMEOUT_MS = 120_000;

export function webauthnRegistration(
  deps: MethodDeps,
  settings: WebauthnSettings,
): RegistrationStep<typeof body> {
  const { party } = settings;
  return {
    body,
    offer: async ({ flow, stage }) => {
      if (flow.type === 'api' || stage.kind === 'profile') return noOffer;
      const challenge = randomBase64Url(32);
      const handle = randomBase64Url(16);
      const options = creationOptions({
        party,
        challenge,
        user: { handle, name: party.name },
        timeoutMs: TIMEOUT_MS,
        userVerification: 'discouraged',
      });
      const labels = { label: messages.signUpWithKey(), nameLabel: messages.keyName() };
      return {
        edits: creationEdits(options, { ...labels, publicUrl: deps.publicUrl }),
        memory: { challenge, handle },
      };
    },
    submit: (at) => submit(deps, settings, at),
  };
}

async function submit(
  deps: MethodDeps,
  { party }: WebauthnSettings,
  { flow, memory, validate, body: given }: RegistrationAt & Submitted<typeof body>,
): Promise<RegistrationOutcome> {
  const { webauthn_register: text = '', webauthn_register_displayname: displayName = '' } = given;
  if (flow.type === 'api' || text === '') return rejected(core.noRegistrationMethod());
  // The cast gives back what the schema says: any object.
  const traits = (given.traits ?? {}) as JsonObject;
  const echo = { ...flattenTraits(traits, 'traits'), webauthn_register_displayname: displayName };
  const checked = validate(traits);
  if (!checked.ok) {
    const shown = flattenTraits(traits, 'traits');
    return { kind: 'rejected', problems: checked.problems, echo: shown };
  }
  const answer = readNewKeyAnswer(text);
  if (!answer) return { ...rejected(core.generic(UNREADABLE)), echo };
  const own = checked.value.credentials.find(({ type }) => type === NAME);
  if (!own || own.identifiers.length === 0) return { ...rejected(core.missingIdentifier()), echo };
  const { challenge, handle } = memory;
  const made =
    typeof challenge === 'string' && typeof handle === 'string'
      ? await verifyNewKey(answer, {
          party,
          challenge,
          requiresUserVerification: false,
          now: toRfc3339(deps.clock.nowMs()),
        })
      : undefined;
  if (!made) return { ...rejected(core.generic(NOT_VERIFIED)), echo };
  const key = { ...made, displayName, isPasswordless: true };
  return {
    kind: 'registered',
    traits: checked.value,
    credential: { type: NAME, ...storedKeys({ keys: [key], userHandle: String(handle) }) },
    proof: { method: NAME, aal: 'aal1' },
  };
}
