// Everybody changes one account at the same time: its owner on several devices, people who lost their password, administrators,
// two nodes. Afterwards every change that was answered with success has to be there, and no other.
import { type IdentityId, parseUuid } from '../../src/lib/ids.ts';
import { isJsonObject, type JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin } from './admin.ts';
import type { FlowJson, SignedInJson } from './flow-json.ts';
import { createNativeApp, type NativeApp } from './native-app.ts';
import { RECOVERY_CONFIG, sentValue } from './outgoing.ts';
import { dictatedPin } from './pin/dictated.ts';
import { pin } from './pin/index.ts';
import { startServer, type TestScope, type TestServer } from './server.ts';

const EMAIL = 'ada@example.org';
const FIRST_PASSWORD = 'first green bottle 0';

export interface MixedResult {
  /** By act: how often it was answered with success, and how often refused. */
  readonly acts: Readonly<Record<string, { readonly acknowledged: number; readonly refused: number }>>;
  /** Acknowledged changes that are not there, or that nobody acknowledged and are. */
  readonly lost: readonly string[];
  /** Answers of 500 and more. */
  readonly failures: readonly string[];
}

/** A change that was acknowledged: of which part, to what, and between which moments. */
interface Acknowledged {
  readonly part: string;
  readonly to: string;
  readonly from: number;
  readonly until: number;
}

export async function runMixedChanges(
  scope: TestScope,
  of: { readonly dsn: string; readonly seconds: number },
): Promise<MixedResult> {
  const world = await createWorld(scope, of.dsn);
  const endMs = performance.now() + of.seconds * 1_000;
  await Promise.all(
    ACTORS.map(async (actor) => {
      for (let round = 1; performance.now() < endMs; round += 1) await actor(world, round);
    }),
  );
  return { acts: world.acts, failures: world.failures, lost: await findLost(world) };
}

interface World {
  readonly servers: readonly [TestServer, TestServer];
  readonly admin: Admin;
  readonly id: IdentityId;
  readonly acts: Record<string, { acknowledged: number; refused: number }>;
  readonly failures: string[];
  readonly acknowledged: Acknowledged[];
  readonly sessions: { readonly token: string; readonly by: string }[];
  /** Passwords that may be right by now, the newest last. */
  readonly passwords: string[];
  now: number;
}

async function createWorld(scope: TestScope, dsn: string): Promise<World> {
  const [first, second] = [await startNode(scope, dsn, 4), await startNode(scope, dsn, 5)];
  const admin = createAdmin(first);
  const made = await admin.create(EMAIL, {
    verifiable_addresses: [{ value: EMAIL, via: 'email', verified: false, status: 'sent' }],
    credentials: { password: { config: { password: FIRST_PASSWORD } } },
    metadata_public: {},
  });
  const id = parseUuid<IdentityId>(made.id);
  if (!id) throw new Error('the server made an id that is none');
  return {
    ...{ servers: [first, second], admin, id, acts: {}, failures: [], sessions: [], now: 0 },
    acknowledged: [
      { part: 'password', to: FIRST_PASSWORD, from: 0, until: 0 },
      { part: 'name', to: '', from: 0, until: 0 },
      { part: 'pin', to: 'absent', from: 0, until: 0 },
      { part: 'state', to: 'active', from: 0, until: 0 },
    ],
    passwords: [FIRST_PASSWORD],
  };
}

/** Nodes make hashes with different parameters, so that each sign-in at the other one renews the hash. */
function startNode(scope: TestScope, dsn: string, cost: number): Promise<TestServer> {
  const { methods, flows } = RECOVERY_CONFIG.selfservice;
  // More is tried here in seconds than people may try in a day.
  const tries = {
    tries_per_account: 100_000,
    tries_per_account_and_network: 100_000,
    tries_per_network: 100_000,
  };
  const limits = {
    ...tries,
    sends_per_address: 100_000,
    sends_per_address_and_network: 100_000,
    sends_per_client: 100_000,
  };
  const config: JsonObject = {
    hashers: { algorithm: 'bcrypt', bcrypt: { cost } },
    security: { one_time_secrets: limits, passwords: tries, end_unproven_credentials: false },
    selfservice: {
      methods: {
        ...methods,
        code: { passwordless_enabled: true, config: { missing_credential_fallback_enabled: true } },
        pin: { enabled: true, config: { factor: 'second' } },
      },
      flows: { ...flows, settings: { required_aal: 'aal1' } },
    },
  };
  return startServer(scope, { dsn, config, additions: { methods: [pin] } });
}

/** Does something and notes how it went; `part` and `to` say what must be so where it was acknowledged. */
async function act(
  world: World,
  name: string,
  of: { readonly part?: string; readonly to?: string; readonly run: () => Promise<Response | number> },
): Promise<boolean> {
  world.now += 1;
  const from = world.now;
  const answer = await of.run();
  const status = typeof answer === 'number' ? answer : answer.status;
  world.now += 1;
  const isAcknowledged = status < 300 || status === 422;
  world.acts[name] ??= { acknowledged: 0, refused: 0 };
  world.acts[name][isAcknowledged ? 'acknowledged' : 'refused'] += 1;
  if (status >= 500) world.failures.push(`${name}: ${status}`);
  if (isAcknowledged && of.part !== undefined && of.to !== undefined) {
    world.acknowledged.push({ part: of.part, to: of.to, from, until: world.now });
  }
  return isAcknowledged;
}

