// Signing up with a password: traits first, then the policy, then the hash.

import {
  noOffer,
  type RegistrationAt,
  type RegistrationStep,
  type Submitted,
} from '../../flow/method/contract.ts';
import { optionalText, traitsField } from '../../flow/method/fields.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type Authenticated, type RegistrationOutcome, rejected } from '../../flow/method/outcome.ts';
import { flattenTraits } from '../../form/trait-nodes.ts';
import { reliedOn } from '../../identity/change/plan.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { storedHash } from './hash.ts';
import { newPassword, passwordButton } from './nodes.ts';
import type { PasswordPolicy } from './policy.ts';

const body = Type.Object({
  password: optionalText(),
  traits: Type.Optional(traitsField),
});

export function passwordRegistration(
  deps: MethodDeps,
  policy: PasswordPolicy,
): RegistrationStep<typeof body> {
  return {
    body,
    offer: ({ stage }) =>
      Promise.resolve(
        stage.kind === 'profile' ? noOffer : { edits: [newPassword, passwordButton(core.signUpLabel())] },
      ),
    submit: (at) => submit(deps, policy, at),
    sentAgain: ({ identity, body: { password = '' } }) => signInAgain(deps, identity, password),
  };
}

async function submit(
  deps: MethodDeps,
  policy: PasswordPolicy,
  at: RegistrationAt & Submitted<typeof body>,
): Promise<RegistrationOutcome> {
  const { traits = {}, password: chosen = '' } = at.body;
  const echo = flattenTraits(traits, 'traits');
  const checked = at.validate(traits);
  const missing = chosen === '' ? [{ message: core.required('password'), at: 'password' }] : [];
  if (!checked.ok) return { kind: 'rejected', problems: [...checked.problems, ...missing], echo };
  if (missing.length > 0) return { kind: 'rejected', problems: missing, echo };
  const own = checked.value.credentials.find((credential) => credential.type === 'password');
  const identifiers = own?.identifiers ?? [];
  if (identifiers.length === 0) return { ...rejected(core.missingIdentifier()), echo };
  const problems = await policy.check(chosen, identifiers);
  if (problems.length > 0) return { kind: 'rejected', problems, echo };
  const config = { hashed_password: await deps.hasher.hash(chosen) };
  return {
    kind: 'registered',
    traits: checked.value,
    credential: { type: 'password', config },
    heldUntilProven: (address) => ({ type: 'password', config: { ...config, held_until_proven: address } }),
    proof: { method: 'password', aal: 'aal1' },
  };
}

async function signInAgain(
  deps: MethodDeps,
  identity: Snapshot,
  password: string,
): Promise<Authenticated | undefined> {
  const hash = storedHash(identity.credentials['password']?.config);
  if (hash === undefined || password === '' || !(await deps.hasher.verify(password, hash))) return undefined;
  return {
    kind: 'authenticated',
    identity,
    proof: { method: 'password', aal: 'aal1' },
    basis: { credentials: [reliedOn(identity, 'password')] },
  };
}
