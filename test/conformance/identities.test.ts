// The identity port: what is stored comes back as it was, changes replace, conflicts leave no trace.
import assert from 'node:assert/strict';
import { IdentityConflict } from '../../src/identity/store.ts';
import type { IdentityId } from '../../src/lib/ids.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { Json } from '../../src/lib/json.ts';
import { rewrite } from '../support/change.ts';
import { onEachDatabase } from '../support/databases.ts';
import {
  aCredential,
  aFlow,
  anIdentity,
  aPerson,
  aRecoveryAddress,
  aSession,
  aVerifiableAddress,
  UNSTORABLE,
} from '../support/samples.ts';

const rich = () =>
  anIdentity({
    externalId: 'crm-17',
    state: 'inactive',
    stateChangedAtMs: 1_999_999_999_999,
    traits: {
      email: 'ada@example.com',
      name: { first: 'Ada', 'odd "key"': 'O’Neil \u0000 \u{1F600} \ud800' },
    },
    verifiableAddresses: [
      aVerifiableAddress('zoe@example.com', { verified: true, status: 'completed', verifiedAtMs: 12 }),
      aVerifiableAddress('ada@example.com', { status: 'sent' }),
      aVerifiableAddress('+4915112345678', { via: 'sms' }),
    ],
    recoveryAddresses: [aRecoveryAddress('zoe@example.com'), aRecoveryAddress('ada@example.com')],
    metadataPublic: { plan: 'gold' },
    metadataAdmin: ['a', 1, null],
    organizationId: newUuid(),
    credentials: {
      password: aCredential({ identifiers: ['zoe@example.com', 'ada@example.com', 'ADA'], version: 3 }),
      totp: aCredential({ type: 'totp', config: { url: 'otpauth://totp/x?y=1', list: [{ a: null }] } }),
    },
  });

onEachDatabase('an identity comes back exactly as it was stored', async ({ stores }) => {
  const identity = rich();
  await stores.identities.insert(identity);
  const { credentials: _credentials, ...withoutCredentials } = identity;
  assert.deepEqual(await stores.identities.findFull(identity.id), identity);
  assert.deepEqual(await stores.identities.find(identity.id), withoutCredentials);
  assert.deepEqual(await stores.identities.findFullByExternalId('crm-17'), identity);
});

onEachDatabase('an identity without anything has empty lists', async ({ stores }) => {
  const identity = anIdentity();
  await stores.identities.insert(identity);
  assert.deepEqual(await stores.identities.findFull(identity.id), identity);
});

onEachDatabase('who is not there is not found', async ({ stores }) => {
  const id = anIdentity().id;
  assert.equal(await stores.identities.find(id), undefined);
  assert.equal(await stores.identities.findFull(id), undefined);
  assert.equal(await stores.identities.findFullByExternalId('nobody'), undefined);
  assert.equal(await stores.identities.delete(id), false);
});

const JSON_KINDS: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1.5,
  12345678901234,
  '',
  'text',
  [],
  [[1]],
  {},
  { a: {} },
];

onEachDatabase('metadata of any JSON kind is stored and read', async ({ stores }) => {
  for (const json of JSON_KINDS) {
    const identity = anIdentity({ metadataPublic: json, metadataAdmin: json });
    await stores.identities.insert(identity);
    assert.deepEqual(await stores.identities.findFull(identity.id), identity);
  }
});

