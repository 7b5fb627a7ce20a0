// The one way in which a stored person is changed: what it compares, what it leaves out, what it writes down and what ends with it.
import assert from 'node:assert/strict';
import { type Change, edit, override } from '../../src/identity/change/change.ts';
import { type Plan, reliedOn, type Written } from '../../src/identity/change/plan.ts';
import type { Snapshot } from '../../src/identity/change/snapshot.ts';
import type { FullIdentity, Identity } from '../../src/identity/identity.ts';
import { IdentityConflict } from '../../src/identity/store.ts';
import type { ValidatedTraits } from '../../src/identity/validate.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { applyPlan } from '../support/change.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS, type TestDatabase } from '../support/databases.ts';
import { aCredential, aFlow, anIdentity, aPerson, aSession, aVerifiableAddress } from '../support/samples.ts';

const EMAIL = 'ada@example.com';
const NEW = 'countess@example.com';
const PASSKEY = aCredential({ type: 'passkey', identifiers: ['ada-key'], config: { key: 1 } });
const TOTP = aCredential({ type: 'totp', identifiers: ['ada-totp'], config: { step: 1 } });

async function withAda(db: TestDatabase, of: Partial<FullIdentity> = {}): Promise<Snapshot> {
  const person = aPerson(EMAIL, of);
  await db.stores.identities.insert(person);
  return read(db, person);
}

async function read(db: TestDatabase, { id }: Pick<Identity, 'id'>): Promise<Snapshot> {
  const person = await db.stores.identities.findFull(id);
  assert.ok(person);
  return person;
}

const apply = (
  db: TestDatabase,
  { id }: Pick<Identity, 'id'>,
  changes: readonly Change[],
  of: Partial<Plan> = {},
): Promise<Written> => applyPlan(db.database, { identityId: id, changes, ...of });

const traitsOf = (email: string, more: object = {}): ValidatedTraits => ({
  schemaId: 'person',
  traits: { email, ...more },
  credentials: [{ type: 'password', identifiers: [email] }],
  verifiable: [{ via: 'email', value: email }],
  recovery: [{ via: 'email', value: email }],
});

const hashed = (hash: string) => () => ({ config: { hashed_password: hash } });
const kinds = (db: TestDatabase) =>
  db.events.map(({ kind, method }) => (method ? `${kind} ${method}` : kind));

onEachDatabase('changes of different parts that were seen at the same time are all made', async (db) => {
  const seen = await withAda(db);
  const { traits, credential, metadata } = edit(seen);
  const plans = [
    [traits(traitsOf(EMAIL, { name: 'Ada' }))],
    [credential('password', hashed('new'))],
    [credential('totp', () => ({ config: { step: 1 } }))],
    [metadata('public', () => ({ plan: 'gold' }))],
    [metadata('admin', (held) => [held, 'noted'])],
    [edit(seen).externalId('crm-1')],
    [edit(seen).verify({ via: 'email', value: EMAIL })],
  ];
  const answers = await Promise.all(plans.map((changes) => apply(db, seen, changes)));
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    plans.map(() => 'written'),
  );
  const after = await read(db, seen);
  assert.deepEqual(after.traits, { email: EMAIL, name: 'Ada' });
  assert.deepEqual(after.credentials['password']?.config, { hashed_password: 'new' });
  assert.deepEqual(after.credentials['totp']?.config, { step: 1 });
  assert.deepEqual([after.metadataPublic, after.metadataAdmin], [{ plan: 'gold' }, [null, 'noted']]);
  assert.equal(after.externalId, 'crm-1');
  assert.equal(after.verifiableAddresses[0]?.verified, true);
});

onEachDatabase(
  'of many who change the same part at once one is written, the others are stale',
  async (db) => {
    const seen = await withAda(db);
    for (const make of [
      (index: number) => edit(seen).credential('password', hashed(`hash ${index}`)),
      (index: number) => edit(seen).traits(traitsOf(EMAIL, { name: `Ada ${index}` })),
      (index: number) => edit(seen).credential('totp', () => ({ config: { step: index } })),
    ]) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => apply(db, seen, [make(index)])),
      );
      assert.equal(answers.filter(({ kind }) => kind === 'written').length, 1);
      assert.equal(answers.filter(({ kind }) => kind === 'stale').length, 11);
    }
  },
);

