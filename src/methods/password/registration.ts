// Signing up with a password: traits first, then the policy, then the hash.

import type { RegistrationAttempt, RegistrationHandler } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type RegistrationOutcome, rejected } from '../../flow/method/outcome.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import { isJsonObject } from '../../lib/json.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { newPassword, passwordButton } from './nodes.ts';
import type { PasswordPolicy } from './policy.ts';

const payload = Type.Object({
  method: Type.Optional(Type.String()),
  csrf_token: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  traits: Type.Optional(Type.Object({}, { additionalProperties: true })),
  transient_payload: Type.Optional(Type.Object({}, { additionalProperties: true })),
});

export function passwordRegistration(deps: MethodDeps, policy: PasswordPolicy): RegistrationHandler {
  return {
    payload,
    nodes: (moment) =>
      Promise.resolve(moment.kind === 'profile' ? [] : [newPassword, passwordButton(core.signUpLabel())]),
    submit: (attempt) => submit(deps, policy, attempt),
  };
}

async function submit(
  deps: MethodDeps,
  policy: PasswordPolicy,
  attempt: RegistrationAttempt,
): Promise<RegistrationOutcome> {
  const traits = isJsonObject(attempt.payload['traits']) ? attempt.payload['traits'] : {};
  const echo = flattenTraits(traits, 'traits');
  const chosen = String(attempt.payload['password'] ?? '');
  const checked = attempt.validate(traits);
  const missing = chosen === '' ? [{ message: core.required('password'), at: 'password' }] : [];
  if (!checked.ok) return { kind: 'rejected', problems: [...checked.problems, ...missing], echo };
  if (missing.length > 0) return { kind: 'rejected', problems: missing, echo };
  const own = checked.value.credentials.find((credential) => credential.type === 'password');
  const identifiers = own?.identifiers ?? [];
  if (identifiers.length === 0) return { ...rejected(core.missingIdentifier()), echo };
  const problems = await policy.check(chosen, identifiers);
  if (problems.length > 0) return { kind: 'rejected', problems, echo };
  return {
    kind: 'registered',
    traits: checked.value,
    credential: { type: 'password', config: { hashed_password: await deps.hasher.hash(chosen) } },
    proof: { method: 'password', aal: 'aal1' },
  };
}