onEachDatabase(
  'a rewrite replaces everything that is stored about the identity',
  async ({ database, stores }) => {
    const before = rich();
    await stores.identities.insert(before);
    const [first, second] = before.verifiableAddresses;
    assert.ok(first && second);
    const { externalId: _gone, ...rest } = before;
    const after = {
      ...rest,
      schemaId: 'customer',
      state: 'active' as const,
      stateChangedAtMs: 5,
      traits: { email: 'new@example.com' },
      // One is new, one moved to the front with a new state, one is gone.
      verifiableAddresses: [
        { ...second, verified: true, status: 'completed' as const, verifiedAtMs: 77, updatedAtMs: 78 },
        aVerifiableAddress('new@example.com'),
        first,
      ],
      recoveryAddresses: [],
      metadataPublic: 7,
      metadataAdmin: null,
      organizationId: null,
      updatedAtMs: 99,
      credentials: {
        password: aCredential({ identifiers: ['new@example.com'], config: { hashed_password: 'other' } }),
        code: aCredential({ type: 'code', identifiers: ['new@example.com', 'ada@example.com'] }),
      },
    };
    await rewrite(database, before.id, () => after);
    assert.deepEqual(await stores.identities.findFull(before.id), after);
    assert.equal(await stores.identities.findFullByIdentifier(['zoe@example.com']), undefined);
  },
);

onEachDatabase(
  'a credential that changes twice within a millisecond is stored both times',
  async ({ database, stores }) => {
    const identity = aPerson('ada@example.com');
    await stores.identities.insert(identity);
    for (const change of [
      { config: { hashed_password: 'second' } },
      { identifiers: ['ada@example.com', 'ada'] },
      { identifiers: ['ada', 'ada@example.com'] },
      { version: 9 },
    ]) {
      const changed = {
        ...identity,
        credentials: { password: aCredential({ identifiers: ['ada'], ...change }) },
      };
      await rewrite(database, identity.id, () => changed);
      assert.deepEqual(await stores.identities.findFull(identity.id), changed);
    }
  },
);

onEachDatabase('two addresses of one identity may exchange their values', async ({ database, stores }) => {
  const [a, b] = [aVerifiableAddress('a@example.com'), aVerifiableAddress('b@example.com')];
  const identity = anIdentity({ verifiableAddresses: [a, b] });
  await stores.identities.insert(identity);
  const exchanged = {
    ...identity,
    verifiableAddresses: [
      { ...a, value: b.value },
      { ...b, value: a.value },
    ],
  };
  await rewrite(database, identity.id, () => exchanged);
  assert.deepEqual(await stores.identities.findFull(identity.id), exchanged);
});

onEachDatabase('an address that was written to keeps its verification', async ({ stores }) => {
  const proven = aVerifiableAddress('a', { verified: true, status: 'completed', verifiedAtMs: 3 });
  const fresh = aVerifiableAddress('b');
  const identity = anIdentity({
    verifiableAddresses: [proven, fresh],
    recoveryAddresses: [aRecoveryAddress('a'), aRecoveryAddress('b')],
  });
  await stores.identities.insert(identity);
  for (const { via, value } of [proven, fresh]) {
    await stores.identities.markAddressSent(identity.id, { via, value, nowMs: 7 });
  }
  await stores.identities.markAddressSent(anIdentity().id, { via: 'email', value: 'a', nowMs: 9 });
  await stores.identities.markAddressSent(identity.id, { via: 'sms', value: 'a', nowMs: 9 });
  const sent = { status: 'sent', updatedAtMs: 7 } as const;
  assert.deepEqual(await stores.identities.findFull(identity.id), {
    ...identity,
    verifiableAddresses: [
      { ...proven, ...sent },
      { ...fresh, ...sent },
    ],
  });
});

const CONFLICTS = [
  {
    what: 'identifier',
    other: { credentials: { password: aCredential({ identifiers: ['free', 'ada@example.com'] }) } },
  },
  {
    what: 'address',
    other: { verifiableAddresses: [aVerifiableAddress('free'), aVerifiableAddress('ada@example.com')] },
  },
  { what: 'address', other: { recoveryAddresses: [aRecoveryAddress('ada@example.com')] } },
  { what: 'external_id', other: { externalId: 'crm-1' } },
] as const;

