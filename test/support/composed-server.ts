// The flows over methods and hooks that a test brings along, mounted as the composition root mounts the registered ones.
import { createConfigLoader } from '../../src/base/config.ts';
import { UNBUILT_METHODS } from '../../src/base/config-unbuilt.ts';
import { newCsrfToken } from '../../src/base/csrf-token.ts';
import { openSchemas } from '../../src/base/schema-sources.ts';
import { budgetSettings, createBudget } from '../../src/flow/budget.ts';
import type { FlowDeps } from '../../src/flow/deps.ts';
import { flowSettings } from '../../src/flow/flow-settings.ts';
import type { HookDefinition } from '../../src/flow/hook.ts';
import { createHookBook } from '../../src/flow/hook-book.ts';
import { bindMethod, type MethodDefinition, type MethodDeps } from '../../src/flow/method.ts';
import { createHasher, maxPasswordBytes } from '../../src/hash/hasher.ts';
import { hashAlgorithm } from '../../src/hash/hasher-settings.ts';
import { createHashPool, type HashPool } from '../../src/hash/pool.ts';
import { session } from '../../src/hooks/session.ts';
import { toResponse } from '../../src/http/answer.ts';
import { createNetworks, type Peer } from '../../src/http/client-address.ts';
import { createCookies } from '../../src/http/cookies.ts';
import { createPort } from '../../src/http/port.ts';
import { createResponder } from '../../src/http/respond.ts';
import type { Route } from '../../src/http/route.ts';
import { type FlowRouteDeps, flowRoutes } from '../../src/http/routes/flows.ts';
import { sessionRoutes } from '../../src/http/routes/sessions.ts';
import { createSealer } from '../../src/lib/cipher.ts';
import { createTestClock, type TestClock } from '../../src/lib/clock.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createOutbound } from '../../src/lib/outbound.ts';
import { openDatabase } from '../../src/store/open.ts';
import { ID_URL, START_MS, sharedConfig, type TestScope, type TestServer, toRequest } from './server.ts';

export interface ComposedOptions {
  // Each definition fits the configuration that its own schema describes; a list only loses sight of which.
  readonly methods: readonly unknown[];
  /** Besides the one that signs in after registration. */
  readonly hooks?: readonly HookDefinition<unknown>[];
  readonly config?: JsonObject;
  /** Where hashes run, for counting them. */
  readonly pool?: HashPool;
  /** Routes besides those of flows and sessions. */
  readonly routes?: (deps: FlowRouteDeps) => readonly Route[];
}

export interface ComposedServer extends Pick<TestServer, 'ask'> {
  readonly clock: TestClock;
  readonly flow: FlowDeps;
  /** What went wrong inside. */
  readonly failures: readonly unknown[];
}

/** The public port over a database in memory; closed with the test. */
export async function composeServer(scope: TestScope, options: ComposedOptions): Promise<ComposedServer> {
  const definitions = options.methods as readonly MethodDefinition<unknown>[];
  const hooks = [session, ...(options.hooks ?? [])] as readonly HookDefinition<unknown>[];
  const loader = createConfigLoader({ methods: definitions, hooks });
  const { config } = loader.load({
    files: [],
    env: {},
    base: sharedConfig('memory'),
    flags: options.config ?? {},
  });
  const clock = createTestClock(START_MS);
  const database = openDatabase({ dsn: config.dsn, clock });
  scope.after(() => database.close());
  await database.migrateUp();
  const outbound = createOutbound({ disallowPrivate: true });
  const publicUrl = `${ID_URL}/`;
  const secrets = config.secrets.default ?? [];
  const settings = flowSettings(config, { publicUrl, secrets });
  const algorithm = hashAlgorithm(config);
  const methodDeps: MethodDeps = {
    clock,
    database,
    hasher: createHasher({ ...algorithm, pool: options.pool ?? createHashPool() }),
    outbound,
    maxPasswordBytes: maxPasswordBytes(algorithm),
    concealsAccounts: settings.concealsAccounts,
    publicUrl,
    compose: () => Promise.reject(new Error('nothing is sent here')),
    budget: createBudget({
      counters: database.stores.counters,
      clock,
      settings: budgetSettings(config, () => false),
    }),
    secretKeys: secrets,
    notifiesUnknown: { recovery: false, verification: false },
    features: { choosesRecoveryAddress: false, choosesRefreshAddress: false, hasSms: false },
    loginStyle: settings.loginStyle,
    registrationStyle: settings.registrationStyle,
  };
  const flow: FlowDeps = {
    clock,
    database,
    schemas: await openSchemas(config, { clock, outbound }),
    methods: [...definitions]
      .sort((a, b) => a.order - b.order)
      .map((definition) => {
        const own = config.selfservice.methods[definition.name];
        return bindMethod(definition, methodDeps, own ?? { enabled: definition.isEnabledByDefault });
      }),
    absentMethods: UNBUILT_METHODS,
    hooks: createHookBook(config, hooks),
    settings,
    composeNotice: methodDeps.compose,
    sealer: createSealer(secrets, 'parked submission'),
  };
  const cookies = createCookies(config, { sealer: createSealer(secrets, 'cookie'), publicUrl });
  const responder = createResponder({
    cookies,
    publicUrl,
    uiUrl: settings.uiUrl,
    nowMs: () => clock.nowMs(),
    keepError: async (error) => {
      const id = newUuid();
      await database.stores.errors.insert({ id, error, createdAtMs: clock.nowMs() });
      return id;
    },
  });
  const failures: unknown[] = [];
  const port = createPort({
    routes: [
      ...sessionRoutes({ flow, cookies }),
      ...flowRoutes({ flow, cookies, responder }),
      ...(options.routes?.({ flow, cookies, responder }) ?? []),
    ],
    context: {
      csrfCookieName: cookies.csrfName,
      forwardedHeaderNames: [],
      isTrusted: createNetworks([]),
      isTls: false,
      fallbackHost: new URL(publicUrl).host,
      newCsrfToken,
    },
    publicRules: { cors: undefined, csrfCookie: cookies.csrf, limiter: undefined },
    onAnswered: () => undefined,
    onFailure: (error) => void failures.push(error),
  });
  const somebody: Peer = { address: '198.51.100.1', port: 40_000 };
  return {
    ask: async (method, path, ask) =>
      toResponse(await port(toRequest(method, path, ask), ask?.peer ?? somebody)),
    clock,
    flow,
    failures,
  };
}
