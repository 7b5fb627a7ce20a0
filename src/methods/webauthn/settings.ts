// Adding and removing security keys.

import type { Person, SettingsAt } from '../../flow/method/at.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import { noOffer, type Offer, type SettingsStep, type Submitted } from '../../flow/method/step.ts';
import { append, input, type NodeEdit } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { randomBase64Url } from '../../lib/secret.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { readNewKeyAnswer } from '../../webauthn/answer.ts';
import { hexId, type Key } from '../../webauthn/keys.ts';
import { HELD_ALREADY, LAST_WAY_IN, NOT_VERIFIED, UNKNOWN_KEY, UNREADABLE } from '../../webauthn/messages.ts';
import { creationOptions } from '../../webauthn/options.ts';
import { verifyNewKey } from '../../webauthn/verify.ts';
import { handleOf, NAME, ringOf, storedKeys } from './credential.ts';
import * as messages from './messages.ts';
import { creationEdits } from './nodes.ts';
import type { WebauthnSettings } from './settings-in-force.ts';

const body = Type.Object({
  webauthn_register: Type.Optional(Type.String()),
  webauthn_register_displayname: Type.Optional(Type.String({ maxLength: 256 })),
  webauthn_remove: Type.Optional(Type.String({ maxLength: 4096 })),
});

const TIMEOUT_MS = 120_000;

type SettingsSubmission = SettingsAt & Person & Submitted<typeof body>;

export function webauthnSettings(deps: MethodDeps, settings: WebauthnSettings): SettingsStep<typeof body> {
  return {
    body,
    isAlwaysSensitive: true,
    offer: async (at) => offer(deps, settings, at),
    submit: async (at) => {
      if (at.flow.type === 'api') return rejected(core.noSettingsMethod());
      if (at.body.webauthn_remove) return removeKey(at, at.body.webauthn_remove);
      if (at.body.webauthn_register) return addKey(deps, settings, at);
      return rejected(core.noSettingsMethod());
    },
  };
}

function offer(deps: MethodDeps, { party }: WebauthnSettings, at: SettingsAt): Offer {
  if (at.flow.type === 'api') return noOffer;
  const ring = ringOf(at.identity);
  const challenge = randomBase64Url(32);
  const handle = handleOf(ring, at.identity.id);
  const options = creationOptions({
    party,
    challenge,
    user: { handle, name: party.name },
    timeoutMs: TIMEOUT_MS,
    userVerification: 'discouraged',
    exclude: ring.keys,
  });
  const labels = { label: messages.addKey(), nameLabel: messages.keyName() };
  return {
    edits: [
      ...ring.keys.map((key) => removeButton(key, at)),
      ...creationEdits(options, { ...labels, publicUrl: deps.publicUrl }),
    ],
    memory: { challenge, handle },
  };
}

const isLastWayIn = (key: Key, { factors }: SettingsAt): boolean => key.isPasswordless && factors.first < 2;

function removeButton(key: Key, at: SettingsAt): NodeEdit {
  const disabled = isLastWayIn(key, at);
  const field = { name: 'webauthn_remove', type: 'submit', value: hexId(key), disabled } as const;
  return append(input(NAME, field, messages.removeKey(key)));
}

function removeKey(at: SettingsSubmission, wanted: string): SettingsOutcome {
  const ring = ringOf(at.identity);
  const key = ring.keys.find((held) => hexId(held) === wanted.toLowerCase());
  if (!key) return rejected(core.generic(UNKNOWN_KEY));
  if (isLastWayIn(key, at)) return rejected(core.generic(LAST_WAY_IN), 'webauthn_remove');
  const keys = ring.keys.filter((held) => held !== key);
  const left = storedKeys({ keys, userHandle: handleOf(ring, at.identity.id) });
  return {
    kind: 'changed',
    changes: [edit(at.identity).credential(NAME, () => left)],
    lastFactorAt: 'webauthn_remove',
    isSensitive: true,
  };
}

async function addKey(
  deps: MethodDeps,
  { party, isPasswordless }: WebauthnSettings,
  { identity, memory, body: given }: SettingsSubmission,
): Promise<SettingsOutcome> {
  const { webauthn_register: text = '', webauthn_register_displayname: displayName = '' } = given;
  if (displayName === '') {
    const at = 'webauthn_register_displayname';
    return rejected(core.required(at), at);
  }
  const answer = readNewKeyAnswer(text);
  if (!answer) return rejected(core.generic(UNREADABLE));
  const ring = ringOf(identity);
  if (ring.keys.some(({ id }) => id === answer.id)) {
    return rejected(core.generic(HELD_ALREADY), 'webauthn_register');
  }
  const { challenge, handle } = memory;
  if (typeof challenge !== 'string' || typeof handle !== 'string') {
    return rejected(core.generic(NOT_VERIFIED));
  }
  const made = await verifyNewKey(answer, {
    party,
    challenge,
    requiresUserVerification: false,
    now: toRfc3339(deps.clock.nowMs()),
  });
  if (!made) return rejected(core.generic(NOT_VERIFIED));
  const keys = [...ring.keys, { ...made, displayName, isPasswordless }];
  return {
    kind: 'changed',
    changes: [edit(identity).credential(NAME, () => storedKeys({ keys, userHandle: handle }))],
    proof: { method: NAME, aal: isPasswordless ? 'aal1' : 'aal2' },
    isSensitive: true,
  };
}
