// Where does a request come from, and how did its client write the address? Forwarding headers count from trusted proxies only.
import { BlockList, isIP } from 'node:net';
import type { DeviceFacts } from '../flow/request.ts';

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface ClientFacts {
  /** For counting: an IP address. */
  readonly ip: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly device: DeviceFacts;
}

export type HeaderReader = (name: string) => string | undefined;

/** A check of addresses against networks such as 10.0.0.0/8. */
export function createNetworks(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', prefix] = cidr.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  const known = new Map<string, boolean>();
  return (address) => {
    const cached = known.get(address);
    if (cached !== undefined) return cached;
    const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
    const family = isIP(plain);
    const isInside = family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    if (known.size > 10_000) known.clear();
    known.set(address, isInside);
    return isInside;
  };
}

const isPrivate = createNetworks(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']);

/** Facts of the client. Without a trusted proxy in between, its own connection alone counts: headers can be forged. */
export function clientFacts(
  peer: Peer,
  of: {
    readonly header: HeaderReader;
    readonly isTrusted: (address: string) => boolean;
    readonly isTls: boolean;
    readonly fallbackHost: string;
  },
): ClientFacts {
  const { header } = of;
  const isTrusted = of.isTrusted(peer.address);
  const forwarded = isTrusted ? forwardedIp(header) : undefined;
  const proto = isTrusted ? header('x-forwarded-proto') : undefined;
  const forwardedHost = isTrusted ? header('x-forwarded-host') : undefined;
  const city = isTrusted ? header('cf-ipcity') : undefined;
  const country = isTrusted ? header('cf-ipcountry') : undefined;
  return {
    ip: forwarded ?? peer.address,
    scheme: proto === 'https' || (proto !== 'http' && of.isTls) ? 'https' : 'http',
    host: cleanHost(forwardedHost) ?? cleanHost(header('host')) ?? of.fallbackHost,
    device: {
      ipAddress:
        forwarded ?? `${peer.address.includes(':') ? `[${peer.address}]` : peer.address}:${peer.port}`,
      userAgent: header('user-agent') ?? '',
      location: [city, country].filter(Boolean).join(', '),
    },
  };
}

/** Order of contract/http.md 4.2; of a chain the nearest address that is not private. */
function forwardedIp(header: HeaderReader): string | undefined {
  for (const name of ['true-client-ip', 'cf-connecting-ip', 'x-real-ip']) {
    const value = header(name)?.trim();
    if (value && isIP(value)) return value;
  }
  const chain = (header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  return chain.reverse().find((address) => isIP(address) && !isPrivate(address));
}

/** A host and port and nothing else: it becomes part of addresses that we write. */
function cleanHost(host: string | undefined): string | undefined {
  return host && /^[A-Za-z0-9._-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/.test(host)
    ? host
    : undefined;
}
