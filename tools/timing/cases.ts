// What is asked of the server with a known and with an unknown address: one request of each kind is timed.
import type { TimedServer } from './server.ts';

export interface TimedCase {
  readonly name: string;
  /** Prepares everything that is not timed and returns the request that is. */
  readonly prepare: (server: TimedServer, address: string) => Promise<() => Promise<Response>>;
}

type Kind = 'login' | 'recovery' | 'verification';

const submission = (kind: Kind, body: (address: string) => object): TimedCase['prepare'] => {
  return async (server, address) => {
    const action = await server.startFlow(kind);
    return () => server.post(action, body(address));
  };
};

/** The code was asked for already; what is timed is a wrong one. */
const wrongCode: TimedCase['prepare'] = async (server, identifier) => {
  const action = await server.startFlow('login');
  await (await server.post(action, { method: 'code', identifier })).text();
  // Five digits never fit.
  return () => server.post(action, { method: 'code', identifier, code: '12345' });
};

export const CASES: readonly TimedCase[] = [
  {
    name: 'login by code: asking for one',
    prepare: submission('login', (identifier) => ({ method: 'code', identifier })),
  },
  { name: 'login by code: a wrong one', prepare: wrongCode },
  { name: 'recovery by code', prepare: submission('recovery', (email) => ({ method: 'code', email })) },
  {
    name: 'verification by code',
    prepare: submission('verification', (email) => ({ method: 'code', email })),
  },
  {
    name: 'a wrong password',
    prepare: submission('login', (identifier) => ({
      method: 'password',
      identifier,
      password: 'not the one that was chosen',
    })),
  },
];
