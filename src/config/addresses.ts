// Addresses, origins and cookie domains that are well-formed for the schema and still cannot work.
import { isBoundedWildcard } from '../lib/url.ts';
import type { Finding } from './fault.ts';
import type { Config } from './schema.ts';

/** Addresses with which nothing works. */
export function findWrongAddresses(config: Config): readonly Finding[] {
  const { serve, selfservice, identity, cookies, session } = config;
  const findings: Finding[] = [];
  const check = (
    path: readonly string[],
    value: string | undefined,
    fault: (text: string) => string | undefined,
  ): void => {
    const reason = value === undefined ? undefined : fault(value);
    if (reason !== undefined) findings.push({ path, reason });
  };
  for (const port of ['public', 'admin'] as const) {
    check(['serve', port, 'base_url'], serve[port].base_url, baseFault);
    check(['serve', port, 'host'], serve[port].host, hostFault);
  }
  check(['selfservice', 'default_browser_return_url'], selfservice.default_browser_return_url, targetFault);
  for (const [name, flow] of Object.entries(selfservice.flows)) {
    const base = ['selfservice', 'flows', name];
    if ('ui_url' in flow) check([...base, 'ui_url'], flow.ui_url, targetFault);
    if (!('after' in flow)) continue;
    const after: Readonly<Record<string, unknown>> = flow.after;
    check([...base, 'after', RETURN_URL], returnUrlOf(after), targetFault);
    for (const [key, block] of Object.entries(after)) {
      check([...base, 'after', key, RETURN_URL], returnUrlOf(block), targetFault);
    }
  }
  for (const [index, { url }] of identity.schemas.entries()) {
    check(['identity', 'schemas', String(index), 'url'], url, sourceFault);
  }
  check(['cookies', 'domain'], cookies.domain, domainFault);
  check(['session', 'cookie', 'domain'], session.cookie.domain, domainFault);
  check(['cookies', 'path'], cookies.path, pathFault);
  check(['session', 'cookie', 'path'], session.cookie.path, pathFault);
  return findings;
}

const RETURN_URL = 'default_browser_return_url';

function returnUrlOf(block: unknown): string | undefined {
  if (typeof block !== 'object' || block === null || !(RETURN_URL in block)) return undefined;
  return typeof block[RETURN_URL] === 'string' ? block[RETURN_URL] : undefined;
}

function baseFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return `"${text}" is not an http or https address`;
  if (url.username !== '' || url.password !== '') return 'it must not hold a user name or a password';
  return url.search === '' && url.hash === '' ? undefined : `"${text}" must not have a query or a fragment`;
}

