// The routes that a default installation mounts, sorted into operations, pages and redirects between the ports.
import { createBia } from '../../src/app/create-app.ts';
import { defaultConfig } from '../../src/config/default.ts';
import type { Route } from '../../src/http/port/route.ts';
import { redirectsToAdmin, redirectsToPublic } from '../../src/http/routes/cross-port.ts';
import { OPERATIONS, type Operation } from './operations.ts';

export interface MountedRoute {
  readonly port: 'public' | 'admin';
  readonly method: Route['method'];
  readonly path: string;
  readonly bucket: Route['bucket'];
  readonly kind: 'operation' | 'page' | 'redirect' | 'other';
  /** Present where kind is `operation`. */
  readonly operation?: Operation;
  /** Where kind is `other`: what it is. */
  readonly note?: string;
}

/** Answered for the sake of older clients; the same as an operation of another name. */
const OTHERS: readonly (readonly [pattern: RegExp, note: string])[] = [
  [
    /^(?!GET ).* \/sessions\/whoami$/,
    'the same as GET, for proxies that ask with the method of their own request',
  ],
  [
    /^GET \/self-service\/(?:login|registration|settings|recovery|verification)$/,
    'a submission whose values stand in the query; a password is taken by POST only',
  ],
  [/^GET \/admin\/schemas(?:\/\{id\})?$/, 'the same as without /admin'],
];

export async function mountedRoutes(): Promise<readonly MountedRoute[]> {
  const secrets = { default: ['nothing is sealed while routes are listed'] };
  const bia = await createBia({ config: { ...defaultConfig('.'), dsn: 'memory', secrets } });
  await bia.close();
  const key = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;
  const redirects = {
    public: new Set(redirectsToAdmin('/').map(key)),
    admin: new Set(redirectsToPublic('/').map(key)),
  };
  const operations = new Map(OPERATIONS.map((operation) => [key(operation), operation]));
  return (['public', 'admin'] as const).flatMap((port) =>
    bia.routes[port].map((route): MountedRoute => {
      // The digest of an asset changes with each edit of it, and says nothing to a reader.
      const path = route.path.replace(/\.[0-9a-f]{12}\./, '.{digest}.');
      const facts = { port, method: route.method, path, bucket: route.bucket } as const;
      if (redirects[port].has(key(route))) return { ...facts, kind: 'redirect' };
      if (route.path === '/' || /^\/(?:ui|dev)(?:\/|$)/.test(route.path)) return { ...facts, kind: 'page' };
      const operation = operations.get(key(route));
      if (operation) return { ...facts, kind: 'operation', operation };
      const [, note] = OTHERS.find(([pattern]) => pattern.test(key(route))) ?? [];
      return { ...facts, kind: 'other', ...(note ? { note } : {}) };
    }),
  );
}