/** What of all that was acknowledged is not there, and what is there without. */
async function findLost(world: World): Promise<readonly string[]> {
  const [server] = world.servers;
  const lost: string[] = [];
  const person = await server.bia.database.stores.identities.findFull(world.id);
  if (!person) return ['the person'];
  const expect = (part: string, value: string): void => {
    if (!isExplained(world, part, value))
      lost.push(`${part} is ${value}, which is not what was acknowledged last`);
  };
  expect('state', person.state);
  expect('name', String(person.traits['name'] ?? ''));
  expect('pin', person.credentials['pin'] ? 'present' : 'absent');
  const keys = isJsonObject(person.metadataPublic) ? Object.keys(person.metadataPublic) : [];
  const added = world.acknowledged.filter(({ part }) => part.startsWith('key '));
  const emptied = world.acknowledged.filter(({ part }) => part === 'all keys');
  for (const { part, from } of added) {
    const isThere = keys.includes(part.replace('key ', 'k'));
    if (!isThere && !emptied.some(({ until }) => until > from)) lost.push(`${part} is not there`);
  }
  for (const key of keys) {
    if (!added.some(({ part }) => part.replace('key ', 'k') === key))
      lost.push(`${key} is there, and nobody was told so`);
  }
  const isProven = world.acknowledged.some(({ part }) => part === 'verified');
  if (isProven && !person.verifiableAddresses.every(({ verified }) => verified))
    lost.push('the verification');
  await world.admin.patch(`/admin/identities/${world.id}`, [
    { op: 'replace', path: '/state', value: 'active' },
  ]);
  lost.push(...(await lostPasswords(world)), ...(await lostSessions(world)));
  return lost;
}

/** True where one of those who wrote it was not followed by somebody who began after they were done. */
function isExplained({ acknowledged }: World, part: string, value: string): boolean {
  const acts = acknowledged.filter((done) => done.part === part);
  return acts.some(
    (done) => done.to === value && !acts.some((other) => other.to !== value && other.from > done.until),
  );
}

async function lostPasswords(world: World): Promise<readonly string[]> {
  const right: string[] = [];
  for (const password of new Set(world.passwords)) {
    const app = createNativeApp(world.servers[0]);
    const body = { method: 'password', identifier: EMAIL, password };
    if ((await app.send(await app.start('login'), body)).status === 200) right.push(password);
  }
  const [only, another] = right;
  if (only === undefined || another !== undefined) return [`${right.length} passwords are right`];
  return isExplained(world, 'password', only) ? [] : [`the password is "${only}", which was changed again`];
}

/** Nothing here ends a session, so each that was issued is good. */
async function lostSessions(world: World): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const { token, by } of world.sessions) {
    const app = createNativeApp(world.servers[0]);
    app.token = token;
    if ((await app.ask('GET', '/sessions/whoami')).status === 401) lost.push(`a session of a ${by}`);
  }
  return lost;
}

/** One round of what somebody does again and again. */
type Actor = (world: World, round: number) => Promise<void>;

/** Administrators are quick, since they wait for no hash: without a pause they would be all that happens. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));

/** An app that is signed in, again and again where something ended its session or nobody may sign in for the moment. */
async function signedInApp(world: World, node: 0 | 1): Promise<NativeApp | undefined> {
  const app = createNativeApp(world.servers[node]);
  for (const password of world.passwords.toReversed().slice(0, 3)) {
    const flow = await start(app, 'login');
    const body = { method: 'password', identifier: EMAIL, password };
    const answer = flow && (await app.send(flow, body));
    if (answer?.status !== 200) continue;
    app.token = ((await answer.json()) as SignedInJson).session_token ?? ''; // what a native app gets
    return app;
  }
  return undefined;
}

/** Undefined where the account is disabled for the moment. */
async function start(app: NativeApp, kind: Parameters<NativeApp['start']>[0]): Promise<FlowJson | undefined> {
  const answer = await app.ask('GET', `/self-service/${kind}/api`);
  return answer.status === 200 ? ((await answer.json()) as FlowJson) : undefined; // a flow, by its status
}

/** Repeats a change in settings; each time somebody signs in for it anew. */
const inSettings =
  (
    name: string,
    of: {
      readonly part: string;
      readonly node: 0 | 1;
      readonly change: (round: number, flow: FlowJson) => readonly [string, object];
    },
  ): Actor =>
  async (world, round) => {
    const app = await signedInApp(world, of.node);
    const flow = app && (await start(app, 'settings'));
    if (!app || !flow) return;
    const [to, body] = of.change(round, flow);
    const isDone = await act(world, name, { part: of.part, to, run: () => app.send(flow, body) });
    if (isDone && of.part === 'password') world.passwords.push(to);
  };

