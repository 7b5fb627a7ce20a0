// Whose forwarding headers are believed: proxies that the operator names, or those that nobody else can pretend to be.
import type { Config } from '../../config/schema.ts';
import { createNetworks } from './client-address.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

const isPrivate = createNetworks(PRIVATE);

/**
 * Networks as configured. Without a word of the operator's, this machine; and private networks only where the port listens
 * on an address inside of one. A port that listens on every address is reached by strangers' neighbours too: in a network of
 * containers or a cloud, each of them could choose under which address it is counted.
 */
export function trustedProxies({ serve }: Pick<Config, 'serve'>): readonly string[] {
  const { host, rate_limits } = serve.public;
  return rate_limits.trusted_proxies ?? (isPrivate(host) ? [...LOOPBACK, ...PRIVATE] : LOOPBACK);
}
