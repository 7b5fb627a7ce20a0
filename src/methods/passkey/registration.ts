// Signing up with a passkey.

import type { RegistrationAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type RegistrationOutcome, rejected } from '../../flow/method/outcome.ts';
import { noOffer, type Offer, type RegistrationStep, type Submitted } from '../../flow/method/step.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import type { JsonObject } from '../../lib/json.ts';
import { randomBase64Url } from '../../lib/secret.ts';
import * as core from '../../protocol/messages.ts';
import { firstUntitledField, labelledFields } from '../../schema/label.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import { Type } from '../../schema/typebox.ts';
import { readNewKeyAnswer } from '../../webauthn/answer.ts';
import { NOT_VERIFIED, UNREADABLE } from '../../webauthn/messages.ts';
import { verifyNewKey } from '../../webauthn/verify.ts';
import { NAME, newHandle, storedPasskeys } from './credential.ts';
import * as messages from './messages.ts';
import { answerField, dataField, type Page, script, triggerButton } from './nodes.ts';
import type { PasskeySettings } from './settings-in-force.ts';

const body = Type.Object({
  passkey_register: Type.Optional(Type.String()),
  traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function passkeyRegistration(
  deps: MethodDeps,
  settings: PasskeySettings,
): RegistrationStep<typeof body> {
  return {
    body,
    offer: async ({ flow, schema, stage }) =>
      stage.kind === 'profile'
        ? noOffer
        : offer(settings, schema, { type: flow.type, publicUrl: deps.publicUrl }),
    submit: (at) => submit(deps, settings, at),
  };
}

function offer(settings: PasskeySettings, schema: IdentitySchema, page: Page): Offer {
  const names = nameFields(schema);
  // Without a name a list of passkeys could not tell this person from another one.
  if (names.length === 0) return noOffer;
  const challenge = randomBase64Url(32);
  const handle = newHandle();
  const credentialOptions = settings.creation({
    challenge,
    user: { handle, name: settings.party.name },
  });
  const data = {
    credentialOptions,
    displayNameFieldName: names[0] ?? '',
    displayNameFieldNames: names,
  };
  return {
    edits: [
      dataField('passkey_create_data', data),
      triggerButton('passkey_register_trigger', page, {
        trigger: 'oryPasskeyRegistration',
        label: messages.signUp(),
      }),
      ...script(page),
      answerField('passkey_register', page),
    ],
    memory: { challenge, handle },
  };
}

/** The fields in which people type what they are called. */
function nameFields(schema: IdentitySchema): readonly string[] {
  const flagged = labelledFields(schema, [
    { type: NAME, flag: 'display_name' },
    { type: 'webauthn', flag: 'identifier' },
  ]);
  const untitled = firstUntitledField(schema);
  return flagged.length > 0 || untitled === undefined ? flagged : [untitled];
}

async function submit(
  deps: MethodDeps,
  settings: PasskeySettings,
  { memory, validate, body: given }: RegistrationAt & Submitted<typeof body>,
): Promise<RegistrationOutcome> {
  const { passkey_register: text = '' } = given;
  if (text === '' || text === 'true') return rejected(core.noRegistrationMethod());
  // The cast gives back what the schema says: any object.
  const traits = (given.traits ?? {}) as JsonObject;
  const echo = flattenTraits(traits, 'traits');
  const checked = validate(traits);
  if (!checked.ok) return { kind: 'rejected', problems: checked.problems, echo };
  const answer = readNewKeyAnswer(text);
  if (!answer) return { ...rejected(core.generic(UNREADABLE)), echo };
  const { challenge, handle } = memory;
  if (typeof challenge !== 'string' || typeof handle !== 'string') {
    return { ...rejected(core.generic(NOT_VERIFIED)), echo };
  }
  const made = await verifyNewKey(answer, {
    party: settings.party,
    challenge,
    requiresUserVerification: settings.requiresUserVerification,
    now: toRfc3339(deps.clock.nowMs()),
  });
  if (!made) return { ...rejected(core.generic(NOT_VERIFIED)), echo };
  const keys = [{ ...made, isPasswordless: true }];
  return {
    kind: 'registered',
    traits: checked.value,
    credential: { type: NAME, ...storedPasskeys({ keys, userHandle: handle }) },
    proof: { method: NAME, aal: 'aal1' },
  };
}
