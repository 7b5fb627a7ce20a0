// Identifier and password -> the person, at the same cost whether or not the account exists.

import type { Guess, LoginStage, LoginStep, Submitted } from '../../flow/method/contract.ts';
import { optionalText } from '../../flow/method/fields.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { type LoginOutcome, type Rejected, rejected } from '../../flow/method/outcome.ts';
import { input, type NodeEdit, upsert } from '../../form/node.ts';
import { type Change, edit } from '../../identity/change/change.ts';
import { reliedOn } from '../../identity/change/plan.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import * as core from '../../protocol/messages.ts';
import { lookupForms, normaliseIdentifier } from '../../schema/normalise.ts';
import { Type } from '../../schema/typebox.ts';
import { isHeld, storedHash } from './hash.ts';
import * as messages from './messages.ts';
import { currentPassword, passwordButton } from './nodes.ts';

const body = Type.Object({
  identifier: optionalText(),
  /** Older clients call the identifier so. */
  password_identifier: optionalText(),
  password: optionalText(),
});

export function passwordLogin(deps: MethodDeps): LoginStep<typeof body> {
  return {
    levels: ['aal1'],
    body,
    offer: ({ stage }) => Promise.resolve({ edits: loginNodes(stage) }),
    guess: ({ body: typed }) => Promise.resolve(guessOf(typed)),
    submit: (at) => submit(deps, at),
  };
}

type Typed = Submitted<typeof body>['body'];

const identifierIn = ({ identifier, password_identifier }: Typed): string =>
  identifier ?? password_identifier ?? '';

/** Counted by what was typed, known or not: nothing may tell which accounts there are. */
function guessOf(typed: Typed): Guess | undefined {
  const identifier = identifierIn(typed);
  if (identifier === '' || !typed.password) return undefined;
  return { accounts: [normaliseIdentifier(identifier)], secret: 'chosen' };
}

function loginNodes(stage: LoginStage): readonly NodeEdit[] {
  switch (stage.kind) {
    case 'first-factor': {
      const field = { name: 'identifier', type: 'text', value: '', required: true } as const;
      return [
        upsert(input('default', field, stage.identifierLabel)),
        currentPassword,
        passwordButton(messages.signInWithPassword()),
      ];
    }
    case 'first-factor-refresh': {
      const credential = stage.identity.credentials['password'];
      if (!storedHash(credential?.config)) return [];
      const known = { name: 'identifier', type: 'hidden', value: credential?.identifiers[0] ?? '' } as const;
      return [upsert(input('default', known)), currentPassword, passwordButton(messages.signInAgain())];
    }
    case 'credentials': {
      const hasPassword = storedHash(stage.identity?.credentials['password']?.config) !== undefined;
      // Concealed accounts show the field to everybody: the form must not tell who has a password.
      return hasPassword || stage.isConcealed
        ? [currentPassword, passwordButton(messages.signInWithPassword())]
        : [];
    }
    case 'second-factor':
    case 'identifier':
      return [];
    default:
      return stage satisfies never;
  }
}

async function submit(deps: MethodDeps, at: Submitted<typeof body>): Promise<LoginOutcome> {
  const identifier = identifierIn(at.body);
  const { password: typed = '' } = at.body;
  const missing = [...(typed === '' ? ['password'] : []), ...(identifier === '' ? ['identifier'] : [])];
  if (missing.length > 0) {
    const problems = missing.map((name) => ({ message: core.required(name), at: name }));
    return { kind: 'rejected', problems, echo: { identifier } };
  }
  const identity = await deps.database.stores.identities.findFullByIdentifier(
    lookupForms(identifier),
    'password',
  );
  const hash = storedHash(identity?.credentials['password']?.config);
  if (!identity || hash === undefined) {
    // Same work as for a known account: the time of the answer must not tell which accounts exist.
    await deps.hasher.verifyDummy(typed);
    return refused(identifier);
  }
  if (!(await deps.hasher.verify(typed, hash)) || isHeld(identity)) return refused(identifier);
  return {
    kind: 'authenticated',
    identity,
    proof: { method: 'password', aal: 'aal1' },
    basis: { credentials: [reliedOn(identity, 'password')] },
    optional: await rehash(deps, { identity, hash, typed }),
  };
}

const refused = (identifier: string): Rejected => ({
  ...rejected(messages.wrongCredentials()),
  echo: { identifier },
});

/** A hash made with older parameters is replaced while the password is at hand; the sign-in counts even where that fails. */
async function rehash(
  deps: MethodDeps,
  of: { readonly identity: Snapshot; readonly hash: string; readonly typed: string },
): Promise<readonly Change[]> {
  if (!deps.hasher.needsRehash(of.hash)) return [];
  let hashed: string;
  try {
    hashed = await deps.hasher.hash(of.typed);
  } catch {
    return []; // e.g. longer than the new algorithm can take: the old hash goes on working
  }
  const config = { hashed_password: hashed };
  return [edit(of.identity).upkeep('password', (held) => ({ config: { ...held?.config, ...config } }))];
}
