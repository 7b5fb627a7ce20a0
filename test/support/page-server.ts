// A server that listens, with the built-in pages: for tests in a real browser.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bia, type BiaOptions, createBia } from '../../src/app/create-app.ts';
import { listen, PUBLIC_TIMEOUTS } from '../../src/http/port/server.ts';
import { createTestClock, type TestClock } from '../../src/lib/clock.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { createLog } from '../../src/lib/log.ts';
import { PERSON_SCHEMA, START_MS, schemaUrl, sharedConfig, type TestScope } from './server.ts';

export interface PageServer {
  /** Public address, ending in a slash. */
  readonly url: string;
  readonly bia: Bia;
  readonly clock: TestClock;
}

export interface PageServerOptions {
  readonly schema?: JsonObject;
  readonly pages?: JsonObject;
  /** Settings of single flows, such as the style of login. */
  readonly flows?: Readonly<Record<string, JsonObject>>;
  readonly methods?: JsonObject;
  readonly featureFlags?: JsonObject;
  readonly courier?: JsonObject;
  /** Sends what is queued. */
  readonly watchesCourier?: true;
  readonly additions?: BiaOptions['additions'];
  /** Default: 127.0.0.1. Keys need a name, and browsers trust this one without TLS. */
  readonly host?: 'localhost';
  /** Given the public address, for settings that repeat it. */
  readonly methodsAt?: (url: string) => JsonObject;
}

/** A server on a port of its own that is stopped with the test. */
export async function startPageServer(
  scope: TestScope,
  options: PageServerOptions = {},
): Promise<PageServer> {
  const { schema = PERSON_SCHEMA, pages = {}, flows = {}, methods = {} } = options;
  const port = await freePort();
  const url = `http://${options.host ?? '127.0.0.1'}:${port}/`;
  const clock = createTestClock(START_MS);
  const shared = sharedConfig('memory');
  const selfservice = isJsonObject(shared['selfservice']) ? shared['selfservice'] : {};
  const config: JsonObject = {
    ...shared,
    pages,
    feature_flags: options.featureFlags ?? {},
    courier: options.courier ?? {},
    serve: {
      public: { base_url: url, rate_limits: { enabled: false } },
      admin: { base_url: 'http://admin.example.org/' },
    },
    identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(schema) }] },
    selfservice: {
      ...selfservice,
      methods: {
        ...(isJsonObject(selfservice['methods']) ? selfservice['methods'] : {}),
        ...methods,
        ...options.methodsAt?.(url),
      },
      default_browser_return_url: url,
      allowed_return_urls: [],
      flows: {
        ...flows,
        registration: {
          style: 'unified',
          after: { password: { hooks: [{ hook: 'session' }] } },
          ...flows['registration'],
        },
        logout: { after: { default_browser_return_url: `${url}ui/login` } },
      },
    },
  };
  const log = createLog({ level: 'error', format: 'text', clock, stream: process.stderr });
  const { additions, watchesCourier = false } = options;
  const flags = { 'watch-courier': watchesCourier };
  const bia = await createBia({ clock, config, log, flags, ...(additions ? { additions } : {}) });
  const listener = await listen({
    answer: bia.publicPort,
    host: '127.0.0.1',
    port,
    socketMode: 0o600,
    timeouts: PUBLIC_TIMEOUTS,
  });
  scope.after(async () => {
    await listener.stop(1_000);
    await bia.close();
  });
  return { url, bia, clock };
}

/** The configuration names the port, so it must be known before the server listens. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo; // it listens on a port, not on a socket
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
