// A server with one person whose account several people change at once, on whichever database.
import assert from 'node:assert/strict';
import { type IdentityId, parseUuid } from '../../src/lib/ids.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin } from './admin.ts';
import { DATABASES, type DatabaseName, freshDatabase } from './databases.ts';
import { createNativeApp, type NativeApp } from './native-app.ts';
import { RECOVERY_CONFIG } from './outgoing.ts';
import { createPausingHook, type PausingHook } from './pausing-hook.ts';
import { pin } from './pin/index.ts';
import { PASSWORD, startServer, type TestScope, type TestServer } from './server.ts';

export const EMAIL = 'ada@example.org';
/** In memory there is one connection, on disk there are two, on PostgreSQL as many as are needed. */
export const TRIED_DATABASES = DATABASES.filter((name) => name !== 'sqlite file');

export interface PersonServer extends TestServer {
  readonly admin: Admin;
  readonly hook: PausingHook;
  readonly id: IdentityId;
  /** Signed in with the password. */
  readonly app: NativeApp;
  /** Another device of theirs. */
  readonly otherApp: NativeApp;
}

export async function startPersonServer(
  scope: TestScope,
  database: DatabaseName,
  of: { readonly config?: JsonObject; readonly flows?: JsonObject; readonly isVerified?: boolean } = {},
): Promise<PersonServer> {
  const fresh = await freshDatabase(database);
  const hook = createPausingHook();
  const { methods, flows } = RECOVERY_CONFIG.selfservice;
  const server = await startServer(scope, {
    dsn: fresh.dsn,
    additions: { hooks: [hook.definition], methods: [pin] },
    config: {
      ...of.config,
      selfservice: {
        methods: {
          ...methods,
          code: { passwordless_enabled: true, config: { missing_credential_fallback_enabled: true } },
          pin: { enabled: true, config: { factor: 'second' } },
        },
        flows: {
          ...hook.config,
          recovery: { ...flows.recovery, after: { hooks: [{ hook: 'pause' }] } },
          verification: { ...flows.verification, after: { hooks: [{ hook: 'pause' }] } },
          ...of.flows,
        },
      },
    },
  });
  scope.after(fresh.remove);
  const admin = createAdmin(server);
  const verifiable_addresses = [
    { value: EMAIL, via: 'email', verified: of.isVerified ?? true, status: 'completed' },
  ];
  const credentials = { password: { config: { password: PASSWORD } } };
  const made = await admin.create(EMAIL, { verifiable_addresses, credentials });
  const [app, otherApp] = [createNativeApp(server), createNativeApp(server)];
  await app.signIn(EMAIL);
  await otherApp.signIn(EMAIL);
  const id = parseUuid<IdentityId>(made.id);
  assert.ok(id);
  return { ...server, admin, hook, id, app, otherApp };
}
