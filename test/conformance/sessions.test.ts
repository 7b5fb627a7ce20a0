// The session port: the whoami read, ends that hold, lists and pages, administration in bulk.
import assert from 'node:assert/strict';
import type { FullIdentity } from '../../src/identity/identity.ts';
import type { IdentityId, SessionId } from '../../src/lib/ids.ts';
import type { Session } from '../../src/session/session.ts';
import { rewrite } from '../support/change.ts';
import { onEachDatabase, START_MS, type TestDatabase } from '../support/databases.ts';
import { aCredential, aPerson, aSession, UNSTORABLE } from '../support/samples.ts';

const NOW_MS = START_MS + 1000;

async function withPerson(db: TestDatabase, email = 'ada@example.com'): Promise<FullIdentity> {
  const identity = aPerson(email);
  await db.stores.identities.insert(identity);
  return identity;
}

/** Stores a session; its id serves as the digest of its token. */
async function begin(db: TestDatabase, identityId: IdentityId, of: Partial<Session> = {}): Promise<Session> {
  const session = aSession(identityId, of);
  await db.stores.sessions.insert(session, session.id);
  return session;
}

const isActive = async (db: TestDatabase, id: SessionId) =>
  (await db.stores.sessions.find(id))?.session.active;

onEachDatabase('whoami is one query for session, person, addresses and the asked factors', async (db) => {
  const { credentials: _hidden, ...person } = await withPerson(db);
  const totp = aCredential({ type: 'totp', config: { url: 'otpauth://' } });
  const lookup = aCredential({ type: 'lookup_secret', config: { codes: [] } });
  await rewrite(db.database, person.id, (current) => ({
    ...current,
    credentials: { ...current.credentials, totp, lookup_secret: lookup },
  }));
  const session = aSession(person.id, {
    authMethods: [
      { method: 'password', aal: 'aal1', completedAtMs: 1 },
      {
        method: 'oidc',
        aal: 'aal1',
        completedAtMs: 2,
        provider: 'x',
        upstreamAmr: ['a'],
        countsForBoth: true,
      },
    ],
  });
  await db.stores.sessions.insert(session, 'digest');
  const { sessions } = db.stores;
  db.queries.length = 0;
  const found = await sessions.findByTokenDigest('digest', ['totp', 'lookup_secret', 'webauthn']);
  assert.equal(db.queries.length, 1);
  const byType = [...(found?.factors ?? [])].sort((a, b) => (a.type < b.type ? -1 : 1));
  assert.deepEqual({ ...found, factors: byType }, { session, identity: person, factors: [lookup, totp] });
  assert.deepEqual(await sessions.findByTokenDigest('digest', ['totp']), {
    session,
    identity: person,
    factors: [totp],
  });
  assert.deepEqual(await sessions.findByTokenDigest('digest', []), {
    session,
    identity: person,
    factors: [],
  });
  assert.deepEqual(await sessions.find(session.id), { session, identity: person, factors: [] });
});

onEachDatabase('an unknown token or id is not found', async (db) => {
  const { id } = await withPerson(db);
  const session = await begin(db, id);
  for (const digest of ['', session.id.toUpperCase(), ...UNSTORABLE]) {
    assert.equal(await db.stores.sessions.findByTokenDigest(digest, ['totp']), undefined);
    // A plain text stands for an id here, as it would after a mistake elsewhere.
    assert.equal(await db.stores.sessions.find(digest as SessionId), undefined);
  }
});

onEachDatabase('a token belongs to one session', async (db) => {
  const { id } = await withPerson(db);
  await db.stores.sessions.insert(aSession(id), 'digest');
  await assert.rejects(db.stores.sessions.insert(aSession(id), 'digest'), /unique/i);
});

const TOTP = { method: 'totp', aal: 'aal2' } as const;
const WHEN = { nowMs: NOW_MS, lifespanMs: 9_000 };

onEachDatabase(
  'a proof moves the times and may bring a new token; the old token is worth nothing',
  async (db) => {
    const { id } = await withPerson(db);
    const before = await begin(db, id);
    const after: Session = {
      ...before,
      issuedAtMs: NOW_MS,
      authenticatedAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 9_000,
      authMethods: [...before.authMethods, { ...TOTP, completedAtMs: NOW_MS }],
    };
    assert.deepEqual(await db.stores.sessions.prove(before.id, { proof: TOTP, ...WHEN }), after);
    assert.deepEqual((await db.stores.sessions.findByTokenDigest(before.id, []))?.session, after);
    const again = await db.stores.sessions.prove(before.id, {
      proof: TOTP,
      ...WHEN,
      tokenDigest: 'new digest',
    });
    assert.equal(await db.stores.sessions.findByTokenDigest(before.id, []), undefined);
    assert.deepEqual((await db.stores.sessions.findByTokenDigest('new digest', []))?.session, again);
    assert.equal(again?.authMethods.length, 3);
  },
);