onEachDatabase(
  'changes that build on whatever is there all count, on several nodes',
  async (db) => {
    const seen = await withAda(db);
    const nodes = [db.database, db.open(), db.open()];
    const add = (index: number) =>
      edit(seen).credential(
        'passkey',
        (held) => ({ config: { keys: [...((held?.config['keys'] as number[] | undefined) ?? []), index] } }),
        { since: 'any' },
      );
    await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const node = nodes[index % 3];
        assert.ok(node);
        return applyPlan(node, { identityId: seen.id, changes: [add(index)] });
      }),
    );
    const keys = (await read(db, seen)).credentials['passkey']?.config['keys'];
    assert.equal(new Set(keys as number[]).size, 30);
  },
  { on: SHARED_DATABASES },
);

onEachDatabase('a part that was changed and changed back is as it was seen', async (db) => {
  const seen = await withAda(db);
  for (const hash of ['other', '$argon2id$v=19$']) {
    await apply(db, seen, [edit(await read(db, seen)).credential('password', hashed(hash))]);
  }
  assert.equal((await apply(db, seen, [edit(seen).credential('password', hashed('new'))])).kind, 'written');
});

onEachDatabase('where one change is stale none is made, and a stale optional one is left out', async (db) => {
  const seen = await withAda(db);
  await apply(db, seen, [edit(seen).credential('password', hashed('new'))]);
  const name = edit(seen).traits(traitsOf(EMAIL, { name: 'Ada' }));
  const rehash = edit(seen).upkeep('password', hashed('old one, hashed again'));
  const stale = await apply(db, seen, [name, rehash]);
  assert.deepEqual(stale, { kind: 'stale', part: 'credential password' });
  assert.deepEqual((await read(db, seen)).traits, { email: EMAIL });
  assert.equal((await apply(db, seen, [name], { optional: [rehash] })).kind, 'written');
  const after = await read(db, seen);
  assert.deepEqual(after.credentials['password']?.config, { hashed_password: 'new' });
  assert.deepEqual(after.traits, { email: EMAIL, name: 'Ada' });
});

onEachDatabase('each guard stops a plan, and nothing of it is written', async (db) => {
  const seen = await withAda(db);
  const session = aSession(seen.id);
  await db.stores.sessions.insert(session, 'digest');
  const stranger = aPerson('bob@example.com');
  await db.stores.identities.insert(stranger);
  const others = aSession(stranger.id);
  await db.stores.sessions.insert(others, 'digest of others');
  const [name] = [edit(seen).metadata('public', () => 'written')];
  const held = { via: 'email', value: EMAIL, as: 'recovery' } as const;
  const password = reliedOn(seen, 'password');
  const holding: readonly Plan['guard'][] = [
    { state: 'active' },
    { session: session.id },
    { holds: [held, { ...held, as: 'verifiable' }, { ...held, as: 'any' }] },
    { credentials: [password, { type: 'totp', since: 'absent' }] },
    { keepsFirstFactor: true },
  ];
  for (const guard of holding) assert.equal((await apply(db, seen, [name], { guard })).kind, 'written');
  await apply(db, seen, [edit(seen).metadata('public', () => null)]);
  await apply(db, seen, [edit(seen).credential('password', hashed('new'))]);
  await db.stores.sessions.revoke({ identityId: seen.id, nowMs: START_MS });
  const broken: readonly (readonly [Plan['guard'], readonly Change[]])[] = [
    [{ session: session.id }, [name]],
    [{ session: others.id }, [name]],
    [{ holds: [{ ...held, value: NEW }] }, [name]],
    [{ holds: [{ ...held, via: 'sms' }] }, [name]],
    [{ credentials: [password] }, [name]],
    [{ keepsFirstFactor: true }, [name, edit(await read(db, seen)).credential('password', () => 'remove')]],
  ];
  for (const [guard, changes] of broken) {
    const answer = await apply(db, seen, changes, { guard });
    assert.deepEqual(answer, { kind: 'guarded', by: Object.keys(guard)[0] });
  }
  await apply(db, seen, [override(seen.id).state('inactive')]);
  const disabled = await apply(db, seen, [name], { guard: { state: 'active' } });
  assert.deepEqual(disabled, { kind: 'guarded', by: 'state' });
  assert.equal((await read(db, seen)).metadataPublic, null);
});

