// Who is counted and never refused: the networks of the configuration, and requests that came over no network.
import type { Config } from '../config/schema.ts';
import { createNetworks, type Peer } from '../http/guard/client-address.ts';

/** Of requests that were made inside the process: nothing is believed of it, and nothing is counted against it. */
export const UNKNOWN_PEER: Peer = { address: '0.0.0.0', port: 0 };

export function exemptClients({ serve }: Config): (clientIp: string) => boolean {
  const isExempt = createNetworks(serve.public.rate_limits.exempt_networks);
  return (clientIp) => clientIp === UNKNOWN_PEER.address || isExempt(clientIp);
}
