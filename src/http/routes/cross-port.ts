// Requests that belong to the other port are sent there (docs/protocol/http.md 0.4).
import { redirectAnswer } from '../port/answer.ts';
import type { Route } from '../port/route.ts';

type Row = readonly [methods: readonly Route['method'][], path: string];

const IDENTITY_ROWS: readonly Row[] = [
  [['GET', 'POST'], '/identities'],
  [['GET'], '/identities/by/external/{externalID}'],
  [['GET', 'PUT', 'PATCH', 'DELETE'], '/identities/{id}'],
  [['DELETE'], '/identities/{id}/credentials/{type}'],
];

const TO_ADMIN: readonly Row[] = [
  ...IDENTITY_ROWS,
  ...IDENTITY_ROWS.map(([methods, path]): Row => [methods, `/admin${path}`]),
  [['DELETE'], '/identities/{id}/sessions'],
  [['GET'], '/admin/courier/messages'],
  [['GET'], '/admin/courier/messages/{msgID}'],
  [['POST'], '/recovery/link'],
  [['POST'], '/recovery/code'],
];

const FLOWS = ['login', 'registration', 'recovery', 'verification', 'settings'];

const TO_PUBLIC: readonly Row[] = [
  ...FLOWS.flatMap((kind): readonly Row[] => [
    [['GET'], `/admin/self-service/${kind}/browser`],
    [['GET'], `/admin/self-service/${kind}/api`],
    [['GET'], `/admin/self-service/${kind}/flows`],
    [['GET', 'POST'], `/admin/self-service/${kind}`],
  ]),
  [['GET'], '/admin/self-service/logout/browser'],
  [['DELETE'], '/admin/self-service/logout/api'],
  [['GET'], '/admin/self-service/logout'],
  [['GET'], '/admin/self-service/errors'],
  [['GET'], '/admin/schemas'],
  [['GET'], '/admin/schemas/{id}'],
  [['GET'], '/admin/sessions/whoami'],
  [['DELETE'], '/admin/sessions'],
];

/** On the public port: what only administrators may ask. */
export function redirectsToAdmin(adminUrl: string): readonly Route[] {
  return redirects(TO_ADMIN, (path) => {
    const inner = path.startsWith('/admin/') ? path.slice('/admin/'.length) : path.slice(1);
    return `${adminUrl}admin/${inner}`;
  });
}

/** On the admin port: what people ask. */
export function redirectsToPublic(publicUrl: string): readonly Route[] {
  return redirects(
    TO_PUBLIC,
    (path) => `${publicUrl}${path.startsWith('/admin/') ? path.slice('/admin/'.length) : path.slice(1)}`,
  );
}

function redirects(rows: readonly Row[], target: (path: string) => string): readonly Route[] {
  return rows.flatMap(([methods, path]) =>
    methods.map(
      (method): Route => ({
        method,
        path,
        handle: (context) => {
          const query = context.search === '' ? '' : `?${context.search}`;
          return Promise.resolve(redirectAnswer(307, `${target(context.path)}${query}`, context.method));
        },
      }),
    ),
  );
}