onEachDatabase(
  'somebody who was deleted is gone, and a plan for one person takes no change of another',
  async (db) => {
    const seen = await withAda(db);
    await db.stores.identities.delete(seen.id);
    const change = edit(seen).metadata('public', () => 1);
    assert.deepEqual(await apply(db, seen, [change]), { kind: 'gone' });
    await assert.rejects(apply(db, anIdentity(), [change]), /stands in a plan for/);
  },
);

onEachDatabase('what somebody else holds is a conflict that writes nothing', async (db) => {
  const seen = await withAda(db);
  await db.stores.identities.insert(aPerson(NEW, { externalId: 'crm-1' }));
  for (const change of [edit(seen).traits(traitsOf(NEW)), edit(seen).externalId('crm-1')]) {
    await assert.rejects(apply(db, seen, [change]), IdentityConflict);
  }
  assert.deepEqual(await read(db, seen), seen);
});

onEachDatabase('a change of nothing writes nothing and is no event', async (db) => {
  const seen = await withAda(db);
  const changes = [edit(seen).credential('password', () => 'keep'), override(seen.id).state('active')];
  assert.equal((await apply(db, seen, changes)).kind, 'written');
  assert.deepEqual(await read(db, seen), seen);
  assert.deepEqual(kinds(db), []);
  await apply(db, seen, [], { isAdministration: true });
  assert.deepEqual(kinds(db), ['identity.updated']);
});

onEachDatabase('events follow from the difference', async (db) => {
  const happened = async (make: (seen: Snapshot) => readonly Change[]): Promise<readonly string[]> => {
    const seen = await read(db, person);
    db.events.length = 0;
    await apply(db, seen, make(seen));
    return kinds(db);
  };
  const person = await withAda(db);
  const { id } = person;
  const totp = (step: number) => () => ({ config: { step } });
  assert.deepEqual(await happened((seen) => [edit(seen).credential('totp', totp(1))]), [
    'credential.added totp',
  ]);
  assert.deepEqual(await happened((seen) => [edit(seen).credential('totp', totp(2))]), [
    'credential.changed totp',
  ]);
  assert.deepEqual(await happened((seen) => [edit(seen).upkeep('totp', totp(3))]), []);
  assert.deepEqual(await happened((seen) => [edit(seen).credential('totp', () => 'remove')]), [
    'credential.removed totp',
  ]);
  assert.deepEqual(await happened((seen) => [edit(seen).verify({ via: 'email', value: EMAIL })]), [
    'address.verified',
  ]);
  assert.deepEqual(await happened((seen) => [edit(seen).sent({ via: 'email', value: EMAIL })]), []);
  assert.deepEqual(await happened((seen) => [edit(seen).metadata('admin', () => 7)]), ['identity.updated']);
  assert.deepEqual(await happened((seen) => [edit(seen).traits(traitsOf(EMAIL, { name: 'Ada' }))]), [
    'identity.updated',
  ]);
  assert.deepEqual(await happened((seen) => [edit(seen).traits(traitsOf(NEW))]), [
    'identity.updated',
    'address.changed',
  ]);
  assert.deepEqual(await happened(() => [override(id).state('inactive')]), ['identity.disabled']);
  assert.deepEqual(await happened(() => [override(id).state('active')]), ['identity.enabled']);
});

onEachDatabase('events and changes come and go with the transaction', async (db) => {
  const seen = await withAda(db);
  const failing = applyPlan(db.database, {
    identityId: seen.id,
    changes: [edit(seen).credential('password', hashed('new'))],
    act: () => {
      throw new Error('nobody to write it down');
    },
  });
  await assert.rejects(failing, /nobody to write it down/);
  assert.deepEqual(await read(db, seen), seen);
});

onEachDatabase('a removed credential is gone; what follows from the traits stays taken', async (db) => {
  const seen = await withAda(db, {
    credentials: { password: aCredential({ identifiers: [EMAIL] }), totp: TOTP },
  });
  const { credential } = edit(seen);
  await apply(db, seen, [credential('password', () => 'remove'), credential('totp', () => 'remove')]);
  const { credentials } = await read(db, seen);
  assert.deepEqual(Object.keys(credentials), ['password']);
  assert.deepEqual([credentials['password']?.identifiers, credentials['password']?.config], [[EMAIL], {}]);
});

