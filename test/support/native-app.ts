// A native app: flows of type api, JSON, and a session token that it keeps itself.
import type { FlowKind } from '../../src/flow/flow.ts';
import type { Peer } from '../../src/http/guard/client-address.ts';
import { type FlowJson, json, type SessionJson, type SignedInJson } from './flow-json.ts';
import { PASSWORD, type TestServer } from './server.ts';

export interface NativeApp {
  /** The token of its session; empty while nobody is signed in. */
  token: string;
  readonly ask: (method: string, path: string, body?: object) => Promise<Response>;
  readonly start: (kind: FlowKind, query?: string) => Promise<FlowJson>;
  readonly send: (flow: FlowJson, body: object) => Promise<Response>;
  readonly signUp: (email: string, of?: Credentials) => Promise<SignedInJson>;
  readonly signIn: (email: string, of?: Credentials) => Promise<SignedInJson>;
  readonly whoami: () => Promise<SessionJson>;
}

export interface Credentials {
  readonly password?: string;
  readonly traits?: object;
}

export function createNativeApp(
  server: Pick<TestServer, 'ask'>,
  of: { readonly peer?: Peer } = {},
): NativeApp {
  const ask = (method: string, path: string, body?: object): Promise<Response> =>
    server.ask(method, path, {
      ...of,
      headers: {
        accept: 'application/json',
        ...(app.token ? { 'x-session-token': app.token } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const finish = async (flow: FlowJson, body: object): Promise<SignedInJson> => {
    const done = await json<SignedInJson>(await ask('POST', flow.ui.action, body));
    app.token = done.session_token ?? app.token;
    return done;
  };
  const start = async (kind: FlowKind, query = ''): Promise<FlowJson> =>
    json(await ask('GET', `/self-service/${kind}/api${query}`));
  const app: NativeApp = {
    token: '',
    ask,
    start,
    send: (flow, body) => ask('POST', flow.ui.action, body),
    signUp: async (email, { password = PASSWORD, traits = {} } = {}) =>
      finish(await start('registration'), { method: 'password', password, traits: { email, ...traits } }),
    signIn: async (identifier, { password = PASSWORD } = {}) =>
      finish(await start('login'), { method: 'password', identifier, password }),
    whoami: async () => json(await ask('GET', '/sessions/whoami')),
  };
  return app;
}
