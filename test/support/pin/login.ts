// Identifier and number, or only the number of somebody who is signed in already; or a visit to the house.
import { Type } from 'typebox';
import type { LoginAt, LoginStep, Submitted } from '../../../src/flow/method/contract.ts';
import { noOffer } from '../../../src/flow/method/contract.ts';
import { optionalText } from '../../../src/flow/method/fields.ts';
import type { MethodDeps } from '../../../src/flow/method/method-deps.ts';
import { type LoginOutcome, rejected } from '../../../src/flow/method/outcome.ts';
import { input, upsert } from '../../../src/form/node.ts';
import { reliedOn } from '../../../src/identity/change/plan.ts';
import type { Snapshot } from '../../../src/identity/change/snapshot.ts';
import { lookupForms } from '../../../src/schema/normalise.ts';
import { PIN, type PinSettings, storedHash } from './config.ts';
import { join, leaveFor } from './house.ts';
import { messages } from './messages.ts';
import { houseButton, pinNodes } from './nodes.ts';

const body = Type.Object({
  identifier: optionalText(),
  pin: optionalText(),
  house: optionalText(),
});
type Asked = LoginAt & Submitted<typeof body>;

export function pinLogin(deps: MethodDeps, settings: PinSettings): LoginStep<typeof body> {
  const { factor } = settings;
  const aal = factor === 'first' ? 'aal1' : 'aal2';
  return {
    levels: [aal],
    body,
    query: 'beside',
    // The state that comes back binds the browser.
    isSelfProving: (sent) => Boolean(sent['house']),
    offer: ({ stage }) => {
      const own = pinNodes(messages.signIn);
      if (factor === 'second') {
        return Promise.resolve(stage.kind === 'second-factor' ? { edits: own } : noOffer);
      }
      if (stage.kind !== 'first-factor') return Promise.resolve(noOffer);
      const identifier = { name: 'identifier', type: 'text', value: '', required: true } as const;
      const field = upsert(input('default', identifier, stage.identifierLabel));
      return Promise.resolve({ edits: [field, ...own, houseButton] });
    },
    guess: async (at) => {
      const person = at.body.house ? undefined : await whoTries(deps, at, factor);
      return person && { accounts: [person.id], secret: 'short', maxPerFlow: 5 };
    },
    submit: async (at) => {
      if (at.body.house) return leaveFor(settings);
      const person = await whoTries(deps, at, factor);
      return checkPin(deps, person, { typed: at.body.pin ?? '', aal });
    },
    join: (at) => Promise.resolve(join(at)),
  };
}

async function whoTries(
  { database }: MethodDeps,
  { body: { identifier = '' }, person }: Asked,
  factor: PinSettings['factor'],
): Promise<Snapshot | undefined> {
  if (factor === 'second') return person?.identity;
  return database.stores.identities.findFullByIdentifier(lookupForms(identifier), PIN);
}

async function checkPin(
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
  return {
    kind: 'authenticated',
    identity,
    basis: { credentials: [reliedOn(identity, PIN)] },
    proof: { method: PIN, aal: of.aal },
  };
}
