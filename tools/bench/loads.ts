// The loads that are measured: which requests each sends, and over how many connections.
import type autocannon from 'autocannon';

/** What a load needs to know of the people in the database; travels to its process as JSON. */
export interface LoadData {
  readonly publicUrl: string;
  readonly identifiers: readonly string[];
  readonly password: string;
  /** Values of the header and of the cookie, of the same sessions. */
  readonly tokens: readonly string[];
  readonly cookies: readonly string[];
}

export interface Load {
  readonly name: string;
  readonly connections: number;
  /** Sent before anything is measured: the engine compiles what it has seen often enough. */
  readonly warmUpRequests: number;
  /** Status that every answer has to have. */
  readonly status: number;
  /** How many requests make one unit of what is counted. */
  readonly requestsPerUnit: number;
  /** Compared with the hash instead of node:http. */
  readonly isSignIn?: true;
  readonly target?: { readonly perSecond?: number; readonly p99Ms?: number; readonly ofHash?: number };
  /** Requests of one connection, sent again and again in this order. */
  readonly requests: (data: LoadData, connection: number) => autocannon.Request[];
}

const JSON_CLIENT = { accept: 'application/json' };
const BROWSER = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
const WHOAMI = '/sessions/whoami';
const WHOAMI_CONNECTIONS = 16;
const SIGN_IN_CONNECTIONS = 8;
const WHOAMI_TARGET = { perSecond: 10_000, p99Ms: 5 };
const START_TARGET = { perSecond: 3_000 };

/** Sent to bare.ts. */
export const BARE: Load = {
  name: 'node:http alone',
  connections: WHOAMI_CONNECTIONS,
  warmUpRequests: 20_000,
  status: 200,
  requestsPerUnit: 1,
  requests: () => [{ path: '/', headers: JSON_CLIENT }],
};

export const LOADS: readonly Load[] = [
  {
    name: 'whoami, X-Session-Token',
    connections: WHOAMI_CONNECTIONS,
    warmUpRequests: 20_000,
    status: 200,
    requestsPerUnit: 1,
    target: WHOAMI_TARGET,
    requests: ({ tokens }, connection) =>
      share(tokens, connection).map((token) => ({
        path: WHOAMI,
        headers: { ...JSON_CLIENT, 'x-session-token': token },
      })),
  },
  {
    name: 'whoami, cookie',
    connections: WHOAMI_CONNECTIONS,
    warmUpRequests: 20_000,
    status: 200,
    requestsPerUnit: 1,
    target: WHOAMI_TARGET,
    requests: ({ cookies }, connection) =>
      share(cookies, connection).map((cookie) => ({ path: WHOAMI, headers: { ...JSON_CLIENT, cookie } })),
  },
  {
    name: 'login start, app',
    connections: 32,
    warmUpRequests: 8_000,
    status: 200,
    requestsPerUnit: 1,
    target: START_TARGET,
    requests: () => [{ path: '/self-service/login/api', headers: JSON_CLIENT }],
  },
  {
    name: 'login start, browser',
    connections: 32,
    warmUpRequests: 8_000,
    status: 303,
    requestsPerUnit: 1,
    target: START_TARGET,
    requests: () => [{ path: '/self-service/login/browser', headers: BROWSER }],
  },
  {
    name: 'sign-in (start and submit)',
    connections: SIGN_IN_CONNECTIONS,
    warmUpRequests: 200,
    status: 200,
    requestsPerUnit: 2,
    isSignIn: true,
    target: { ofHash: 0.9 },
    requests: (data, connection) => signIn(data, connection),
  },
];

/** Each connection acts for other people. */
function share<T>(all: readonly T[], connection: number): readonly T[] {
  return all.filter((_, index) => index % WHOAMI_CONNECTIONS === connection % WHOAMI_CONNECTIONS);
}

function signIn({ identifiers, password }: LoadData, connection: number): autocannon.Request[] {
  let next = connection;
  let flow = '';
  return [
    {
      path: '/self-service/login/api',
      headers: JSON_CLIENT,
      onResponse: (_status, body) => {
        flow = /"id":"([0-9a-f-]+)"/.exec(body)?.[1] ?? '';
      },
    },
    {
      headers: { ...JSON_CLIENT, 'content-type': 'application/json' },
      setupRequest: (request) => {
        next += SIGN_IN_CONNECTIONS;
        const identifier = identifiers[next % identifiers.length];
        return {
          ...request,
          method: 'POST',
          path: `/self-service/login?flow=${flow}`,
          body: JSON.stringify({ method: 'password', identifier, password }),
        };
      },
    },
  ];
}
