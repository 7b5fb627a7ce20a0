// The end of a sign-in by a provider whose subject is known.
import type { Authenticated } from '../../flow/method/outcome.ts';
import type { Arrived } from './arrival.ts';
import { proofOf } from './claims-to-person.ts';
import type { ProviderBook } from './provider-book.ts';
import { upToDate } from './update.ts';

export async function authenticated(
  book: ProviderBook,
  of: { readonly arrived: Arrived; readonly identity: Authenticated['identity'] },
): Promise<Authenticated> {
  const { arrived, identity } = of;
  return {
    kind: 'authenticated',
    identity,
    proof: proofOf(arrived.entry, arrived.arrival),
    ...(await upToDate(book, of)),
  };
}
