// Whatever two people and an administrator do in whatever order: no session says more than was proven, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Authenticator, createAuthenticator } from '../support/authenticator.ts';
import {
  BACKUP_CODES,
  type FactorServer,
  passkeyCreation,
  passkeyRequest,
  SECRET,
  startFactorServer,
} from '../support/factor-server.ts';
import { type FlowJson, fieldValue, type SessionJson } from '../support/flow-json.ts';
import { createNativeApp, type NativeApp } from '../support/native-app.ts';
import { APP_URL, PASSWORD } from '../support/server.ts';

const RUNS = 25;
const STEPS = 40;

/** What the test knows of a person, from acknowledged acts alone. */
interface Person {
  readonly name: string;
  readonly email: string;
  readonly id: string;
  isActive: boolean;
  /** Secret of the app, once one is set up. */
  app: string | undefined;
  codes: string[];
  readonly spent: string[];
  passkey: Authenticator | undefined;
}

/** A native app in which a person is signed in, and what was proven in it. */
interface Client {
  readonly owner: Person;
  readonly app: NativeApp;
  readonly proofs: Set<'first' | 'second'>;
  isAlive: boolean;
}

interface World {
  readonly server: FactorServer;
  /** How often something came about, so that the test cannot pass by doing nothing. */
  readonly tally: Map<string, number>;
  readonly people: readonly [Person, Person];
  readonly clients: Client[];
}

type Act = (world: World, at: { readonly who: number; readonly client: number }) => Promise<void>;

const count = ({ tally }: World, what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);

const levelOf = ({ proofs }: Client): string =>
  proofs.has('first') && proofs.has('second') ? 'aal2' : 'aal1';

const body = async (response: Response): Promise<FlowJson & { readonly session_token?: string }> =>
  JSON.parse(await response.text()) as FlowJson & { readonly session_token?: string };

const personAt = ({ people }: World, who: number): Person => people[who % 2 === 0 ? 0 : 1];
const clientAt = ({ clients }: World, client: number): Client | undefined => {
  const alive = clients.filter(({ isAlive }) => isAlive);
  return alive[client % Math.max(alive.length, 1)];
};

/** A session that was answered is written down; one of a disabled person must never be. */
async function keep(world: World, owner: Person, app: NativeApp, sent: Response): Promise<void> {
  if (sent.status !== 200) return;
  assert.ok(owner.isActive, `${owner.name} is disabled and got a session`);
  app.token = (await body(sent)).session_token ?? '';
  count(world, 'signed in');
  world.clients.push({ owner, app, proofs: new Set(['first']), isAlive: true });
}

const byPassword: Act = async (world, { who }) => {
  const owner = personAt(world, who);
  const app = createNativeApp(world.server);
  const typed = { method: 'password', identifier: owner.email, password: PASSWORD };
  const sent = await app.send(await app.start('login'), typed);
  assert.equal(sent.status === 200, owner.isActive);
  await keep(world, owner, app, sent);
};

const byPasskey: Act = async (world, { who }) => {
  const owner = personAt(world, who);
  if (!owner.passkey) return;
  const app = createNativeApp(world.server);
  const flow = await app.start('login');
  const passkey_login = owner.passkey.get(passkeyRequest(flow));
  const sent = await app.send(flow, { passkey_login });
  assert.equal(sent.status === 200, owner.isActive);
  await keep(world, owner, app, sent);
  if (sent.status === 200) count(world, 'signed in by passkey');
  const again = createNativeApp(world.server);
  const replayed = await again.send(await again.start('login'), { passkey_login });
  assert.equal(replayed.status, 400, 'an assertion was taken twice');
};

async function stepUp(client: Client, values: object): Promise<boolean> {
  const started = await client.app.ask('GET', '/self-service/login/api?aal=aal2&refresh=true');
  if (started.status !== 200) return false;
  const sent = await client.app.send(await body(started), values);
  if (sent.status === 200) client.proofs.add('second');
  return sent.status === 200;
}

const byApp: Act = async (world, at) => {
  const client = clientAt(world, at.client);
  if (!client?.owner.app) return;
  const code = world.server.appCode(client.owner.app);
  const isRaised = await stepUp(client, { method: 'totp', totp_code: code });
  if (isRaised) {
    count(world, 'raised by an app');
    assert.ok(!(await stepUp(client, { method: 'totp', totp_code: code })), 'a code worked twice');
  }
  world.server.clock.advance(30_000);
};

const byBackupCode: Act = async (world, at) => {
  const client = clientAt(world, at.client);
  const [code] = client?.owner.codes ?? [];
  if (!client || code === undefined) return;
  const isRaised = await stepUp(client, { method: 'lookup_secret', lookup_secret: code });
  if (!isRaised) return;
  assert.ok(client.owner.isActive);
  count(world, 'raised by a backup code');
  client.owner.codes = client.owner.codes.slice(1);
  client.owner.spent.push(code);
};

