// Choosing a new password while signed in.

import type { SettingsAttempt, SettingsHandler } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { rejected, type SettingsOutcome } from '../../flow/method/outcome.ts';
import { edit } from '../../identity/change/change.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { storedHash } from './hash.ts';
import * as messages from './messages.ts';
import { newPassword, passwordButton } from './nodes.ts';
import type { PasswordPolicy } from './policy.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function passwordSettings(deps: MethodDeps, policy: PasswordPolicy): SettingsHandler {
  return {
    payload,
    isAlwaysSensitive: true,
    nodes: () => Promise.resolve([newPassword, passwordButton(core.saveLabel())]),
    submit: (attempt) => submit(deps, policy, attempt),
  };
}

async function submit(
  deps: MethodDeps,
  policy: PasswordPolicy,
  { payload: body, identity }: SettingsAttempt,
): Promise<SettingsOutcome> {
  const chosen = String(body['password'] ?? '');
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
