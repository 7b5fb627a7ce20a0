// Administration programs that use the official clients; every answer is one that the client understands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Configuration as NodeConfiguration, IdentityApi as NodeIdentityApi } from '@ory/client';
import { FrontendApi, IdentityApi, instanceOfIdentity, instanceOfSession } from '@ory/client-fetch';
import { SHARED_DATABASES } from '../support/databases.ts';
import { type ListeningServer, startListening } from '../support/listening-server.ts';
import { connectOryClient } from '../support/ory-client.ts';
import { OTHER_PASSWORD, PASSWORD } from '../support/server.ts';

const ADA = {
  schema_id: 'person',
  traits: { email: 'ada@example.org' },
  credentials: { password: { config: { password: PASSWORD } } },
};

async function signIn({ publicUrl }: ListeningServer, password = PASSWORD): Promise<string> {
  const api = new FrontendApi(connectOryClient(publicUrl, 'app').configuration);
  const { id } = await api.createNativeLoginFlow();
  const { session } = await api.updateLoginFlow({
    flow: id,
    updateLoginFlowBody: { method: 'password', identifier: ADA.traits.email, password },
  });
  return session.id;
}

for (const name of SHARED_DATABASES) {
  test(`identities with the client for fetch: made, found, changed and removed [${name}]`, async (t) => {
    const server = await startListening(t, name);
    const { configuration, understood } = connectOryClient(server.adminUrl, 'app');
    const api = new IdentityApi(configuration);

    const made = understood(
      await api.createIdentity({
        createIdentityBody: {
          ...ADA,
          external_id: 'crm-7',
          metadata_public: { tier: 'gold' },
          metadata_admin: [1, 2],
        },
      }),
    );
    assert.ok(instanceOfIdentity(made));
    assert.ok(made.created_at instanceof Date);
    const { id } = made;
    assert.equal(understood(await api.getIdentityByExternalID({ externalID: 'crm-7' })).id, id);
    const read = understood(await api.getIdentity({ id, includeCredential: ['password'] }));
    assert.deepEqual(read.credentials?.['password']?.identifiers, ['ada@example.org']);
    assert.equal(read.verifiable_addresses?.[0]?.verified, false);

    const batch = understood(
      await api.batchPatchIdentities({
        patchIdentitiesBody: {
          identities: [
            { patch_id: id, create: { ...ADA, traits: { email: 'bob@example.org' } } },
            { create: ADA },
          ],
        },
      }),
    );
    assert.deepEqual(
      batch.identities?.map(({ action }) => action),
      ['create', 'error'],
    );
    const everybody = understood(await api.listIdentities({ pageSize: 10 }));
    assert.deepEqual(everybody.map(({ traits }) => traits.email).sort(), [
      'ada@example.org',
      'bob@example.org',
    ]);
    const bob = understood(await api.listIdentities({ credentialsIdentifier: 'bob@example.org' }));
    assert.equal(bob.length, 1);
    const byId = understood(await api.listIdentities({ ids: everybody.map((one) => one.id) }));
    assert.equal(byId.length, 2);

    const renamed = understood(
      await api.patchIdentity({
        id,
        jsonPatch: [{ op: 'replace', path: '/metadata_public/tier', value: 'blue' }],
      }),
    );
    assert.deepEqual(renamed.metadata_public, { tier: 'blue' });
    const updated = understood(
      await api.updateIdentity({
        id,
        updateIdentityBody: {
          ...ADA,
          state: 'active',
          traits: { ...ADA.traits, name: 'Ada' },
          credentials: { password: { config: { password: OTHER_PASSWORD } } },
        },
      }),
    );
    assert.equal(updated.traits.name, 'Ada');
    await signIn(server, OTHER_PASSWORD);

    // Schemas are public: the client follows there.
    const schemas = understood(await api.listIdentitySchemas());
    assert.deepEqual(
      schemas.map((one) => one.id),
      ['person'],
    );
    understood(await api.getIdentitySchema({ id: 'person' }));
    await api.deleteIdentity({ id });
    assert.equal((await api.listIdentities()).length, 1);
  });

  test(`sessions with the client for fetch: found, extended and ended [${name}]`, async (t) => {
    const server = await startListening(t, name);
    const { configuration, understood } = connectOryClient(server.adminUrl, 'app');
    const api = new IdentityApi(configuration);
    const { id } = await api.createIdentity({ createIdentityBody: ADA });
    const [first, second] = [await signIn(server), await signIn(server)];

    const all = understood(await api.listSessions({ active: true, expand: ['identity', 'devices'] }));
    assert.deepEqual(all.map((one) => one.id).sort(), [first, second].sort());
    for (const session of all) assert.ok(instanceOfSession(session) && session.identity?.id === id);
    assert.equal(understood(await api.listIdentitySessions({ id })).length, 2);
    const read = understood(await api.getSession({ id: first, expand: ['identity', 'devices'] }));
    assert.equal(read.devices?.length, 1);
    server.clock.advance(3_600_000);
    const extended = understood(await api.extendSession({ id: first }));
    assert.equal(extended?.expires_at?.getTime(), (read.expires_at?.getTime() ?? 0) + 3_600_000);
    await api.disableSession({ id: first });
    assert.deepEqual(
      understood(await api.listIdentitySessions({ id, active: true })).map((one) => one.id),
      [second],
    );
    await api.deleteIdentitySessions({ id });
    assert.deepEqual(await api.listIdentitySessions({ id }), []);
  });

  test(`identities and sessions with the client for Node [${name}]`, async (t) => {
    const server = await startListening(t, name);
    const api = new NodeIdentityApi(new NodeConfiguration({ basePath: server.adminUrl }));
    const { data: ada, status } = await api.createIdentity({ createIdentityBody: ADA });
    assert.equal(status, 201);
    const { data: batch } = await api.batchPatchIdentities({
      patchIdentitiesBody: {
        identities: [
          { patch_id: ada.id, create: { schema_id: 'person', traits: { email: 'bob@example.org' } } },
        ],
      },
    });
    const bobId = batch.identities?.[0]?.identity ?? '';
    const found = await api.listIdentities({ ids: [ada.id, bobId], includeCredential: ['password'] });
    assert.deepEqual(found.data.map(({ id }) => id).sort(), [ada.id, bobId].sort());

    const firstPage = await api.listIdentities({ pageSize: 1 });
    const token = /page_token=([^&>]+)[^>]*>; rel="next"/.exec(String(firstPage.headers['link']))?.[1];
    assert.ok(token, 'a link leads to the next page');
    const secondPage = await api.listIdentities({ pageSize: 1, pageToken: decodeURIComponent(token) });
    assert.deepEqual(
      [...firstPage.data, ...secondPage.data].map(({ id }) => id).sort(),
      [ada.id, bobId].sort(),
    );

    const patched = await api.patchIdentity({
      id: ada.id,
      jsonPatch: [{ op: 'add', path: '/metadata_admin', value: { note: 'vip' } }],
    });
    assert.deepEqual(patched.data.metadata_admin, { note: 'vip' });
    const sessionId = await signIn(server);
    assert.equal((await api.getSession({ id: sessionId, expand: ['identity'] })).data.identity?.id, ada.id);
    const sessions = await api.listIdentitySessions({ id: ada.id, active: true });
    assert.deepEqual(
      sessions.data.map(({ id }) => id),
      [sessionId],
    );
    assert.equal((await api.deleteIdentitySessions({ id: ada.id })).status, 204);
    assert.equal((await api.deleteIdentity({ id: ada.id })).status, 204);
    await assert.rejects(api.getIdentity({ id: ada.id }), /status code 404/);
  });
}
