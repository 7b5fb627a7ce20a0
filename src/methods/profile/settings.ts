// Changing one's traits while signed in. The whole set is replaced; what is left out is removed.

import type { SettingsAttempt, SettingsHandler } from '../../flow/method/contract.ts';
import type { SettingsOutcome } from '../../flow/method/outcome.ts';
import { append, methodButton } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import { isJsonObject } from '../../lib/json.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';

const NAME = 'profile';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  traits: Type.Object({}, { additionalProperties: true }),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export const profileSettings: SettingsHandler = {
  payload,
  takesQuery: true,
  showsTraits: true,
  isAlwaysSensitive: false,
  nodes: () => Promise.resolve([append(methodButton(NAME, NAME, core.saveLabel()))]),
  submit: (attempt) => Promise.resolve(submit(attempt)),
};

function submit({ payload: body, validate, identity }: SettingsAttempt): SettingsOutcome {
  const traits = isJsonObject(body['traits']) ? body['traits'] : {};
  const checked = validate(traits);
  if (!checked.ok) {
    return { kind: 'rejected', problems: checked.problems, traits };
  }
  return {
    kind: 'changed',
    changes: [edit(identity).traits(checked.value)],
    isSensitive: 'if-sign-in-changes',
  };
}
