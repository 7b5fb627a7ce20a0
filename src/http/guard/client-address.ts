// Where does a request come from, and how did its client write the address? Forwarding headers count from trusted proxies only.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { DeviceFacts } from '../../flow/request.ts';
import { isLoopback } from '../../lib/loopback.ts';

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface ClientFacts {
  /** For counting: an IP address. */
  readonly ip: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** True where a trusted proxy has named the host. */
  readonly isHostForwarded: boolean;
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

/** Proxies that a request may come through; what is further away is not looked at. */
const MAX_HOPS = 32;

/** Facts of the client. Without a trusted proxy in between, its own connection alone counts: headers can be forged. */
export function clientFacts(
  peer: Peer,
  of: {
    readonly header: HeaderReader;
    readonly isTrusted: (address: string) => boolean;
    readonly isTls: boolean;
    readonly fallbackHost: string;
    /** Told of a peer that sends forwarding headers and is no trusted proxy. */
    readonly onUnbelieved?: ((peerIp: string) => void) | undefined;
  },
): ClientFacts {
  const { header } = of;
  const peerIp = plainIp(peer.address) ?? peer.address;
  const isTrusted = of.isTrusted(peerIp);
  const single = isTrusted ? singleHeaderIp(header) : undefined;
  const chain = isTrusted ? forwardedChain(header) : [];
  const proto = isTrusted ? header('x-forwarded-proto') : undefined;
  const forwardedHost = isTrusted ? cleanHost(header('x-forwarded-host')) : undefined;
  if (!isTrusted && header('x-forwarded-for') !== undefined) of.onUnbelieved?.(peerIp);
  const city = isTrusted ? header('cf-ipcity') : undefined;
  const country = isTrusted ? header('cf-ipcountry') : undefined;
  return {
    ip: countedIp({ peerIp, chain, single, isTrusted: of.isTrusted }),
    scheme: proto === 'https' || (proto !== 'http' && of.isTls) ? 'https' : 'http',
    host: forwardedHost ?? cleanHost(header('host')) ?? of.fallbackHost,
    isHostForwarded: forwardedHost !== undefined,
    device: {
      // Order of docs/protocol/http.md 4.2; of a chain the nearest address that is not private.
      ipAddress:
        single ??
        chain.find((ip) => !isPrivate(ip)) ??
        `${isIPv6(peerIp) ? `[${peerIp}]` : peerIp}:${peer.port}`,
      userAgent: header('user-agent') ?? '',
      location: [city, country].filter(Boolean).join(', '),
    },
  };
}

function singleHeaderIp(header: HeaderReader): string | undefined {
  for (const name of ['true-client-ip', 'cf-connecting-ip', 'x-real-ip']) {
    const value = header(name);
    const ip = value === undefined ? undefined : plainIp(value);
    if (ip !== undefined) return ip;
  }
  return undefined;
}

/** Addresses of X-Forwarded-For, nearest first. What stands behind something that is no address is left out: nobody vouches for it. */
function forwardedChain(header: HeaderReader): readonly string[] {
  const chain: string[] = [];
  const parts = header('x-forwarded-for')?.split(',').slice(-MAX_HOPS) ?? [];
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const ip = plainIp(parts[index] ?? '');
    if (ip === undefined) break;
    chain.push(ip);
  }
  return chain;
}

/**
 * Who is counted. Each proxy of a chain vouches for the one address that it added, so the first that is no proxy of ours
 * made the request. A client can send any True-Client-IP through a proxy that knows only X-Forwarded-For, and would so
 * choose under which address it is counted: for counting, the chain goes first. A loopback address in a header is that of
 * another machine or forged; it must not open what is open to our own.
 */
function countedIp(of: {
  readonly peerIp: string;
  readonly chain: readonly string[];
  readonly single: string | undefined;
  readonly isTrusted: (address: string) => boolean;
}): string {
  if (of.chain.length === 0) {
    return of.single === undefined || isLoopback(of.single) ? of.peerIp : of.single;
  }
  let nearest = of.peerIp;
  for (const ip of of.chain) {
    if (isLoopback(ip)) break;
    nearest = ip;
    if (!of.isTrusted(ip)) break;
  }
  return nearest;
}

/** The address alone: some proxies write a port behind it, some systems write IPv4 as IPv6. */
function plainIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const trimmed = text.trim();
  const [, bracketed, dotted] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(trimmed) ?? [];
  const address = bracketed ?? dotted ?? trimmed;
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  const plain = mapped ?? address;
  return isIP(plain) ? plain : undefined;
}

/** A host and port and nothing else: it becomes part of addresses that we write. */
function cleanHost(host: string | undefined): string | undefined {
  return host && /^[A-Za-z0-9._-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/.test(host)
    ? host
    : undefined;
}
