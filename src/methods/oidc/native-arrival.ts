// Somebody who comes with an id_token of a provider's own kit for apps; there are no other tokens to keep.

import type { Arrived } from './arrival.ts';
import { nonceFault } from './fault.ts';
import type { Entry } from './provider-book.ts';

export async function arriveNatively(
  entry: Entry,
  { idToken, nonce }: { readonly idToken: string; readonly nonce: string },
): Promise<Arrived> {
  const { verifyIdToken, config } = entry.provider;
  if (!verifyIdToken) throw nonceFault(`The provider "${config.id}" takes no id_token.`);
  const claims = await verifyIdToken(idToken, nonce);
  return {
    kind: 'arrived',
    entry,
    pending: { provider: config.id, nonce, verifier: null, traits: {} },
    arrival: { claims, tokens: {} },
  };
}
