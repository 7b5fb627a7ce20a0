// The way back from a provider: who came, or why nobody can be signed in.

import type { At } from '../../flow/method/at.ts';
import type { Returned } from '../../flow/method/callback.ts';
import { type Rejected, rejected } from '../../flow/method/outcome.ts';
import * as core from '../../protocol/messages.ts';
import { badRequest, internalFault, misconfigured, upstreamFailed } from '../../protocol/refusals.ts';
import { type Pending, pendingOf } from './departure.ts';
import { ProviderFault, retryFault, SETTINGS } from './fault.ts';
import type { Arrival } from './provider.ts';
import { type Entry, entryAfterReturn, type ProviderBook } from './provider-book.ts';

/** Somebody whom a provider has named. */
export interface Arrived {
  readonly kind: 'arrived';
  readonly entry: Entry;
  readonly pending: Pending;
  readonly arrival: Arrival;
}

/** Long texts of a provider are cut: they stand on our page. */
const MAX_REASON_LENGTH = 300;

export async function arriveFrom(book: ProviderBook, at: At & Returned): Promise<Arrived> {
  const { query, params, memory } = at;
  const pending = pendingOf(memory);
  if (!pending) throw badRequest('This sign-in was not started in this browser. Please start again.');
  // A callback at the address of another provider: its answer must not be taken for this one's (mix-up attack).
  if (params['provider'] !== undefined && params['provider'] !== pending.provider) {
    throw badRequest('The response came from a different provider than the one you chose.');
  }
  const entry = entryAfterReturn(book, pending.provider);
  const error = query.get('error');
  if (error !== null) {
    const why = [error, query.get('error_description')].filter((part) => part).join(': ');
    throw retryFault(
      'provider_denied',
      `${entry.provider.label} did not sign you in (${why.slice(0, MAX_REASON_LENGTH)}). Try again, or choose another way.`,
    );
  }
  if (!query.get('code') && !query.get('authCode')) {
    throw retryFault('provider_denied', `${entry.provider.label} sent no code. Please try again.`);
  }
  const arrival = await entry.provider.arrive({
    redirectUri: entry.redirectUri,
    state: query.get('state') ?? '',
    nonce: pending.nonce,
    ...(pending.verifier === null ? {} : { pkceVerifier: pending.verifier }),
    query,
  });
  return { kind: 'arrived', entry, pending, arrival };
}

/** Runs what may meet a fault of a provider: one that the person can mend is shown, the others are refusals. */
export async function withFaults<T>(
  book: ProviderBook,
  work: () => Promise<T>,
  shown: (message: Rejected) => Rejected = (outcome) => outcome,
): Promise<T | Rejected> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    book.deps.log.warn('a sign-in by a provider failed', {
      step: error.step,
      reason: error.message,
      error: error.cause,
    });
    if (error.status === 400) return shown(rejected(core.generic(error.message)));
    if (error.cause === SETTINGS) throw misconfigured(error.message);
    if (error.status === 500) throw internalFault('The claims of the provider could not be read.', error);
    throw upstreamFailed(error.message, error);
  }
}
