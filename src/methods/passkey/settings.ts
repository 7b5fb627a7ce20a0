// Adding and removing passkeys.

import type { Person, SettingsAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import type { Offer, SettingsStep, Submitted } from '../../flow/method/step.ts';
import { append, input } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { randomBase64Url } from '../../lib/secret.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { readNewKeyAnswer } from '../../webauthn/answer.ts';
import { hexId } from '../../webauthn/keys.ts';
import { HELD_ALREADY, LAST_WAY_IN, NOT_VERIFIED, UNKNOWN_KEY, UNREADABLE } from '../../webauthn/messages.ts';
import { verifyNewKey } from '../../webauthn/verify.ts';
import { displayName, handleText, NAME, newHandle, ringOf, storedPasskeys, withKeys } from './credential.ts';
import * as messages from './messages.ts';
import { answerField, dataField, type Page, script, triggerButton } from './nodes.ts';
import type { PasskeySettings } from './settings-in-force.ts';

const body = Type.Object({
  passkey_settings_register: Type.Optional(Type.String()),
  passkey_remove: Type.Optional(Type.String({ maxLength: 4096 })),
});

type SettingsSubmission = SettingsAt & Person & Submitted<typeof body>;

export function passkeySettings(deps: MethodDeps, settings: PasskeySettings): SettingsStep<typeof body> {
  return {
    body,
    isAlwaysSensitive: true,
    offer: async (at) => offer(deps, settings, at),
    submit: async (at) => {
      if (at.body.passkey_remove) return removePasskey(at, at.body.passkey_remove);
      if (at.body.passkey_settings_register) return addPasskey(deps, settings, at);
      return rejected(core.noSettingsMethod());
    },
  };
}

function offer(deps: MethodDeps, settings: PasskeySettings, at: SettingsAt): Offer {
  const { flow, identity, schema, factors } = at;
  const page: Page = { type: flow.type, publicUrl: deps.publicUrl };
  const { keys, userHandle = newHandle() } = ringOf(identity);
  const disabled = factors.first < 2;
  const buttons = keys.map((key) => {
    const field = { name: 'passkey_remove', type: 'submit', value: hexId(key), disabled } as const;
    return append(input(NAME, field, messages.removePasskey(key)));
  });
  const name = displayName(schema, identity);
  // Without a name a list of passkeys could not tell this person from another one.
  if (name === undefined) return { edits: buttons, memory: {} };
  const challenge = randomBase64Url(32);
  const options = settings.creation({ challenge, user: { handle: userHandle, name }, exclude: keys });
  return {
    edits: [
      ...buttons,
      ...script(page),
      triggerButton('passkey_register_trigger', page, {
        trigger: 'oryPasskeySettingsRegistration',
        label: messages.addPasskey(),
        value: '',
      }),
      answerField('passkey_settings_register', page),
      dataField('passkey_create_data', options),
    ],
    memory: { challenge, handle: userHandle },
  };
}

function removePasskey({ identity, factors }: SettingsSubmission, wanted: string): SettingsOutcome {
  const ring = ringOf(identity);
  const key = ring.keys.find((held) => hexId(held) === wanted.toLowerCase());
  if (!key) return rejected(core.generic(UNKNOWN_KEY));
  if (factors.first < 2) return rejected(core.generic(LAST_WAY_IN), 'passkey_remove');
  const keys = ring.keys.filter((held) => held !== key);
  // The handle goes with the last passkey: nothing is left that would still lead to this person.
  const left = keys.length === 0 ? 'remove' : withKeys(ring, keys);
  return {
    kind: 'changed',
    changes: [edit(identity).credential(NAME, () => left)],
    lastFactorAt: 'passkey_remove',
    isSensitive: true,
  };
}

async function addPasskey(
  deps: MethodDeps,
  settings: PasskeySettings,
  { identity, memory, body: given }: SettingsSubmission,
): Promise<SettingsOutcome> {
  const answer = readNewKeyAnswer(given.passkey_settings_register ?? '');
  if (!answer) return rejected(core.generic(UNREADABLE));
  const ring = ringOf(identity);
  if (ring.keys.some(({ id }) => id === answer.id)) {
    return rejected(core.generic(HELD_ALREADY), 'passkey_settings_register');
  }
  const { challenge, handle } = memory;
  if (typeof challenge !== 'string' || typeof handle !== 'string') {
    return rejected(core.missingIdentifier());
  }
  const made = await verifyNewKey(answer, {
    party: settings.party,
    challenge,
    requiresUserVerification: settings.requiresUserVerification,
    now: toRfc3339(deps.clock.nowMs()),
  });
  if (!made) return rejected(core.generic(NOT_VERIFIED));
  const keys = [...ring.keys, { ...made, isPasswordless: true }];
  const held = identity.credentials[NAME]?.identifiers ?? [];
  const stored = {
    ...storedPasskeys({ keys, userHandle: ring.userHandle ?? handle }),
    // Two forms that were open before there was a first passkey have given out two handles.
    identifiers: [...new Set([...held, handleText(handle)])],
  };
  return {
    kind: 'changed',
    changes: [edit(identity).credential(NAME, () => stored)],
    proof: { method: NAME, aal: 'aal1' },
    isSensitive: true,
  };
}
