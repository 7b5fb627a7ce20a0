// Does an address belong to a network that the public cannot reach? And a name lookup that refuses such addresses.
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Special-purpose networks of RFC 6890 and its registry: whatever is not routed on the internet. */
const IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;
const IPV6 = [
  '::/96', // unspecified, loopback, and IPv4 addresses in an old disguise
  '64:ff9b::/96', // NAT64 could lead to any IPv4 address
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16', // 6to4, the same
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const UNREACHABLE = new BlockList();
for (const [networks, family] of [
  [IPV4, 'ipv4'],
  [IPV6, 'ipv6'],
] as const) {
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    UNREACHABLE.addSubnet(address, Number(prefix), family);
  }
}

/** True for an address of loopback, a private, link-local, shared or reserved network, and for text that is no address. */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  // The list also recognises IPv4 addresses mapped into IPv6 (::ffff:10.0.0.1).
  return family === 0 || UNREACHABLE.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Looks a name up for a socket and fails with `refusal(name)` where any of its addresses is private. The socket connects to
 * what was checked, so a name that answers differently the next time (DNS rebinding) gains nothing.
 */
export function publicLookup(
  refusal: (hostname: string) => Error,
  resolve: Resolve = lookup,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(refusal(hostname), '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;
