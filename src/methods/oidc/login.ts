// Signing in by a provider: a known subject signs in, an unknown one signs up, or asks for the account it belongs to.

import type { LoginAt } from '../../flow/method/at.ts';
import type { Returned } from '../../flow/method/callback.ts';
import { optionalText, traitsField } from '../../flow/method/fields.ts';
import { type LoginOutcome, rejected } from '../../flow/method/outcome.ts';
import type { LoginStage, LoginStep, Offer } from '../../flow/method/step.ts';
import { noOffer } from '../../flow/method/step.ts';
import { remove } from '../../form/node.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { type Arrived, arriveFrom, withFaults } from './arrival.ts';
import { subjectOf } from './claims-to-person.ts';
import { accountsOf, NAME } from './credential.ts';
import { departTo, upstreamBody } from './departure.ts';
import { joinWaiting } from './linking.ts';
import { arriveNatively } from './native-arrival.ts';
import { signInButton } from './nodes.ts';
import type { ProviderBook } from './provider-book.ts';
import { authenticated } from './sign-in.ts';
import { linkInstead, registerArrived } from './sign-up.ts';
import { endTrial } from './trial.ts';

const body = Type.Object({
  provider: optionalText(),
  id_token: optionalText(),
  id_token_nonce: optionalText(),
  traits: Type.Optional(traitsField),
  upstream_parameters: upstreamBody,
});

export function oidcLogin(book: ProviderBook): LoginStep<typeof body> {
  return {
    body,
    query: 'beside',
    levels: ['aal1'],
    // The state that comes back in the right browser stands in for the token (docs/protocol/methods.md section 20). An
    // id_token has no way back: without the token, a page of a stranger could sign a visitor in to the stranger's account.
    isSelfProving: ({ id_token: idToken }) => !idToken,
    offer: ({ stage }) => Promise.resolve(offerFor(book, stage)),
    submit: async (at) => {
      const { provider: id = '', id_token: idToken = '', id_token_nonce: nonce = '' } = at.body;
      const tried = at.flow.trial?.shown['provider_id'] ?? id;
      if (id === '' || id !== tried || (at.flow.trial && idToken !== '')) {
        return rejected(core.noLoginMethod());
      }
      const entry = book.get(id);
      if (idToken !== '') {
        return withFaults(book, async () =>
          signIn(book, at, await arriveNatively(entry, { idToken, nonce })),
        );
      }
      const isRefresh = at.flow.refresh;
      const { traits = {}, upstream_parameters: upstream } = at.body;
      return departTo(entry, { at, traits, upstream, isRefresh, active: NAME });
    },
    join: (at) => Promise.resolve(joinWaiting(book, at)),
  };
}

function offerFor(book: ProviderBook, stage: LoginStage): Offer {
  const buttons = (isShown: (id: string) => boolean = () => true) =>
    book.entries
      .filter(({ provider }) => isShown(provider.config.id))
      .map(({ provider }) => signInButton(provider));
  switch (stage.kind) {
    case 'second-factor':
      return noOffer;
    case 'first-factor':
    case 'identifier':
      return { edits: buttons() };
    case 'first-factor-refresh':
      return { edits: buttons(linkedTo(stage.identity)) };
    case 'credentials':
      // All buttons stand there from the first step. Where they are to conceal who has an account, they stay.
      if (stage.isConcealed || !stage.identity) return noOffer;
      return { edits: [remove({ group: NAME }), ...buttons(linkedTo(stage.identity))] };
    default:
      return stage satisfies never;
  }
}

function linkedTo({ credentials }: FullIdentity): (id: string) => boolean {
  const linked = new Set(accountsOf(credentials[NAME]).map(({ provider }) => provider));
  return (id) => linked.has(id);
}

export const returnToLogin =
  (book: ProviderBook) =>
  (at: LoginAt & Returned): Promise<LoginOutcome> =>
    at.flow.trial
      ? endTrial(book, at)
      : withFaults(book, async () => signIn(book, at, await arriveFrom(book, at)));

/** What becomes of somebody whom a provider has named. */
async function signIn(book: ProviderBook, at: LoginAt, arrived: Arrived): Promise<LoginOutcome> {
  const { identities } = book.deps.database.stores;
  const known = await identities.findFullByIdentifier([subjectOf(arrived.entry, arrived.arrival)], NAME);
  if (known) {
    // A refresh and a step-up prove the person who is signed in; anybody else would take their session over.
    if (at.person && at.person.identity.id !== known.id) return rejected(OTHER_ACCOUNT);
    return authenticated(book, { arrived, identity: known });
  }
  if (at.person) return rejected(OTHER_ACCOUNT);
  return signUp(book, at, arrived);
}

const OTHER_ACCOUNT = core.generic('This account is not linked to the one that is signed in.');

/** An unknown subject: the attempt becomes a sign-up, which asks for the account where the address is taken. */
async function signUp(book: ProviderBook, at: LoginAt, arrived: Arrived): Promise<LoginOutcome> {
  const linking = book.deps.isRegistrationOpen ? undefined : await linkInstead(book, at, arrived);
  if (linking) return linking;
  return { kind: 'handover', to: 'registration', goOn: (there) => registerArrived(book, there, arrived) };
}
