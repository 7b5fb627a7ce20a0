// Signing up by a provider: what it says fills the form, the person completes it, and an address that is taken is linked.

import type { RegistrationAt } from '../../flow/method/at.ts';
import type { Returned } from '../../flow/method/callback.ts';
import { optionalText, traitsField } from '../../flow/method/fields.ts';
import { type RegistrationOutcome, type Rejected, rejected } from '../../flow/method/outcome.ts';
import type { RegistrationStep } from '../../flow/method/step.ts';
import * as core from '../../protocol/messages.ts';
import { Type } from '../../schema/typebox.ts';
import { type Arrived, arriveFrom, withFaults } from './arrival.ts';
import { subjectOf } from './claims-to-person.ts';
import { NAME } from './credential.ts';
import { departTo, pendingOf, upstreamBody } from './departure.ts';
import { arriveNatively } from './native-arrival.ts';
import { completionNodes, signUpButton } from './nodes.ts';
import type { ProviderBook } from './provider-book.ts';
import { authenticated } from './sign-in.ts';
import { registerArrived } from './sign-up.ts';

const body = Type.Object({
  provider: optionalText(),
  id_token: optionalText(),
  id_token_nonce: optionalText(),
  traits: Type.Optional(traitsField),
  upstream_parameters: upstreamBody,
});

export function oidcRegistration(book: ProviderBook): RegistrationStep<typeof body> {
  return {
    body,
    query: 'beside',
    // As at sign-in: an id_token signs in at once, so it needs the token of the form.
    isSelfProving: ({ id_token: idToken }) => !idToken,
    offer: () => Promise.resolve({ edits: book.entries.map(({ provider }) => signUpButton(provider)) }),
    submit: async (at) => {
      const { provider: id = '', id_token: idToken = '', id_token_nonce: nonce = '' } = at.body;
      const { traits = {} } = at.body;
      if (id === '') {
        const checked = at.validate(traits);
        return checked.ok
          ? rejected(core.noRegistrationMethod())
          : { kind: 'rejected', problems: checked.problems };
      }
      const entry = book.get(id);
      if (idToken === '') return departTo(entry, { at, traits, upstream: at.body.upstream_parameters });
      return withFaults(book, async () => {
        const arrived = await arriveNatively(entry, { idToken, nonce });
        return signUp(book, at, { ...arrived, pending: { ...arrived.pending, traits } });
      });
    },
  };
}

export const returnToRegistration =
  (book: ProviderBook) =>
  (at: RegistrationAt & Returned): Promise<RegistrationOutcome> =>
    withFaults(
      book,
      async () => signUp(book, at, await arriveFrom(book, at)),
      (refusal) => onOwnForm(book, at, refusal),
    );

/** The form has only the provider left, as after a trait that is missing. */
function onOwnForm(book: ProviderBook, { memory }: RegistrationAt, refusal: Rejected): Rejected {
  const entry = book.find(pendingOf(memory)?.provider ?? '');
  if (!entry) return refusal;
  return { ...refusal, patch: { nodes: completionNodes(entry.provider), sorted: true } };
}

async function signUp(
  book: ProviderBook,
  at: RegistrationAt,
  arrived: Arrived,
): Promise<RegistrationOutcome> {
  const { identities } = book.deps.database.stores;
  const subject = subjectOf(arrived.entry, arrived.arrival);
  const known = await identities.findFullByIdentifier([subject], NAME);
  if (!known) return registerArrived(book, at, arrived);
  return {
    kind: 'handover',
    to: 'login',
    goOn: () => authenticated(book, { arrived, identity: known }),
  };
}
