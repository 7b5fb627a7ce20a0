// A number that is dictated: the form shows it, and it counts once it was typed back. It can be removed, and the house linked.
import { Type } from 'typebox';
import type { Person, SettingsAt, SettingsStep, Submitted } from '../../../src/flow/method/contract.ts';
import { optionalText } from '../../../src/flow/method/fields.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../../src/flow/method/outcome.ts';
import { sealParts } from '../../../src/flow/method/sealed-parts.ts';
import { append, input } from '../../../src/form/node.ts';
import { edit } from '../../../src/identity/change/change.ts';
import { randomDigits } from '../../../src/lib/secret.ts';
import { saveLabel } from '../../../src/protocol/messages.ts';
import { PIN, type PinSettings, SEALED, storedHash } from './config.ts';
import { leaveFor } from './house.ts';
import { messages } from './messages.ts';
import { houseButton, pinNodes } from './nodes.ts';

const body = Type.Object({
  pin: optionalText(),
  hint: optionalText(),
  remove: optionalText(),
  house: optionalText(),
});

export function pinSettings(deps: MethodDeps, settings: PinSettings): SettingsStep<typeof body> {
  return {
    body,
    isAlwaysSensitive: true,
    offer: ({ identity }) => {
      const dictated = randomDigits(settings.digits);
      const shown = append({
        type: 'text',
        group: PIN,
        attributes: {
          node_type: 'text',
          id: 'pin_dictated',
          text: { ...messages.dictated, text: dictated },
        },
        messages: [],
        meta: { label: messages.dictated },
      });
      const button = input(PIN, { name: 'remove', type: 'submit', value: 'true' }, messages.remove);
      const remove = storedHash(identity.credentials[PIN]) === undefined ? [] : [append(button)];
      return Promise.resolve({
        edits: [shown, ...pinNodes(saveLabel()), ...remove, houseButton],
        memory: { dictated },
      });
    },
    submit: (at) => submit(deps, settings, at),
  };
}

async function submit(
  { hasher, sealer }: MethodDeps,
  settings: PinSettings,
  { body: sent, memory, identity }: SettingsAt & Person & Submitted<typeof body>,
): Promise<SettingsOutcome> {
  if (sent.house) return leaveFor(settings);
  const { credential } = edit(identity);
  if (sent.remove) {
    const changes = [credential(PIN, () => 'remove')] as const;
    return { kind: 'changed', changes, isSensitive: true, lastFactorAt: 'remove' };
  }
  // Only what this form has shown is taken.
  if (sent.pin !== memory['dictated']) return rejected(messages.wrong, PIN);
  const config = sealParts(
    { hashed_pin: await hasher.hash(sent.pin ?? ''), ...(sent.hint ? { hint: sent.hint } : {}) },
    SEALED,
    sealer,
  );
  return {
    kind: 'changed',
    changes: [credential(PIN, (held) => ({ config: { ...held?.config, ...config } }))],
    isSensitive: true,
  };
}