const byOtherPeoplesThings: Act = async (world, at) => {
  const client = clientAt(world, at.client);
  if (!client) return;
  const other = world.people.find((person) => person !== client.owner);
  for (const spent of client.owner.spent)
    assert.ok(!(await stepUp(client, { method: 'lookup_secret', lookup_secret: spent })), 'a spent code');
  const foreign = other?.codes.find((code) => !client.owner.codes.includes(code));
  if (foreign !== undefined)
    assert.ok(!(await stepUp(client, { method: 'lookup_secret', lookup_secret: foreign })), 'a foreign code');
  if (other?.app && other.app !== client.owner.app) {
    const code = world.server.appCode(other.app);
    if (client.owner.app !== undefined && world.server.appCode(client.owner.app) === code) return;
    assert.ok(
      !(await stepUp(client, { method: 'totp', totp_code: code })),
      'the code of somebody else’s app',
    );
  }
};

/** Settings of a client, where it may open them: fresh, and at the level that the account asks for. */
async function settings(client: Client): Promise<FlowJson | undefined> {
  const started = await client.app.ask('GET', '/self-service/settings/api');
  const hasSecond =
    client.owner.app !== undefined || client.owner.codes.length + client.owner.spent.length > 0;
  const may = client.owner.isActive && (!hasSecond || levelOf(client) === 'aal2');
  if (started.status === 200) assert.ok(may, `settings of ${client.owner.name} opened at ${levelOf(client)}`);
  return started.status === 200 ? body(started) : undefined;
}

const change: (
  edit: (client: Client, flow: FlowJson, world: World) => Promise<(() => void) | undefined>,
) => Act = (edit) => async (world, at) => {
  const client = clientAt(world, at.client);
  const flow = client && (await settings(client));
  const apply = client && flow && (await edit(client, flow, world));
  if (!apply) return;
  count(world, 'changed settings');
  apply();
};

const setUpApp = change(async ({ app, owner, proofs }, flow, { server }) => {
  const node = flow.ui.nodes.find(
    ({ attributes }) => 'id' in attributes && attributes.id === 'totp_secret_key',
  );
  if (!node) return undefined;
  // The cast names where the protocol puts the secret.
  const { text } = node.attributes as unknown as { readonly text: { readonly text: string } };
  const sent = await app.send(flow, { method: 'totp', totp_code: server.appCode(text.text) });
  server.clock.advance(30_000);
  if (sent.status !== 200) return undefined;
  return () => {
    owner.app = text.text;
    proofs.add('second');
  };
});

const removeApp = change(async ({ app, owner }, flow) => {
  if (owner.app === undefined) return undefined;
  const sent = await app.send(flow, { totp_unlink: true });
  return sent.status === 200 ? () => Object.assign(owner, { app: undefined }) : undefined;
});

const dropCodes = change(async ({ app, owner }, flow) => {
  const sent = await app.send(flow, { lookup_secret_disable: true });
  if (sent.status !== 200) return undefined;
  return () => {
    owner.codes = [];
    owner.spent.length = 0;
  };
});

const addPasskey = change(async ({ app, owner, proofs }, flow) => {
  if (owner.passkey) return undefined;
  const device = createAuthenticator(APP_URL);
  const sent = await app.send(flow, { passkey_settings_register: device.create(passkeyCreation(flow)) });
  if (sent.status !== 200) return undefined;
  return () => {
    owner.passkey = device;
    proofs.add('first');
  };
});

const removePasskey = change(async ({ app, owner }, flow) => {
  const sent = await app.send(flow, { passkey_remove: fieldValue(flow, 'passkey_remove') ?? 'ffff' });
  return sent.status === 200 ? () => Object.assign(owner, { passkey: undefined }) : undefined;
});

const recover: Act = async (world, { who }) => {
  const owner = personAt(world, who);
  const { server } = world;
  const app = createNativeApp(server);
  const flow = await body(
    await app.send(await app.start('recovery'), { method: 'code', email: owner.email }),
  );
  const sent = await server.bia.database.stores.messages.list({ recipient: owner.email, limit: 1 });
  const code = /(?<!\d)\d{6}(?!\d)/.exec(sent[0]?.body ?? '')?.[0] ?? '';
  const answer = await app.send(flow, { method: 'code', code });
  const text = await answer.text();
  const token = /"ory_session_token":"([^"]+)"/.exec(text)?.[1];
  if (token === undefined) return;
  assert.ok(owner.isActive, `${owner.name} is disabled and recovered`);
  app.token = token;
  count(world, 'recovered');
  world.clients.push({ owner, app, proofs: new Set(['first']), isAlive: true });
};

