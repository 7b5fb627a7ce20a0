// What is read to be shown says, byte for byte, what the domain says of the same person and session, whatever happened to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FullIdentity } from '../../src/identity/identity.ts';
import { asShown } from '../../src/identity/shown.ts';
import {
  fullIdentityText,
  identityAdminText,
  identityText,
  identityToJson,
} from '../../src/identity/view.ts';
import { newUuid } from '../../src/lib/ids.ts';
import type { Json, JsonObject } from '../../src/lib/json.ts';
import { sessionText } from '../../src/session/view.ts';
import { rewrite } from '../support/change.ts';
import { onEachDatabase, START_MS, type TestDatabase } from '../support/databases.ts';
import {
  aCredential,
  anIdentity,
  aRecoveryAddress,
  aSession,
  aVerifiableAddress,
} from '../support/samples.ts';

const VIEW = { publicUrl: 'https://login.example/' };
const FACTORS = ['totp', 'lookup_secret'];

/** Every character that JSON, SQL or a page could trip over; NUL and half characters are stored by neither database. */
const aText = fc
  .string({ unit: 'grapheme' })
  .map((text) => text.replaceAll('\0', ''))
  .filter((text) => text.isWellFormed());
const aJson = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }).map((value) => {
  const text = JSON.stringify(value).replaceAll('\\u0000', '');
  return JSON.parse(text.isWellFormed() ? text : 'null') as Json; // fc.jsonValue makes JSON
});

/** What may differ between two moments of one person. */
const aState = fc.record({
  traits: fc.dictionary(aText, aJson).map((traits) => ({ ...traits }) as JsonObject),
  metadataPublic: aJson,
  metadataAdmin: aJson,
  externalId: fc.option(fc.uuid(), { nil: undefined }),
  organizationId: fc.option(fc.uuid(), { nil: null }),
  state: fc.constantFrom('active' as const, 'inactive' as const),
  values: fc.uniqueArray(aText, { maxLength: 3 }),
  verified: fc.boolean(),
  isHeld: fc.boolean(),
  factors: fc.subarray([...FACTORS, 'webauthn']),
  atMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});
type State = typeof aState extends fc.Arbitrary<infer T> ? T : never;

function inState(before: FullIdentity, state: State): FullIdentity {
  const { externalId: _gone, ...rest } = before;
  const proof = state.verified
    ? ({ verified: true, status: 'completed', verifiedAtMs: state.atMs } as const)
    : {};
  const held = state.isHeld ? { isHeld: true as const } : {};
  // Nobody else may have the value: the name of the person makes it theirs.
  const own = (value: string) => `${before.id} ${value}`;
  return {
    ...rest,
    traits: state.traits,
    metadataPublic: state.metadataPublic,
    metadataAdmin: state.metadataAdmin,
    ...(state.externalId === undefined ? {} : { externalId: `${before.id} ${state.externalId}` }),
    organizationId: state.organizationId,
    state: state.state,
    updatedAtMs: state.atMs,
    verifiableAddresses: state.values.map((value) =>
      aVerifiableAddress(own(value), { ...proof, ...held, updatedAtMs: state.atMs }),
    ),
    recoveryAddresses: state.values.toReversed().map((value) => aRecoveryAddress(own(value))),
    credentials: Object.fromEntries(
      state.factors.map((type) => [
        type,
        aCredential({ type, identifiers: type === 'webauthn' ? [own('key')] : [], config: { type } }),
      ]),
    ),
  };
}

/** All that is shown of one person, beside what the domain makes of them. */
async function compare({ stores }: TestDatabase, of: FullIdentity, tokenDigest: string): Promise<void> {
  const domain = await stores.identities.findFull(of.id);
  const [listed] = await stores.identities.show({ filter: { ids: [of.id] }, limit: 1 });
  const one = await stores.identities.showOne(of.id);
  const session = await stores.sessions.findByTokenDigest(tokenDigest, FACTORS);
  const shown = await stores.sessions.showByTokenDigest(tokenDigest, FACTORS);
  assert.ok(domain && listed && one && session && shown);
  const admin = identityAdminText(asShown(domain), VIEW);
  assert.equal(identityAdminText(listed, VIEW), admin);
  const own = { of: domain.credentials, includeConfigOf: [] };
  assert.equal(
    fullIdentityText(one, VIEW, { ...own, of: one.credentials }),
    fullIdentityText(asShown(domain), VIEW, own),
  );
  const whoami = (identity: string) => ({ nowMs: START_MS, identity, identityState: domain.state });
  const text = sessionText(shown.session, whoami(identityText(shown.identity, VIEW)));
  assert.equal(text, sessionText(session.session, whoami(identityText(asShown(domain), VIEW))));
  assert.deepEqual(shown.factors, session.factors);
  // It is JSON, and says what the person is.
  const { traits, metadata_public } = identityToJson(domain, VIEW);
  assert.deepEqual({ traits, metadata_public }, { traits: of.traits, metadata_public: of.metadataPublic });
  const read = JSON.parse(text) as { readonly identity: JsonObject }; // sessionText writes one
  assert.deepEqual(read.identity['traits'], of.traits);
}

onEachDatabase('what is shown is what the domain says, after every change', async (db) => {
  const property = fc.asyncProperty(
    fc.array(aState, { minLength: 1, maxLength: 3 }),
    async ([first, ...more]) => {
      assert.ok(first);
      let person = inState(anIdentity(), first);
      await db.stores.identities.insert(person);
      const digest = newUuid();
      await db.stores.sessions.insert(aSession(person.id), digest);
      await compare(db, person, digest);
      for (const state of more) {
        person = inState(person, state);
        await rewrite(db.database, person.id, () => person);
        const [address] = person.verifiableAddresses;
        if (address) await db.stores.identities.markAddressSent(person.id, { ...address, nowMs: START_MS });
        await compare(db, person, digest);
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

onEachDatabase('what is shown is one statement each, and no credential is read for a list', async (db) => {
  const person = inState(anIdentity(), {
    ...{ traits: {}, metadataPublic: null, metadataAdmin: null, externalId: undefined, organizationId: null },
    ...{ state: 'active', values: ['a'], verified: true, isHeld: false, factors: ['totp'], atMs: 1 },
  });
  await db.stores.identities.insert(person);
  await db.stores.sessions.insert(aSession(person.id), 'digest');
  db.queries.length = 0;
  await db.stores.identities.show({ filter: {}, limit: 10 });
  await db.stores.sessions.showByTokenDigest('digest', []);
  assert.equal(db.queries.length, 2);
  assert.doesNotMatch(db.queries.join(' '), /identity_credentials/);
  const one = await db.stores.identities.showOne(person.id);
  assert.deepEqual(one?.credentials['totp']?.config, {});
  assert.doesNotMatch(db.queries.join(' '), /c\.config/);
  assert.equal(db.queries.length, 3);
});

test('characters that a page could take for markup stay as they are in the text; the port writes them as escapes', () => {
  const text = identityText(asShown(anIdentity({ traits: { name: '</script>\u2028' } })), VIEW);
  assert.equal((JSON.parse(text) as { traits: { name: string } }).traits.name, '</script>\u2028');
});
