// The sign-up of somebody whom a provider has named and nobody knows yet.

import type { At } from '../../flow/method/at.ts';
import type { HandOver, Registered, Rejected, Taken } from '../../flow/method/outcome.ts';
import { type Arrived, withFaults } from './arrival.ts';
import { NOBODY, subjectOf, toRegistration } from './claims-to-person.ts';
import { NAME } from './credential.ts';
import { askForAccount } from './linking.ts';
import { completionNodes } from './nodes.ts';
import type { ProviderBook } from './provider-book.ts';
import { authenticated } from './sign-in.ts';

export async function registerArrived(
  book: ProviderBook,
  at: At,
  arrived: Arrived,
): Promise<Registered | Rejected> {
  const { entry, arrival, pending } = arrived;
  const work = async (): Promise<Registered | Rejected> => {
    const mapped = await entry.mapper.map({ claims: arrival.claims, identity: NOBODY });
    const outcome = toRegistration(at, {
      entry,
      arrival,
      mapped,
      typed: pending.traits,
      sealer: book.deps.sealer,
    });
    if (outcome.kind === 'rejected') return outcome;
    const ifTaken = (taken: Taken) => followTaken(book, arrived, taken);
    return { ...outcome, ifTaken };
  };
  return withFaults(book, work, (refusal) => ({
    ...refusal,
    patch: { nodes: completionNodes(entry.provider), sorted: true, active: NAME },
  }));
}

/** Somebody came with the same subject at the same moment, as by a second click: then this is a sign-in. Else it is linked. */
async function followTaken(book: ProviderBook, arrived: Arrived, taken: Taken): Promise<HandOver | Rejected> {
  const { entry, arrival } = arrived;
  const { identities } = book.deps.database.stores;
  const known = await identities.findFullByIdentifier([subjectOf(entry, arrival)], NAME);
  if (!known) return askForAccount(book, { entry, arrival, taken });
  return {
    kind: 'handover',
    to: 'login',
    goOn: () => authenticated(book, { arrived, identity: known }),
  };
}

/** Who stands in the way of this sign-up. */
async function takenBy(book: ProviderBook, { traits, credential }: Registered): Promise<Taken | undefined> {
  const identifiers = traits.credentials.flatMap(({ type, identifiers: own }) =>
    own.map((identifier) => ({ type, identifier })),
  );
  const addresses = [...traits.verifiable, ...traits.recovery];
  const ids = (credential.identifiers ?? []).map((identifier) => ({ type: credential.type, identifier }));
  const { identities } = book.deps.database.stores;
  const holder = await identities.findHolder({ identifiers: [...identifiers, ...ids], addresses });
  if (!holder) return undefined;
  const held = new Set(Object.values(holder.credentials).flatMap((one) => one.identifiers));
  const shared = identifiers.find(({ identifier }) => held.has(identifier))?.identifier;
  return { holder, identifier: shared ?? addresses[0]?.value ?? '' };
}

/** Where registration is closed, an account that there is can be linked all the same. */
export async function linkInstead(
  book: ProviderBook,
  at: At,
  { entry, arrival, pending }: Arrived,
): Promise<HandOver | Rejected | undefined> {
  const mapped = await entry.mapper.map({ claims: arrival.claims, identity: NOBODY });
  const outcome = toRegistration(at, {
    entry,
    arrival,
    mapped,
    typed: pending.traits,
    sealer: book.deps.sealer,
  });
  const taken = outcome.kind === 'registered' ? await takenBy(book, outcome) : undefined;
  return taken && askForAccount(book, { entry, arrival, taken });
}