const revoke: Act = async (world, at) => {
  const client = clientAt(world, at.client);
  if (!client) return;
  const { status } = await client.app.ask('DELETE', '/self-service/logout/api', {
    session_token: client.app.token,
  });
  if (status === 204) client.isAlive = false;
};

const disable: Act = async ({ server, ...world }, { who }) => {
  const person = personAt({ server, ...world }, who);
  const value = person.isActive ? 'inactive' : 'active';
  const patch = [{ op: 'replace', path: '/state', value }];
  assert.equal((await server.admin.patch(`/admin/identities/${person.id}`, patch)).status, 200);
  person.isActive = !person.isActive;
};

const strip: (type: 'totp' | 'lookup_secret' | 'passkey') => Act =
  (type) =>
  async ({ server, ...world }, { who }) => {
    const person = personAt({ server, ...world }, who);
    const { status } = await server.admin.delete(`/admin/identities/${person.id}/credentials/${type}`);
    if (status !== 204) return;
    if (type === 'totp') person.app = undefined;
    if (type === 'passkey') person.passkey = undefined;
    if (type !== 'lookup_secret') return;
    person.codes = [];
    person.spent.length = 0;
  };

const ACTS: Readonly<Record<string, Act>> = {
  byPassword,
  byPasskey,
  byApp,
  byBackupCode,
  byOtherPeoplesThings,
  setUpApp,
  removeApp,
  dropCodes,
  addPasskey,
  removePasskey,
  recover,
  revoke,
  disable,
  stripApp: strip('totp'),
  stripCodes: strip('lookup_secret'),
  stripPasskey: strip('passkey'),
};

/** What the server says must be what was acknowledged. */
async function check({ server, people, clients }: World): Promise<void> {
  for (const { id, name, app, codes, spent, passkey } of people) {
    const answer = await server.admin.get(`/admin/identities/${id}?include_credential=lookup_secret`);
    const { credentials = {} } = answer.json<{
      readonly credentials?: Record<string, { config?: object }>;
    }>();
    assert.equal('totp' in credentials, app !== undefined, `the app of ${name}`);
    assert.equal('passkey' in credentials, passkey !== undefined, `the passkey of ${name}`);
    const stored = JSON.stringify(credentials['lookup_secret']?.config ?? {});
    for (const code of codes)
      assert.ok(stored.includes(`"code":"${code}","used_at":null`), `${code} of ${name}`);
    for (const code of spent)
      assert.ok(!stored.includes(`"code":"${code}","used_at":null`), `${code} of ${name}`);
  }
  for (const client of clients) {
    const answer = await client.app.ask('GET', '/sessions/whoami');
    const isGood = client.isAlive && client.owner.isActive;
    if (!isGood) assert.equal(answer.status, 401, `a session of ${client.owner.name} that ended`);
    if (answer.status !== 200) continue;
    const session = JSON.parse(await answer.text()) as SessionJson;
    assert.equal(session.identity.id, client.owner.id);
    assert.equal(session.authenticator_assurance_level, levelOf(client), client.owner.name);
  }
}

test('no session says more than was proven, nothing works twice, and nothing acknowledged is lost', async (t) => {
  const server = await startFactorServer(t, {
    methods: { code: { enabled: true } },
    flows: { recovery: { enabled: true, use: 'code' } },
    config: {
      session: { whoami: { required_aal: 'aal1' } },
      feature_flags: { use_continue_with_transitions: true },
      security: {
        one_time_secrets: {
          tries_per_account: 100_000,
          sends_per_address: 100_000,
          sends_per_client: 100_000,
        },
      },
    },
  });
  const tally = new Map<string, number>();
  let people = 0;
  const newPerson = async (name: string): Promise<Person> => {
    people += 1;
    const email = `${name}${people}@example.org`;
    // Ada has everything but a passkey; Bob begins with a password alone.
    const isAda = name === 'ada';
    const id = await server.person(email, isAda ? { app: true, backup: true } : {});
    const codes = isAda ? [...BACKUP_CODES] : [];
    const app = isAda ? SECRET : undefined;
    return { name, email, id, isActive: true, app, codes, spent: [], passkey: undefined };
  };
  const step = fc.record({
    act: fc.constantFrom(...Object.keys(ACTS)),
    who: fc.nat(1),
    client: fc.nat(7),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: STEPS }), async (steps) => {
      server.clock.advance(120_000);
      const world: World = {
        server,
        tally,
        people: [await newPerson('ada'), await newPerson('bob')],
        clients: [],
      };
      for (const who of [0, 1]) await byPassword(world, { who, client: 0 });
      for (const { act, who, client } of steps) {
        await ACTS[act]?.(world, { who, client });
        await check(world);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  const least = [
    'signed in',
    'signed in by passkey',
    'raised by an app',
    'raised by a backup code',
    'changed settings',
    'recovered',
  ];
  for (const what of least) assert.ok((tally.get(what) ?? 0) > 0, `nobody ever ${what}`);
});
