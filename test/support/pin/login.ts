// Identifier and number, or only the number of somebody who is signed in already.
import { Type } from 'typebox';
import type { LoginAttempt, LoginHandler } from '../../../src/flow/method/contract.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { type LoginOutcome, rejected } from '../../../src/flow/method/outcome.ts';
import { input, upsert } from '../../../src/form/node.ts';
import { reliedOn } from '../../../src/identity/change/plan.ts';
import type { Snapshot } from '../../../src/identity/change/snapshot.ts';
import { lookupForms } from '../../../src/schema/normalise.ts';
import { PIN, type PinSettings, storedHash } from './config.ts';
import { messages } from './messages.ts';
import { pinNodes } from './nodes.ts';

export function pinLogin(deps: MethodDeps, { factor }: PinSettings): LoginHandler {
  const aal = factor === 'first' ? 'aal1' : 'aal2';
  return {
    levels: [aal],
    payload: Type.Object({ identifier: Type.Optional(Type.String()), pin: Type.Optional(Type.String()) }),
    nodes: (moment) => {
      const own = pinNodes(messages.signIn);
      if (factor === 'second') return Promise.resolve(moment.kind === 'second-factor' ? own : []);
      if (moment.kind !== 'first-factor') return Promise.resolve([]);
      const identifier = { name: 'identifier', type: 'text', value: '', required: true } as const;
      return Promise.resolve([upsert(input('default', identifier, moment.identifierLabel)), ...own]);
    },
    submit: async (attempt) => {
      const person = await whoTries(deps, attempt, factor);
      return checkPin(deps, person, { typed: String(attempt.payload[PIN] ?? ''), aal });
    },
  };
}

async function whoTries(
  { database }: MethodDeps,
  { payload, session }: LoginAttempt,
  factor: PinSettings['factor'],
): Promise<Snapshot | undefined> {
  if (factor === 'second') return session?.identity;
  const forms = lookupForms(String(payload['identifier'] ?? ''));
  return database.stores.identities.findFullByIdentifier(forms, PIN);
}

export async function checkPin(
  { hasher }: MethodDeps,
  identity: Snapshot | undefined,
  of: { readonly typed: string; readonly aal: 'aal1' | 'aal2' },
): Promise<LoginOutcome> {
  const hash = storedHash(identity?.credentials[PIN]);
  if (!identity || hash === undefined) {
    await hasher.verifyDummy(of.typed);
    return rejected(messages.wrong);
  }
  if (!(await hasher.verify(of.typed, hash))) return rejected(messages.wrong, PIN);
  const basis = { credentials: [reliedOn(identity, PIN)] };
  return { kind: 'authenticated', identity, proof: { method: PIN, aal: of.aal }, basis };
}