onEachDatabase(
  'codes and links end with their address, with a credential, and with the account being disabled',
  async (db) => {
    const seen = await withAda(db);
    const person = { id: seen.id };
    const flow = aFlow();
    await db.stores.flows.insert(flow);
    const flowId = flow.id;
    const PURPOSES = ['login', 'recovery', 'verification'] as const;
    const left = async (changes: (present: Snapshot) => readonly Change[]): Promise<readonly string[]> => {
      const present = await read(db, person);
      const address = present.recoveryAddresses[0]?.value ?? '';
      for (const purpose of PURPOSES) {
        const secret = {
          ...({
            id: newUuid(),
            kind: 'code',
            purpose,
            flowId,
            digest: 'x',
            identityId: seen.id,
            address,
          } as const),
          ...({ via: 'email', createdAtMs: START_MS, expiresAtMs: START_MS + 9_000 } as const),
        };
        await db.database.transaction(({ secrets }) => secrets.replace(flowId, purpose, [secret]));
      }
      await apply(db, person, changes(present));
      const found = await Promise.all(
        PURPOSES.map((purpose) => db.stores.secrets.findOfFlow(flowId, purpose)),
      );
      return found.flat().map(({ purpose }) => purpose);
    };
    assert.deepEqual(await left((present) => [edit(present).metadata('admin', () => 1)]), PURPOSES);
    assert.deepEqual(
      await left((present) => [edit(present).traits(traitsOf(EMAIL, { name: 'Ada' }))]),
      PURPOSES,
    );
    assert.deepEqual(await left((present) => [edit(present).upkeep('password', hashed('again'))]), PURPOSES);
    assert.deepEqual(await left((present) => [edit(present).credential('password', hashed('new'))]), [
      'verification',
    ]);
    assert.deepEqual(
      await left((present) => [edit(present).credential('totp', () => ({ config: { a: 1 } }))]),
      ['verification'],
    );
    assert.deepEqual(await left(() => [override(seen.id).state('inactive')]), ['verification']);
    assert.deepEqual(await left((present) => [edit(present).traits(traitsOf(NEW))]), []);
  },
);

onEachDatabase(
  'the first proof of an address ends credentials and sessions from before, and no later one does',
  async (db) => {
    const seen = await withAda(db, {
      credentials: { password: aCredential({ identifiers: [EMAIL] }), passkey: PASSKEY, totp: TOTP },
    });
    const address = { via: 'email', value: EMAIL } as const;
    const derive = () => traitsOf(EMAIL);
    const prove = async (): Promise<void> => {
      const { claim, verify } = edit(await read(db, seen));
      await apply(db, seen, [claim(address, derive), verify(address)]);
    };
    const session = aSession(seen.id);
    await db.stores.sessions.insert(session, 'digest');
    await prove();
    const { credentials, verifiableAddresses } = await read(db, seen);
    assert.deepEqual(Object.keys(credentials).sort(), ['password', 'totp']);
    assert.deepEqual([credentials['password']?.identifiers, credentials['password']?.config], [[EMAIL], {}]);
    assert.equal(verifiableAddresses[0]?.verified, true);
    assert.equal((await db.stores.sessions.find(session.id))?.session.active, false);
    assert.deepEqual(kinds(db).toSorted(), [
      'address.verified',
      'credential.removed passkey',
      'credential.removed password',
      'session.revoked',
    ]);
    await apply(db, seen, [edit(await read(db, seen)).credential('password', hashed('own'))]);
    await prove();
    assert.deepEqual((await read(db, seen)).credentials['password']?.config, { hashed_password: 'own' });
  },
);

onEachDatabase(
  'a proof is not the first where another address was proven before, or where none is ever',
  async (db) => {
    const proven = aVerifiableAddress('other@example.com', { verified: true, status: 'completed' });
    const people = [await withAda(db, { verifiableAddresses: [aVerifiableAddress(EMAIL), proven] })];
    for (const seen of people) {
      const claim = edit(seen).claim({ via: 'email', value: EMAIL }, () => undefined);
      await apply(db, seen, [claim]);
      assert.deepEqual((await read(db, seen)).credentials, seen.credentials);
    }
    const plain = aPerson('plain@example.com', { verifiableAddresses: [] });
    await db.stores.identities.insert(plain);
    const held = await read(db, plain);
    await apply(db, held, [edit(held).claim({ via: 'email', value: 'plain@example.com' }, () => undefined)]);
    assert.deepEqual((await read(db, plain)).credentials, held.credentials);
  },
);