onEachDatabase('proofs that are given at the same moment are all there afterwards', async (db) => {
  const { id } = await withPerson(db);
  const session = await begin(db, id);
  await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      db.database.transaction(({ sessions }) =>
        sessions.prove(session.id, { proof: { method: `method-${index}`, aal: 'aal1' }, ...WHEN }),
      ),
    ),
  );
  assert.equal((await db.stores.sessions.find(session.id))?.session.authMethods.length, 13);
});

onEachDatabase('a session that was revoked or is over takes no proof', async (db) => {
  const { id } = await withPerson(db);
  const [ended, over] = [await begin(db, id), await begin(db, id, { expiresAtMs: NOW_MS })];
  await db.stores.sessions.revoke({ identityId: id, id: ended.id, nowMs: NOW_MS });
  for (const session of [ended, over]) {
    assert.equal(await db.stores.sessions.prove(session.id, { proof: TOTP, ...WHEN }), undefined);
  }
  assert.equal(await isActive(db, ended.id), false);
});

onEachDatabase('who read a session before it was revoked cannot bring it back', async (db) => {
  const { id } = await withPerson(db);
  const session = await begin(db, id);
  await db.stores.sessions.revoke({ identityId: id, nowMs: NOW_MS });
  assert.equal(await db.stores.sessions.extend(session.id, session.expiresAtMs + 1), false);
  assert.equal(await isActive(db, session.id), false);
});

onEachDatabase('revoke ends one, all, or all but one, and counts those it ended', async (db) => {
  const [ada, bob] = [await withPerson(db), await withPerson(db, 'bob@example.com')];
  const [a, b, c] = [await begin(db, ada.id), await begin(db, ada.id), await begin(db, ada.id)];
  const over = await begin(db, ada.id, { expiresAtMs: NOW_MS });
  const other = await begin(db, bob.id);
  const { sessions } = db.stores;
  const of = { identityId: ada.id, nowMs: NOW_MS };
  assert.equal(await sessions.revoke({ ...of, id: other.id }), 0);
  assert.equal(await sessions.revoke({ ...of, id: over.id }), 0);
  assert.equal(await sessions.revoke({ ...of, id: a.id }), 1);
  assert.equal(await sessions.revoke({ ...of, id: a.id }), 0);
  assert.equal(await sessions.revoke({ ...of, exceptId: b.id }), 1);
  assert.deepEqual([await isActive(db, b.id), await isActive(db, c.id)], [true, false]);
  assert.equal(await sessions.revoke(of), 1);
  assert.equal(await isActive(db, other.id), true);
});

onEachDatabase('lists are newest first, by person and by whether they are active', async (db) => {
  const [ada, bob] = [await withPerson(db), await withPerson(db, 'bob@example.com')];
  const old = await begin(db, ada.id, { issuedAtMs: 1 });
  const over = await begin(db, ada.id, { issuedAtMs: 2, expiresAtMs: NOW_MS });
  const revoked = await begin(db, ada.id, { issuedAtMs: 3, active: false });
  const fresh = await begin(db, ada.id, { issuedAtMs: 4 });
  const other = await begin(db, bob.id, { issuedAtMs: 5 });
  const check = async (of: Parameters<typeof db.stores.sessions.count>[0], wanted: readonly Session[]) => {
    const listed = await db.stores.sessions.list({ ...of, limit: 10 }, NOW_MS);
    assert.deepEqual(
      listed.map(({ session }) => session),
      wanted,
    );
    assert.equal(await db.stores.sessions.count(of, NOW_MS), wanted.length);
  };
  await check({}, [other, fresh, revoked, over, old]);
  await check({ identityId: ada.id }, [fresh, revoked, over, old]);
  await check({ identityId: ada.id, active: true }, [fresh, old]);
  await check({ identityId: ada.id, active: false }, [revoked, over]);
  await check({ identityId: ada.id, active: true, exceptId: fresh.id }, [old]);
  await check({ active: true }, [other, fresh, old]);
  const [first] = await db.stores.sessions.list({ limit: 1 }, NOW_MS);
  const { credentials: _hidden, ...person } = bob;
  assert.deepEqual(first, { session: other, identity: person, factors: [], createdAtMs: 5 });
});

