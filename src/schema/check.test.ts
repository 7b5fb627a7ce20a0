import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../lib/json.ts';
import { identitySchemaFaults } from './check.ts';
import { faultInWords } from './faults.ts';

const schemaWith = (trait: JsonObject): JsonObject => ({
  properties: { traits: { type: 'object', properties: { a: trait } } },
});
const ext = (extension: JsonObject): JsonObject => schemaWith({ 'ory.sh/kratos': extension });

const GOOD: readonly JsonObject[] = [
  schemaWith({ type: 'string' }),
  ext({
    credentials: {
      alpha: { identifier: true, via: 'sms' },
      beta: { display_name: true },
      gamma: { account_name: true },
    },
    verification: { via: 'email' },
    recovery: { via: 'sms' },
    organizations: { matcher: 'email_domain' },
  }),
  schemaWith({ format: 'date', 'ory.sh/kratos': { verification: { via: 'email' } } }),
];

const BAD: readonly (readonly [schema: JsonObject, fault: RegExp])[] = [
  [{}, /properties\.traits/],
  [{ properties: { traits: { properties: { a: {} } } } }, /type "object"/],
  [{ properties: { traits: { type: 'object', properties: {} } } }, /at least one trait/],
  [schemaWith({ format: 'uri', 'ory.sh/kratos': { verification: { via: 'email' } } }), /"uri"/],
  [
    ext({ credential: {} }),
    /the trait "a": ory\.sh\/kratos\.credential: is not known; did you mean "credentials"\?/,
  ],
  [
    ext({ credentials: { alpha: { identifier: 'yes' } } }),
    /credentials\.alpha\.identifier: must be true or false/,
  ],
  [
    ext({ credentials: { alpha: { identifer: true } } }),
    /identifer: is not known; did you mean "identifier"\?/,
  ],
  [ext({ credentials: { alpha: true } }), /alpha: must be an object/],
  [ext({ credentials: { omega: { identifier: true } } }), /omega: is not a kind of credential/],
  [ext({ verification: { via: 'fax' } }), /via: must be one of: email, sms/],
  [ext({ organizations: { matcher: 'x' } }), /matcher/],
  [
    schemaWith({ type: 'array', items: { 'ory.sh/kratos': { recovery: { by: 'email' } } } }),
    /items.*by: is not known/,
  ],
];

test('schemas for identities have no faults', () => {
  for (const schema of GOOD) assert.deepEqual(identitySchemaFaults(schema, ['alpha', 'beta', 'gamma']), []);
  assert.deepEqual(identitySchemaFaults(ext({ credentials: { omega: { identifier: true } } })), []);
});

test('faults are named with their place', () => {
  for (const [schema, fault] of BAD) {
    const faults = identitySchemaFaults(schema, ['alpha']);
    assert.equal(faults.length, 1, JSON.stringify(schema));
    assert.match(faults.map(faultInWords).join(), fault);
  }
});
