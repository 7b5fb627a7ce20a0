// People of different kinds sign up with different profiles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { createBrowser } from '../support/browser.ts';
import { errorId, json, nodeNamed } from '../support/flow-json.ts';
import { createNativeApp } from '../support/native-app.ts';
import { PASSWORD, PERSON_SCHEMA, schemaUrl, startServer } from '../support/server.ts';

const COMPANY_SCHEMA: JsonObject = {
  $id: 'https://schemas.example.org/company.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        handle: {
          type: 'string',
          title: 'Handle',
          minLength: 3,
          'ory.sh/kratos': { credentials: { password: { identifier: true } } },
        },
        vat: { type: 'string', title: 'VAT number' },
      },
      required: ['handle', 'vat'],
      additionalProperties: false,
    },
  },
};

const config = {
  identity: {
    default_schema_id: 'person',
    schemas: [
      { id: 'person', url: schemaUrl(PERSON_SCHEMA), selfservice_selectable: true },
      { id: 'company', url: schemaUrl(COMPANY_SCHEMA), selfservice_selectable: true },
      { id: 'employee', url: schemaUrl(PERSON_SCHEMA) },
    ],
  },
};

test('a company signs up with the fields of companies, and keeps them in settings', async (t) => {
  const server = await startServer(t, { config });
  const browser = createBrowser(server);
  await browser.open('/self-service/registration/browser?identity_schema=company');
  assert.equal(nodeNamed(browser.form(), 'traits.email'), undefined);
  browser.fill({ 'traits.handle': 'analytical-engines', 'traits.vat': 'GB1', password: PASSWORD });
  await browser.press('password');
  const { identity } = await json<{ identity: { schema_id: string } }>(
    await browser.ask('GET', '/sessions/whoami'),
  );
  assert.equal(identity.schema_id, 'company');
  await browser.open('/self-service/settings/browser');
  browser.fill({ 'traits.vat': 'GB2' });
  await browser.press('profile');
  assert.deepEqual(browser.see(), [1050001]);
});

test('both kinds sign in on one page', async (t) => {
  const server = await startServer(t, { config });
  await createNativeApp(server).signUp('ada@example.org');
  const company = createNativeApp(server);
  const flow = await company.start('registration', '?identity_schema=company');
  await json(
    await company.send(flow, {
      method: 'password',
      password: PASSWORD,
      traits: { handle: 'analytical-engines', vat: 'GB1' },
    }),
  );
  for (const identifier of ['ada@example.org', 'analytical-engines']) {
    await createNativeApp(server).signIn(identifier);
  }
});

test('a schema that is unknown or not offered cannot be chosen', async (t) => {
  const server = await startServer(t, { config });
  for (const schema of ['employee', 'nobody', '../person']) {
    const at = `/self-service/registration/api?identity_schema=${encodeURIComponent(schema)}`;
    assert.equal(await errorId(await server.ask('GET', at), 400), '');
  }
});

test('the schemas can be read by anybody, by id or as identities name them', async (t) => {
  const server = await startServer(t, { config });
  const listed = await json<{ id: string }[]>(await server.ask('GET', '/schemas'));
  assert.deepEqual(
    listed.map(({ id }) => id),
    ['person', 'company', 'employee'],
  );
  for (const id of ['company', Buffer.from('company').toString('base64url')]) {
    assert.deepEqual(await json(await server.ask('GET', `/schemas/${id}`)), COMPANY_SCHEMA);
  }
  await errorId(await server.ask('GET', '/schemas/nothing'), 404);
});
