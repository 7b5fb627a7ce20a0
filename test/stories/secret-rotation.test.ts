// All secrets are replaced while people use the service: nobody is signed out, and nothing sealed becomes unreadable.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOTP } from 'otpauth';
import { reseal } from '../../src/app/reseal.ts';
import { mergeDocuments } from '../../src/config/file.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createAdmin } from '../support/admin.ts';
import { createBrowser } from '../support/browser.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { BACKUP_CODES, FACTOR_SCHEMA, SECRET } from '../support/factor-server.ts';
import { json } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import {
  PASSWORD,
  schemaUrl,
  sharedConfig,
  startServer,
  type TestScope,
  type TestServer,
} from '../support/server.ts';

const OLD = {
  default: 'the old secret for all',
  cookie: 'the old secret of cookies',
  cipher: 'o'.repeat(32),
};
const NEW = {
  default: 'the new secret for all',
  cookie: 'the new secret of cookies',
  cipher: 'n'.repeat(32),
};
const PEOPLE = 8;
const STEP_MS = 30_000;

type Secrets = Readonly<Record<keyof typeof OLD, readonly string[]>>;
const of = (...order: readonly (typeof OLD)[]): Secrets => ({
  default: order.map((each) => each.default),
  cookie: order.map((each) => each.cookie),
  cipher: order.map((each) => each.cipher),
});

function configOf(dsn: string, secrets: Secrets): JsonObject {
  const merged = mergeDocuments(sharedConfig(dsn), {
    secrets,
    session: { whoami: { required_aal: 'aal1' } },
    identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(FACTOR_SCHEMA) }] },
    selfservice: { methods: { totp: { enabled: true }, lookup_secret: { enabled: true } } },
  });
  assert.ok(isJsonObject(merged));
  return merged;
}

/** Requests go to one server after the other, as behind a proxy; which ones are there changes under way. */
function createProxy(first: TestServer) {
  let servers = [first];
  let turn = 0;
  const next = (): TestServer => servers[turn++ % servers.length] ?? first;
  const inFlight = new Set<Promise<Response>>();
  const server: TestServer = {
    ...first,
    ask: (...request) => {
      const answer = next().ask(...request);
      inFlight.add(answer);
      return answer.finally(() => inFlight.delete(answer));
    },
  };
  return {
    server,
    /** Until everything is answered that was asked before. */
    drained: async (): Promise<void> => void (await Promise.allSettled(inFlight)),
    use: (...these: TestServer[]): void => {
      servers = these;
    },
  };
}

/** The whole of a sign-in with both factors: forms, codes and what is sealed go through whichever servers there are. */
async function signInTwice(server: TestServer, email: string, factor: object): Promise<void> {
  const app = createNativeApp(server);
  await app.signIn(email);
  await json(await app.send(await app.start('login', '?aal=aal2'), factor));
}

for (const name of SHARED_DATABASES) {
  test(`secrets are rotated under load [${name}]`, async (t: TestScope) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const sources = (secrets: Secrets) => ({
      ...{ files: [], env: {}, base: configOf(fresh.dsn, secrets) },
      open: (dsn: string) => openDatabase({ dsn, clock: systemClock }),
    });
    const start = (secrets: Secrets): Promise<TestServer> =>
      startServer(t, { dsn: fresh.dsn, config: configOf(fresh.dsn, secrets) });
    const before = await start(of(OLD));
    const proxy = createProxy(before);
    const admin = createAdmin(before);
    const emails = Array.from({ length: PEOPLE }, (_, index) => `p${index}@example.org`);
    for (const email of emails) {
      await admin.create(email, {
        verifiable_addresses: [{ value: email, via: 'email', verified: true, status: 'completed' }],
        credentials: {
          password: { config: { password: PASSWORD } },
          totp: { config: { totp_url: `otpauth://totp/Example:${email}?secret=${SECRET}` } },
          lookup_secret: { config: { codes: BACKUP_CODES.map((code) => ({ code })) } },
        },
      });
    }
    const browsers = await Promise.all(
      emails.map(async (email) => {
        const browser = createBrowser(proxy.server);
        await browser.signIn(email);
        assert.equal(await browser.isSignedIn(), true);
        return browser;
      }),
    );

    const second = await start(of(OLD, NEW));
    const third = await start(of(NEW, OLD));
    const last = await start({ ...of(NEW), cookie: of(NEW, OLD).cookie });
    let signIns = 0;
    let isOver = false;
    const load = emails.map(async (email, index) => {
      for (let round = 0; !isOver || round < 2; round += 1) {
        assert.equal(await browsers[index]?.isSignedIn(), true);
        const code = BACKUP_CODES[round];
        // Backup codes change the credential while it is sealed anew; passwords alone are the rest of the load.
        if (code !== undefined && round < 4) {
          await signInTwice(proxy.server, email, { method: 'lookup_secret', lookup_secret: code });
        } else await createNativeApp(proxy.server).signIn(email);
        signIns += 1;
      }
    });
    const rounds = async (count: number): Promise<void> => {
      const until = signIns + count;
      while (signIns < until) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const rotation = (async () => {
      await rounds(PEOPLE);
      // Each node learns to read the new secret before any of them seals with it.
      proxy.use(before, second);
      await rounds(PEOPLE);
      proxy.use(second, third);
      await rounds(PEOPLE);
      proxy.use(third);
      // What an old node still has in its hands may be sealed as before.
      await proxy.drained();
      const report = await reseal(sources(of(NEW, OLD)));
      assert.equal(report.looked, 2 * PEOPLE);
      assert.equal(report.unreadable, 0);
      assert.ok(report.resealed > 0);
      proxy.use(third, last);
      await rounds(PEOPLE);
      isOver = true;
    })();
    await Promise.all([...load, rotation]);

    assert.deepEqual(await reseal(sources(of(NEW, OLD))), {
      ...{ looked: 2 * PEOPLE, resealed: 0, unreadable: 0 },
    });
    proxy.use(last);
    last.clock.advance(STEP_MS);
    for (const [index, email] of emails.entries()) {
      assert.equal(await browsers[index]?.isSignedIn(), true);
      const totp_code = new TOTP({ secret: SECRET }).generate({ timestamp: last.clock.nowMs() });
      await signInTwice(proxy.server, email, { method: 'totp', totp_code });
      await signInTwice(proxy.server, email, { method: 'lookup_secret', lookup_secret: BACKUP_CODES[5] });
    }
  });
}

test('a secret that was removed too early is told, and nothing is lost by it', async (t) => {
  const fresh = await freshDatabase('sqlite file');
  t.after(fresh.remove);
  const server = await startServer(t, { dsn: fresh.dsn, config: configOf(fresh.dsn, of(OLD)) });
  await createAdmin(server).create('ada@example.org', {
    credentials: {
      totp: { config: { totp_url: `otpauth://totp/Example:ada?secret=${SECRET}` } },
    },
  });
  const sources = (secrets: Secrets) => ({
    ...{ files: [], env: {}, base: configOf(fresh.dsn, secrets) },
    open: (dsn: string) => openDatabase({ dsn, clock: systemClock }),
  });
  assert.deepEqual(await reseal(sources(of(NEW))), { looked: 1, resealed: 0, unreadable: 1 });
  assert.deepEqual(await reseal(sources(of(NEW, OLD))), { looked: 1, resealed: 1, unreadable: 0 });
  assert.deepEqual(await reseal(sources(of(NEW))), { looked: 1, resealed: 0, unreadable: 0 });
});
