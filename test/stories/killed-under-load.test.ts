// The process dies in the middle of its work, again and again: who was told that their account exists has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkplace, type RunningProgram } from '../cli/program.ts';
import { type DatabaseName, freshDatabase, runRaw, SHARED_DATABASES } from '../support/databases.ts';
import { freePorts } from '../support/free-ports.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { sharedConfig, type TestScope } from '../support/server.ts';

/** People who register at the same time, and after how many accounts the process is killed: at once, and in full swing. */
const CROWD = 12;
const KILLS = [1, 60] as const;

interface Machine {
  readonly dsn: string;
  readonly start: () => Promise<RunningProgram>;
  readonly app: () => NativeApp;
}

async function setUp(t: TestScope, name: DatabaseName): Promise<Machine> {
  const fresh = await freshDatabase(name);
  t.after(fresh.remove);
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const [publicPort, adminPort] = await freePorts();
  const publicUrl = `http://127.0.0.1:${publicPort}`;
  const file = workplace.write('bia.json', {
    ...sharedConfig(fresh.dsn),
    log: { level: 'error' },
    serve: {
      public: {
        base_url: `${publicUrl}/`,
        host: '127.0.0.1',
        port: publicPort,
        rate_limits: { enabled: false },
      },
      admin: { host: '127.0.0.1', port: adminPort },
    },
  });
  const ask: Parameters<typeof createNativeApp>[0]['ask'] = (method, path, { headers, body } = {}) =>
    fetch(new URL(path, publicUrl), { method, ...(headers ? { headers } : {}), ...(body ? { body } : {}) });
  return { dsn: fresh.dsn, start: () => workplace.serve(['-c', file]), app: () => createNativeApp({ ask }) };
}

interface Load {
  readonly acknowledged: readonly string[];
  /** Asked for, and nobody knows what became of it. */
  readonly open: readonly string[];
}

/** Everybody signs up one account after another until the server is gone. */
async function signUpUntilKilled(
  { app }: Machine,
  of: { readonly program: RunningProgram; readonly killAfter: number },
): Promise<Load> {
  const acknowledged: string[] = [];
  const open = new Set<string>();
  let killed: Promise<void> | undefined;
  const person = async (who: number): Promise<void> => {
    for (let count = 0; ; count += 1) {
      const email = `person-${of.killAfter}-${who}-${count}@example.org`;
      open.add(email);
      try {
        await app().signUp(email);
      } catch (error) {
        if (killed && !(error instanceof assert.AssertionError)) return; // the connection broke
        throw error;
      }
      open.delete(email);
      acknowledged.push(email);
      if (acknowledged.length >= of.killAfter) killed ??= of.program.kill();
    }
  };
  await Promise.all(Array.from({ length: CROWD }, (_, who) => person(who)));
  await killed;
  return { acknowledged, open: [...open] };
}

for (const name of SHARED_DATABASES) {
  test(`kill -9 under load loses no account that was acknowledged, and leaves no half of one [${name}]`, async (t) => {
    const machine = await setUp(t, name);
    const loads: Load[] = [];
    for (const killAfter of KILLS) {
      const program = await machine.start();
      loads.push(await signUpUntilKilled(machine, { program, killAfter }));
    }
    const program = await machine.start();
    t.after(async () => void (await program.stop()));

    const acknowledged = loads.flatMap((load) => load.acknowledged);
    assert.ok(acknowledged.length >= KILLS[0] + KILLS[1]);
    for (const email of acknowledged) {
      const { session } = await machine.app().signIn(email);
      assert.equal(session?.identity.traits['email'], email);
    }
    // An account that nobody was told of is either whole, and lets its person in, or was never made.
    for (const email of loads.flatMap((load) => load.open)) {
      const app = machine.app();
      const made = await app.signIn(email).catch(() => app.signUp(email));
      assert.ok(made.session_token);
    }
    const count = async (from: string): Promise<number> =>
      (await runRaw(machine.dsn, `select 1 from ${from}`)).length;
    const identities = await count('identities');
    assert.ok(identities >= acknowledged.length);
    for (const table of ['identity_identifiers', 'identity_credentials']) {
      assert.equal(await count(table), identities, table);
    }
    assert.equal(await count('identity_addresses'), 2 * identities);
    assert.equal(await count("security_events where kind = 'identity.created'"), identities);
    const sessions = await count('sessions');
    assert.equal(sessions, identities + (await count("security_events where kind = 'login.succeeded'")));
  });
}