const byPassword =
  (node: 0 | 1): Actor =>
  async (world) => {
    const app = createNativeApp(world.servers[node]);
    const flow = await app.start('login');
    const body = { method: 'password', identifier: EMAIL, password: world.passwords.at(-1) ?? '' };
    await signIn(world, 'sign-in by password', () => app.send(flow, body));
  };

const CODE_FLOWS = { login: 'identifier', recovery: 'email', verification: 'email' } as const;

const byCode =
  (kind: keyof typeof CODE_FLOWS, node: 0 | 1): Actor =>
  async (world) => {
    const server = world.servers[node];
    for (const { clock } of world.servers) clock.advance(1);
    const app = createNativeApp(server);
    const flow = await app.start(kind);
    const named = { [CODE_FLOWS[kind]]: EMAIL };
    await app.send(flow, { method: 'code', ...named });
    const code = await sentValue(server, EMAIL, `${kind}_code`);
    const send = () => app.send(flow, { method: 'code', code, ...(kind === 'login' ? named : {}) });
    if (kind === 'login') await signIn(world, 'sign-in by code', send);
    else await prove(world, kind, send);
  };

/** A recovery or verification answers 200 also where the code was wrong: its state tells. */
async function prove(world: World, kind: string, send: () => Promise<Response>): Promise<void> {
  const run = async (): Promise<number> => {
    const answer = await send();
    const text = await answer.text();
    const isPassed = answer.status === 422 || text.includes('"passed_challenge"');
    return answer.status >= 500 || isPassed ? answer.status : 400;
  };
  await act(world, kind, { run, ...(kind === 'verification' ? { part: 'verified', to: 'true' } : {}) });
}

async function signIn(world: World, name: string, send: () => Promise<Response>): Promise<void> {
  let token: string | undefined;
  const run = async (): Promise<number> => {
    const answer = await send();
    const body = (await answer.json()) as SignedInJson; // a refusal has no token
    token = answer.status === 200 ? body.session_token : undefined;
    return answer.status;
  };
  const isDone = await act(world, name, { run });
  if (isDone && token) world.sessions.push({ token, by: name });
}

const patching: Actor = async (world, round) => {
  await pause();
  const operation = { op: 'add', path: `/metadata_public/k${round}`, value: 'there' };
  const run = async () => (await world.admin.patch(`/admin/identities/${world.id}`, [operation])).status;
  await act(world, 'admin PATCH', { part: `key ${round}`, to: 'there', run });
};

/** Disables the account now and then, for a moment. */
const switching: Actor = async (world, round) => {
  await pause();
  if (round % 12 !== 0) return;
  for (const value of ['inactive', 'active']) {
    const operation = { op: 'replace', path: '/state', value };
    const run = async () => (await world.admin.patch(`/admin/identities/${world.id}`, [operation])).status;
    await act(world, 'state change', { part: 'state', to: value, run });
  }
};

/** Takes the place of everything but schema, state and credentials: the public metadata are empty then. */
const replacing: Actor = async (world, round) => {
  await pause();
  const name = `Replaced ${round}`;
  const body = { schema_id: 'person', traits: { email: EMAIL, name }, metadata_public: {} };
  const run = async () => (await world.admin.put(`/admin/identities/${world.id}`, body)).status;
  const isDone = await act(world, 'admin PUT', { part: 'name', to: name, run });
  const last = world.acknowledged.findLast(({ to }) => to === name);
  if (isDone && last) world.acknowledged.push({ ...last, part: 'all keys', to: 'gone' });
};

const deletingPins: Actor = async (world) => {
  await pause();
  const run = async () => (await world.admin.delete(`/admin/identities/${world.id}/credentials/pin`)).status;
  await act(world, 'admin credential delete', { part: 'pin', to: 'absent', run });
};

/** Somebody else who claims the same address, in a batch with others: never the holder of it. */
const claiming: Actor = async (world, round) => {
  await pause();
  const identities = [EMAIL, `other-${round}@example.org`].map((email) => ({
    create: { traits: { email } },
  }));
  const run = async () => (await world.admin.patch('/admin/identities', { identities })).status;
  await act(world, 'admin batch', { run });
};

const ACTORS: readonly Actor[] = [
  inSettings('password change', {
    part: 'password',
    node: 0,
    change: (round) => [
      `green bottle ${round} hanging`,
      { method: 'password', password: `green bottle ${round} hanging` },
    ],
  }),
  inSettings('password change', {
    part: 'password',
    node: 1,
    change: (round) => [
      `yellow balloon ${round} rising`,
      { method: 'password', password: `yellow balloon ${round} rising` },
    ],
  }),
  inSettings('profile', {
    part: 'name',
    node: 0,
    change: (round) => [
      `Ada ${round}`,
      { method: 'profile', traits: { email: EMAIL, name: `Ada ${round}` } },
    ],
  }),
  inSettings('second factor', {
    part: 'pin',
    node: 1,
    change: (_round, flow) => ['present', { method: 'pin', pin: dictatedPin(flow) }],
  }),
  byPassword(0),
  byPassword(1),
  byCode('login', 0),
  byCode('recovery', 1),
  byCode('verification', 0),
  patching,
  switching,
  replacing,
  deletingPins,
  claiming,
];
