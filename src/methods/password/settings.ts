// Choosing a new password while signed in.

import type { Person, SettingsAt, SettingsStep, Submitted } from '../../flow/method/contract.ts';
import { optionalText } from '../../flow/method/fields.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import { edit } from '../../identity/change/change.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { storedHash } from './hash.ts';
import * as messages from './messages.ts';
import { newPassword, passwordButton } from './nodes.ts';
import type { PasswordPolicy } from './policy.ts';

const body = Type.Object({
  password: optionalText(),
});

export function passwordSettings(deps: MethodDeps, policy: PasswordPolicy): SettingsStep<typeof body> {
  return {
    body,
    isAlwaysSensitive: true,
    offer: () => Promise.resolve({ edits: [newPassword, passwordButton(core.saveLabel())] }),
    submit: (at) => submit(deps, policy, at),
  };
}

async function submit(
  deps: MethodDeps,
  policy: PasswordPolicy,
  { body: { password: chosen = '' }, identity }: SettingsAt & Person & Submitted<typeof body>,
): Promise<SettingsOutcome> {
  if (chosen === '') return rejected(core.required('password'), 'password');
  const credential = identity.credentials['password'];
  const problems = await policy.check(chosen, credential?.identifiers ?? []);
  if (problems.length > 0) return { kind: 'rejected', problems };
  const before = storedHash(credential?.config);
  if (before !== undefined && (await deps.hasher.verify(chosen, before))) {
    return rejected(messages.sameAsBefore(), 'password');
  }
  const config = { hashed_password: await deps.hasher.hash(chosen) };
  return {
    kind: 'changed',
    changes: [edit(identity).credential('password', () => ({ config }))],
    isSensitive: true,
  };
}
