// docs/reference/routes.md: every path of both ports, and what it is for.
import { code, GENERATED, page, table } from './markdown.ts';
import type { MountedRoute } from './mounted.ts';

export function routesPage(routes: readonly MountedRoute[]): string {
  return page(
    '# Routes',
    GENERATED,
    'A path in `{braces}` takes a value. GET routes answer HEAD too. *Allowance* is the bucket of the rate limit that a request uses up: `serve.public.rate_limits.low`, `.medium` or `.high`. The same list for machines is [openapi.json](openapi.json).',
    '## Public port',
    operationTable(of(routes, 'public', 'operation')),
    '## Admin port',
    'Keep this port away from the internet: whoever reaches it may do everything. Every path is answered with and without `/admin` in front.',
    operationTable(of(routes, 'admin', 'operation')),
    '## Built-in pages',
    'They stand on the public port where `selfservice.flows.<flow>.ui_url` names no page of your own.',
    table(
      ['method', 'path', 'allowance'],
      of(routes, 'public', 'page').map((route) => [route.method, code(route.path), route.bucket ?? '']),
    ),
    '## Also answered',
    table(
      ['port', 'method', 'path', 'what it is'],
      routes
        .filter(({ kind }) => kind === 'other')
        .map((route) => [route.port, route.method, code(route.path), route.note ?? '']),
    ),
    '## Sent to the other port',
    'These answer 307 with the address on the port where they belong.',
    table(
      ['asked on', 'method', 'path'],
      routes
        .filter(({ kind }) => kind === 'redirect')
        .map((route) => [route.port, route.method, code(route.path)]),
    ),
  );
}

const of = (
  routes: readonly MountedRoute[],
  port: MountedRoute['port'],
  kind: MountedRoute['kind'],
): readonly MountedRoute[] => routes.filter((route) => route.port === port && route.kind === kind);

function operationTable(routes: readonly MountedRoute[]): string {
  return table(
    ['method', 'path', 'operation', 'what it is for', 'allowance'],
    routes.map(({ method, path, operation, bucket }) => [
      method,
      code(path),
      operation?.id ?? '',
      operation?.summary ?? '',
      bucket ?? '',
    ]),
  );
}