onEachDatabase(
  'pages of sessions are complete, also where many began in the same millisecond',
  async (db) => {
    const { id } = await withPerson(db);
    const all: Session[] = [];
    for (let index = 0; index < 17; index += 1) all.push(await begin(db, id, { issuedAtMs: index >> 2 }));
    const newestFirst = (a: Session, b: Session) => b.issuedAtMs - a.issuedAtMs || (a.id < b.id ? 1 : -1);
    const wanted = all.toSorted(newestFirst).map((session) => session.id);
    const seen: SessionId[] = [];
    for (let after: { createdAtMs: number; id: string } | undefined; ; ) {
      const page = await db.stores.sessions.list({ limit: 3, ...(after ? { after } : {}) }, NOW_MS);
      seen.push(...page.map(({ session }) => session.id));
      const last = page.at(-1);
      if (!last) break;
      after = { createdAtMs: last.createdAtMs, id: last.session.id };
      // A newer one changes nothing for who is on their way to the older ones.
      await begin(db, id, { issuedAtMs: 1000 });
    }
    assert.deepEqual(seen, wanted);
    const byOffset = await db.stores.sessions.list({ offset: 6, limit: 17 }, NOW_MS);
    assert.deepEqual(
      byOffset.map(({ session }) => session.id),
      wanted,
    );
    for (const text of UNSTORABLE) {
      const after = { createdAtMs: 9, id: text };
      assert.deepEqual(await db.stores.sessions.list({ after, limit: 3 }, NOW_MS), []);
    }
  },
);

onEachDatabase('a session that is refreshed keeps its place in lists', async (db) => {
  const { id } = await withPerson(db);
  const [a, b] = [await begin(db, id, { issuedAtMs: 1 }), await begin(db, id, { issuedAtMs: 2 })];
  await db.stores.sessions.prove(a.id, { proof: TOTP, ...WHEN });
  const listed = await db.stores.sessions.list({ limit: 9 }, NOW_MS);
  assert.deepEqual(
    listed.map(({ session, createdAtMs }) => [session.id, createdAtMs]),
    [
      [b.id, 2],
      [a.id, 1],
    ],
  );
});

onEachDatabase('bulk ends or removes by session, by person, or all, never more than asked', async (db) => {
  const [ada, bob] = [await withPerson(db), await withPerson(db, 'bob@example.com')];
  const ofAda = [await begin(db, ada.id), await begin(db, ada.id), await begin(db, ada.id)];
  const ofBob = await begin(db, bob.id);
  const { sessions } = db.stores;
  const disable = { action: 'disable', limit: 100, nowMs: NOW_MS } as const;
  const [first, second, third] = ofAda;
  assert.ok(first && second && third);
  for (const nothing of [
    {},
    { sessionIds: [] },
    { identityIds: [] },
    { sessionIds: [], identityIds: '*' as const },
  ]) {
    assert.equal(await sessions.bulk({ ...disable, ...nothing }), 0);
    assert.equal(await sessions.bulk({ ...disable, ...nothing, action: 'delete' }), 0);
  }
  assert.equal(await sessions.bulk({ ...disable, sessionIds: [first.id, aSession(ada.id).id] }), 1);
  assert.equal(await sessions.bulk({ ...disable, sessionIds: [first.id] }), 0);
  assert.equal(await sessions.bulk({ ...disable, identityIds: [ada.id], limit: 1 }), 1);
  assert.equal(await sessions.bulk({ ...disable, identityIds: [ada.id], limit: 9 }), 1);
  assert.equal(await isActive(db, ofBob.id), true);
  assert.equal(await sessions.bulk({ ...disable, identityIds: '*' }), 1);
  assert.equal(await isActive(db, ofBob.id), false);
  const remove = { ...disable, action: 'delete' } as const;
  assert.equal(await sessions.bulk({ ...remove, sessionIds: [first.id] }), 1);
  assert.equal(await sessions.find(first.id), undefined);
  assert.equal(await sessions.bulk({ ...remove, identityIds: [bob.id, ada.id], limit: 2 }), 2);
  assert.equal(await sessions.bulk({ ...remove, identityIds: '*' }), 1);
  assert.equal(await sessions.count({}, NOW_MS), 0);
});

onEachDatabase('sessions of a person are removed together', async (db) => {
  const [ada, bob] = [await withPerson(db), await withPerson(db, 'bob@example.com')];
  for (const id of [ada.id, ada.id, bob.id]) await begin(db, id);
  assert.equal(await db.stores.sessions.deleteOfIdentity(ada.id), 2);
  assert.equal(await db.stores.sessions.deleteOfIdentity(ada.id), 0);
  assert.equal(await db.stores.sessions.count({}, NOW_MS), 1);
});

onEachDatabase('the janitor removes what ended before, a step at a time', async (db) => {
  const { id } = await withPerson(db);
  for (const expiresAtMs of [1, 2, 3, 4, 5]) await begin(db, id, { expiresAtMs });
  assert.equal(await db.stores.sessions.deleteEndedBefore(5, 3), 3);
  assert.equal(await db.stores.sessions.deleteEndedBefore(5, 3), 1);
  assert.equal(await db.stores.sessions.deleteEndedBefore(5, 3), 0);
  assert.deepEqual(
    (await db.stores.sessions.list({ limit: 9 }, 0)).map(({ session }) => session.expiresAtMs),
    [5],
  );
});
