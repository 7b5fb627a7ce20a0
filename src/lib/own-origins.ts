// Which origins are ours: a request names a host, and anybody can write any name there.
import { isBoundedWildcard } from './url.ts';

export interface OwnOrigins {
  /** The origin of ours that has this host; undefined where none has. The scheme decides where several have it. */
  readonly find: (scheme: string, host: string) => string | undefined;
  /** The same address, with our main origin in place of one that is not ours: what we write to people names no other. */
  readonly ownAddress: (address: string) => string;
}

/** `addresses` are configured ones; their paths do not matter. Entries such as https://*.example.org stand for hosts below. */
export function createOwnOrigins(baseUrl: string, addresses: readonly string[]): OwnOrigins {
  const base = new URL(baseUrl);
  const byHost = new Map<string, Set<string>>();
  const wild: { readonly scheme: string; readonly suffix: string }[] = [];
  for (const address of [baseUrl, ...addresses]) {
    const [, scheme, rest] = /^(https?):\/\/\*\.([^/?#]+)/i.exec(address) ?? [];
    if (scheme && rest) {
      if (isBoundedWildcard(rest)) wild.push({ scheme, suffix: `.${rest.toLowerCase()}` });
      continue;
    }
    const url = URL.parse(address, baseUrl);
    if (!url || !/^https?:$/.test(url.protocol) || url.host.includes('*')) continue;
    byHost.set(url.host, (byHost.get(url.host) ?? new Set()).add(url.origin));
  }
  const find: OwnOrigins['find'] = (scheme, written) => {
    // With the port that belongs to the scheme left out, as configured addresses have it after parsing.
    const host = URL.parse(`${scheme}://${written}`)?.host ?? '';
    const known = byHost.get(host) ?? byHost.get(written.toLowerCase());
    if (known) return known.has(`${scheme}://${host}`) ? `${scheme}://${host}` : [...known][0];
    const below = wild.find(({ suffix }) => host.endsWith(suffix));
    return below && `${below.scheme}://${host}`;
  };
  return {
    find,
    ownAddress: (address) => {
      const url = URL.parse(address);
      if (url && find(url.protocol.slice(0, -1), url.host) !== undefined) return address;
      return `${base.origin}${url ? `${url.pathname}${url.search}` : '/'}`;
    },
  };
}
