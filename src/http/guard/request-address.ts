// Under which address was a request made? The Host header alone decides nothing: anybody can write any name there.
import { isLoopback } from '../../lib/loopback.ts';
import type { OwnOrigins } from '../../lib/own-origins.ts';
import type { ClientFacts } from './client-address.ts';

/** Origin and base path, without a slash at the end: the path of the request follows it. */
export type RequestAddress = (facts: Pick<ClientFacts, 'scheme' | 'host' | 'isHostForwarded'>) => string;

/**
 * An origin of ours where the request names its host; the base address where it names somebody else's. What a trusted proxy
 * says of its host is believed, as Kratos does, and so are names of this machine, which lead nobody to a stranger. Below the
 * base address stands its path, which the proxy has taken off.
 */
export function createRequestAddress(publicUrl: string, origins: OwnOrigins): RequestAddress {
  const base = new URL(publicUrl);
  const main = `${base.origin}${base.pathname.replace(/\/$/, '')}`;
  return ({ scheme, host, isHostForwarded }) => {
    const origin = origins.find(scheme, host);
    if (origin === base.origin) return main;
    if (origin !== undefined) return origin;
    const asWritten = `${scheme}://${host}`;
    const isBelieved = isHostForwarded || isLoopback(URL.parse(asWritten)?.hostname ?? '');
    return isBelieved ? asWritten : main;
  };
}
