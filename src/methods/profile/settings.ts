// Changing one's traits while signed in. The whole set is replaced; what is left out is removed.
import type { Person, SettingsAt, SettingsStep, Submitted } from '../../flow/method/contract.ts';
import { traitsField } from '../../flow/method/fields.ts';
import type { SettingsOutcome } from '../../flow/method/outcome.ts';
import { append, methodButton } from '../../form/node.ts';
import { edit } from '../../identity/change/change.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';

const NAME = 'profile';

const body = Type.Object({ traits: traitsField });

export const profileSettings: SettingsStep<typeof body> = {
  body,
  query: 'instead',
  showsTraits: true,
  isAlwaysSensitive: false,
  offer: () => Promise.resolve({ edits: [append(methodButton(NAME, NAME, core.saveLabel()))] }),
  submit: (at) => Promise.resolve(submit(at)),
};

function submit({
  body: { traits },
  validate,
  identity,
}: SettingsAt & Person & Submitted<typeof body>): SettingsOutcome {
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
