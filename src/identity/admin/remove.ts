// Administrators take away an identity, or one of its credentials.

import type { Act } from '../../event/administrator.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { badRequest, notFound } from '../../protocol/refusals.ts';
import { type CredentialDraft, changeIdentity } from '../assemble.ts';
import type { Credential, FullIdentity } from '../identity.ts';
import { type ValidatedTraits, validateTraits } from '../validate.ts';
import { type AdministrationDeps, type CredentialRules, ownIdentifierTypes } from './administration.ts';
import { changeStored } from './update.ts';

/** Throws 404. Sessions, flows, credentials and addresses go with it. */
export function deleteIdentity(deps: AdministrationDeps, id: IdentityId, act: Act): Promise<void> {
  return deps.transaction(async ({ identities, events }) => {
    if (!(await identities.delete(id))) throw notFound();
    await events.append(act({ kind: 'identity.deleted', identityId: id }));
  });
}

/** A credential; with `identifier` one part of it, such as one of several linked accounts. */
export interface CredentialName {
  readonly type: string;
  readonly identifier: string | undefined;
}

/** Throws 404 where there is no such credential, 400 where it must stay. */
export async function removeCredential(
  deps: AdministrationDeps,
  id: IdentityId,
  named: CredentialName,
  act: Act,
): Promise<void> {
  await changeStored(deps, id, act, (before) => withoutCredential(deps, before, named));
}

function withoutCredential(
  deps: AdministrationDeps,
  before: FullIdentity,
  { type, identifier }: CredentialName,
): FullIdentity {
  const credential = Object.hasOwn(before.credentials, type) ? before.credentials[type] : undefined;
  if (!credential) throw notFound(`The identity has no credential of type "${type}".`);
  const rules = deps.credentialRules.find((rule) => rule.name === type);
  if (!rules || rules.removal === 'never')
    throw badRequest(`Credentials of type "${type}" cannot be deleted.`);
  const rest = remainder(rules, credential, identifier);
  // Identifiers that follow from the traits stay taken: the person may set such a credential up again.
  const traits = derivedTraits(deps, before);
  const after = changeIdentity(before, {
    ...(traits ? { traits } : {}),
    ...(rest ? { credentials: [rest] } : { removedCredential: type }),
    nowMs: deps.clock.nowMs(),
    ownIdentifiers: ownIdentifierTypes(deps.credentialRules),
  });
  if (rules.removal === 'unless-last' && countFirstFactors(deps, after) === 0) {
    throw badRequest('This is the last sign-in method of this identity and cannot be deleted.');
  }
  return after;
}

function remainder(
  rules: CredentialRules,
  credential: Credential,
  identifier: string | undefined,
): CredentialDraft | undefined {
  if (!rules.withoutPart) return undefined;
  const left = rules.withoutPart(credential, identifier);
  switch (left.kind) {
    case 'unknown-part':
      throw notFound(`The identity has no "${identifier}" in its credential of type "${rules.name}".`);
    case 'nothing':
      return undefined;
    case 'rest':
      return { type: rules.name, ...left.draft };
    default:
      return left satisfies never;
  }
}

/** Undefined where the traits fit their schema no more: then what they said stays as it is. */
function derivedTraits(deps: AdministrationDeps, identity: FullIdentity): ValidatedTraits | undefined {
  const schema = deps.schemas.find(identity.schemaId);
  const checked = schema && validateTraits(schema, identity.traits);
  return checked?.ok ? checked.value : undefined;
}

function countFirstFactors(deps: AdministrationDeps, identity: FullIdentity): number {
  const counts = Object.values(identity.credentials).map(
    (credential) =>
      deps.credentialRules.find((rule) => rule.name === credential.type)?.countFactors(credential).first ?? 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