function hostFault(text: string): string | undefined {
  if (text.startsWith('unix:') || !/[/\s@?#]/.test(text)) return undefined;
  return `"${text}" is not a host to listen on; write one such as 0.0.0.0 or 127.0.0.1, or unix:/path`;
}

/** Where browsers are sent: an address with a scheme, or a path of the public address. */
function targetFault(text: string): string | undefined {
  if (/^[/#?.]/.test(text)) return URL.canParse(text, 'http://localhost') ? undefined : notAddress(text);
  // `localhost:3000` reads like an address of the scheme "localhost".
  if (/^[\w.-]+(?::\d+)?(?:[/?#]|$)/.test(text) || !URL.canParse(text)) return notAddress(text);
  const { protocol, hostname } = new URL(text);
  if (/^(?:javascript|data|vbscript):$/.test(protocol))
    return `"${text.slice(0, 40)}" is not a place to send browsers to`;
  return /^https?:$/.test(protocol) && hostname === '' ? notAddress(text) : undefined;
}

function notAddress(text: string): string {
  const isHost = /^(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?:[/?#]|$)/.test(text);
  const scheme = /^(?:localhost|127\.|10\.|192\.168\.)/.test(text) ? 'http' : 'https';
  return `"${text}" is not an address${isHost ? `; did you mean ${scheme}://${text}?` : ' such as https://app.example.org/ or /path'}`;
}

function sourceFault(text: string): string | undefined {
  if (/^(?:https?|file|base64):\/\/./.test(text)) return undefined;
  const isFile = /^(?:\.{0,2}\/|[\w-]+[./])[\w./-]*\.json$/.test(text);
  return `"${text.slice(0, 80)}" is not an address of a schema${isFile ? `; did you mean file://${text}?` : ': it starts with file://, base64:// or http(s)://'}`;
}

function domainFault(text: string): string | undefined {
  const name = text.replace(/^\./, '');
  // An address has colons only in version 6, and cookies have no ports.
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name);
  return isName ? undefined : `"${text}" is not a domain such as example.org: no scheme, no port, no path`;
}

const pathFault = (text: string): string | undefined =>
  text.startsWith('/') && !/[;\s]/.test(text) ? undefined : `"${text}" is not a path: it starts with /`;

/** Entries that match nothing, and domains under which browsers would drop the cookies. */
export function findUselessAddresses(config: Config): readonly Finding[] {
  return [...uselessReturnUrls(config), ...uselessOrigins(config), ...uselessDomains(config)];
}

function uselessReturnUrls({ selfservice }: Config): readonly Finding[] {
  return selfservice.allowed_return_urls.flatMap((entry, index) => {
    const reason = returnEntryFault(entry);
    return reason ? [{ path: ['selfservice', 'allowed_return_urls', String(index)], reason }] : [];
  });
}

function returnEntryFault(entry: string): string | undefined {
  const [, rest] = /^[a-z][a-z0-9+.-]*:\/\/\*\.?([^/?#]*)/i.exec(entry) ?? [];
  if (rest !== undefined) {
    const isBounded = entry.includes('://*.') && isBoundedWildcard(rest);
    return isBounded
      ? undefined
      : `the wildcard of "${entry}" is not bounded by a domain of your own, so the entry is left out`;
  }
  if (entry.includes('*'))
    return `"${entry}" matches nothing: * stands for subdomains only, as in https://*.example.org`;
  const fault = targetFault(entry);
  return fault === undefined ? undefined : `${fault}; the entry matches nothing`;
}

function uselessOrigins({ serve }: Config): readonly Finding[] {
  return serve.public.cors.allowed_origins.flatMap((origin, index) => {
    const reason = originFault(origin);
    return reason ? [{ path: ['serve', 'public', 'cors', 'allowed_origins', String(index)], reason }] : [];
  });
}

function originFault(text: string): string | undefined {
  if (text === '*' || text === 'null') return undefined;
  const url = URL.parse(text.replace('://*.', '://'));
  // Origins such as capacitor://localhost have schemes of their own, which URL knows no origin for.
  const own = url && (url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin);
  if (!url || !own || url.host === '' || !text.includes('://')) {
    return `"${text}" is not an origin such as https://app.example.org, so it matches nothing`;
  }
  if (text.toLowerCase().replace('://*.', '://') !== own) {
    return `"${text}" matches nothing: browsers write this origin as ${own}`;
  }
  const [, rest] = /:\/\/\*\.(.*)$/.exec(text) ?? [];
  return rest !== undefined && !isBoundedWildcard(rest)
    ? `the wildcard of "${text}" is not bounded by a domain of your own, so it matches nothing`
    : undefined;
}

function uselessDomains({ serve, cookies, session }: Config): readonly Finding[] {
  const host = URL.parse(serve.public.base_url ?? '')?.hostname;
  if (host === undefined) return [];
  const check = (path: readonly string[], given: string | undefined): readonly Finding[] => {
    const domain = given?.replace(/^\./, '').toLowerCase();
    if (domain === undefined || domain === '' || host === domain) return [];
    if (!host.endsWith(`.${domain}`)) {
      return [
        { path, reason: `browsers drop these cookies: ${host} of serve.public.base_url is not in ${domain}` },
      ];
    }
    return isBoundedWildcard(domain)
      ? []
      : [{ path, reason: `browsers drop these cookies: ${domain} is not a domain of your own` }];
  };
  return [
    ...check(['cookies', 'domain'], cookies.domain),
    ...check(['session', 'cookie', 'domain'], session.cookie.domain),
  ];
}
