// Is it this machine? Names and addresses that never leave it.
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** For host names as URLs have them, IPv6 in brackets included, and for addresses of connections. */
export function isLoopback(host: string): boolean {
  // RFC 6761 section 6.3: localhost and everything below it is loopback, and resolvers must not ask anybody else.
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const plain = host.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:/i, '');
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
