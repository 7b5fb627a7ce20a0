// A server with providers of social sign-in, and what a person does between the two.
import type { JsonObject } from '../../src/lib/json.ts';
import { type Browser, createBrowser } from './browser.ts';
import { providerEntry, type ScriptedProvider, startProvider } from './openid-provider.ts';
import { type ServerOptions, startServer, type TestScope, type TestServer } from './server.ts';

export interface SocialServer extends TestServer {
  readonly acme: ScriptedProvider;
  /** Starts a flow in a browser, chooses the provider, and goes through it up to the way back. */
  readonly leave: (
    browser: Browser,
    of?: { readonly kind?: 'login' | 'registration'; readonly provider?: string },
  ) => Promise<string>;
  /** The same, and back. */
  readonly signIn: (
    browser: Browser,
    of?: { readonly kind?: 'login' | 'registration'; readonly provider?: string },
  ) => Promise<Response>;
}

/** `entry` is laid over the entry of the provider "acme"; "globex" is the same provider under another id. */
export async function startSocial(
  t: TestScope,
  { entry = {}, config = {}, ...options }: ServerOptions & { readonly entry?: JsonObject } = {},
): Promise<SocialServer> {
  const acme = await startProvider(t);
  const providers = [
    providerEntry(acme, entry),
    providerEntry(acme, { id: 'globex', label: 'Globex', client_id: 'globex-client' }),
  ];
  const server = await startServer(t, {
    ...options,
    config: merged(
      {
        selfservice: {
          methods: { oidc: { enabled: true, config: { providers } } },
          flows: { registration: { after: { oidc: { hooks: [{ hook: 'session' }] } } } },
        },
      },
      config,
    ),
  });
  const leave: SocialServer['leave'] = async (browser, { kind = 'login', provider = 'acme' } = {}) => {
    await browser.open(`/self-service/${kind}/browser`);
    await browser.press(provider, 'provider');
    return acme.visit(browser.at());
  };
  return {
    ...server,
    acme,
    leave,
    signIn: async (browser, of) => browser.open(await leave(browser, of)),
  };
}

/** Objects are merged, everything else is replaced. */
function merged(base: JsonObject, over: JsonObject): JsonObject {
  const isObject = (value: unknown): value is JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [a, b] = [base[name], over[name]];
      return [name, isObject(a) && isObject(b) ? merged(a, b) : (b ?? a)];
    }),
  );
}

/** Somebody with a browser of their own who has signed up by the provider. */
export async function signedUpBy(server: SocialServer, user: ScriptedProvider['user']): Promise<Browser> {
  const browser = createBrowser(server);
  server.acme.user = user;
  await server.signIn(browser, { kind: 'registration' });
  return browser;
}