for (const { what, other } of CONFLICTS) {
  onEachDatabase(
    `a taken ${what} is a conflict that writes nothing: ${Object.keys(other)}`,
    async ({ database, stores }) => {
      const ada = aPerson('ada@example.com', { externalId: 'crm-1' });
      await stores.identities.insert(ada);
      const isConflict = (error: unknown) => error instanceof IdentityConflict && error.what === what;

      const newcomer = anIdentity(other);
      await assert.rejects(stores.identities.insert(newcomer), isConflict);
      assert.equal(await stores.identities.find(newcomer.id), undefined);
      assert.equal(await stores.identities.findFullByIdentifier(['free']), undefined);

      const bob = aPerson('bob@example.com');
      await stores.identities.insert(bob);
      const changed = { ...bob, traits: { changed: true }, ...other };
      await assert.rejects(
        rewrite(database, bob.id, () => changed),
        isConflict,
      );
      assert.deepEqual(await stores.identities.findFull(bob.id), bob);
      assert.deepEqual(await stores.identities.findFull(ada.id), ada);
    },
  );
}

onEachDatabase(
  'what is unique is so by kind: one value may be held as several things',
  async ({ stores }) => {
    await stores.identities.insert(aPerson('ada@example.com'));
    await stores.identities.insert(
      anIdentity({
        credentials: { code: aCredential({ type: 'code', identifiers: ['ada@example.com'] }) },
        verifiableAddresses: [aVerifiableAddress('ada@example.com', { via: 'sms' })],
      }),
    );
    await stores.identities.insert(
      anIdentity({ credentials: { password: aCredential({ identifiers: ['ADA@example.com'] }) } }),
    );
  },
);

onEachDatabase(
  'an identity goes with its sessions, flows, parked submissions and credentials',
  async ({ stores }) => {
    const [ada, bob] = [aPerson('ada@example.com', { externalId: 'crm-1' }), aPerson('bob@example.com')];
    for (const identity of [ada, bob]) {
      await stores.identities.insert(identity);
      await stores.sessions.insert(aSession(identity.id), `digest of ${identity.id}`);
      const flow = aFlow({ kind: 'settings', identityId: identity.id });
      await stores.flows.insert(flow);
      await stores.parked.insert({
        id: `parked by ${identity.id}`,
        identityId: identity.id,
        flowId: flow.id,
        payload: {},
        expiresAtMs: 1,
      });
    }
    assert.equal(await stores.identities.delete(ada.id), true);
    assert.equal(await stores.identities.delete(ada.id), false);
    assert.equal(await stores.identities.find(ada.id), undefined);
    assert.equal(await stores.sessions.findByTokenDigest(`digest of ${ada.id}`, []), undefined);
    assert.equal(await stores.parked.take(`parked by ${ada.id}`), undefined);
    assert.equal(await stores.flows.deleteExpiredBefore(Number.MAX_SAFE_INTEGER, 100), 1);
    // All that it held is free again, and nothing of the other one is gone.
    await stores.identities.insert(aPerson('ada@example.com', { externalId: 'crm-1' }));
    assert.deepEqual(await stores.identities.findFull(bob.id), bob);
    assert.ok(await stores.sessions.findByTokenDigest(`digest of ${bob.id}`, []));
  },
);

onEachDatabase('what no database can hold is refused where it is compared', async ({ stores }) => {
  for (const text of UNSTORABLE) {
    for (const other of [
      { credentials: { password: aCredential({ identifiers: [text] }) } },
      { verifiableAddresses: [aVerifiableAddress(text)] },
      { recoveryAddresses: [aRecoveryAddress(text)] },
      { externalId: text },
    ]) {
      const identity = anIdentity(other);
      await assert.rejects(stores.identities.insert(identity), /cannot be stored/);
      assert.equal(await stores.identities.find(identity.id), undefined);
    }
    // A plain text stands for an id here, as it would after a mistake elsewhere.
    assert.equal(await stores.identities.find(text as IdentityId), undefined);
    assert.equal(await stores.identities.findFull(text as IdentityId), undefined);
    assert.equal(await stores.identities.findFullByExternalId(text), undefined);
  }
});
