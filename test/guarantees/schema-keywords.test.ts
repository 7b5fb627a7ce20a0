// Every keyword of an identity schema means the same at every door, also where two traits use it differently.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type Json, type JsonObject } from '../../src/lib/json.ts';
import { type FlowJson, json } from '../support/flow-json.ts';
import { KEYWORD_USES, type KeywordUses } from '../support/keyword-corpus.ts';
import { PASSWORD, PERSON_SCHEMA, schemaUrl, startServer, type TestServer } from '../support/server.ts';

const idOf = (uses: KeywordUses): string => `keyword-${KEYWORD_USES.indexOf(uses)}`;

function schemaOf({ one, other, definitions }: KeywordUses): JsonObject {
  return {
    ...(definitions ? { definitions } : {}),
    type: 'object',
    properties: {
      traits: {
        type: 'object',
        properties: {
          email: {
            type: 'string',
            format: 'email',
            'ory.sh/kratos': { credentials: { password: { identifier: true } } },
          },
          one: one.schema,
          other: other.schema,
        },
      },
    },
  };
}

const config: JsonObject = {
  identity: {
    default_schema_id: 'person',
    schemas: [
      { id: 'person', url: schemaUrl(PERSON_SCHEMA) },
      ...KEYWORD_USES.map((uses) => ({
        id: idOf(uses),
        url: schemaUrl(schemaOf(uses)),
        selfservice_selectable: true,
      })),
    ],
  },
};

/** Of a person that was made; else the names of the traits that were refused. */
type Answer = { readonly traits: JsonObject } | { readonly refused: readonly string[] };
type Door = (server: TestServer, schemaId: string, traits: JsonObject) => Promise<Answer>;

async function register(
  server: TestServer,
  schemaId: string,
  body: { readonly type: string; readonly text: string },
): Promise<Answer> {
  const flow = await json<FlowJson>(
    await server.ask('GET', `/self-service/registration/api?identity_schema=${schemaId}`),
  );
  const response = await server.ask('POST', flow.ui.action, {
    headers: { 'content-type': body.type, accept: 'application/json' },
    body: body.text,
  });
  const answer: unknown = await response.json();
  if (!isJsonObject(answer)) throw new Error(`${response.status}`);
  if (response.status === 200) {
    const { identity } = answer;
    const traits = isJsonObject(identity) ? identity['traits'] : undefined;
    return { traits: isJsonObject(traits) ? traits : {} };
  }
  assert.equal(response.status, 400, JSON.stringify(answer));
  const { ui } = answer as unknown as FlowJson; // a refused registration answers with its flow
  const refused = ui.nodes.flatMap(({ attributes, messages }) =>
    messages.length > 0 ? [attributes.name ?? ''] : [],
  );
  assert.deepEqual(ui.messages ?? [], []);
  return { refused };
}

const byApi: Door = (server, schemaId, traits) =>
  register(server, schemaId, {
    type: 'application/json',
    text: JSON.stringify({ method: 'password', password: PASSWORD, traits }),
  });

const byForm: Door = (server, schemaId, traits) =>
  register(server, schemaId, {
    type: 'application/x-www-form-urlencoded',
    text: new URLSearchParams([
      ['method', 'password'],
      ['password', PASSWORD],
      ...fieldsOf('traits', traits),
    ]).toString(),
  });

const byImport: Door = async (server, schemaId, traits) => {
  const response = await server.askAdmin('POST', '/admin/identities', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema_id: schemaId, traits }),
  });
  // What the admin API answers to a creation.
  const answer = (await response.json()) as { traits?: JsonObject; error?: { reason: string } };
  if (response.status === 201) return { traits: answer.traits ?? {} };
  assert.equal(response.status, 400);
  return {
    refused: [...(answer.error?.reason ?? '').matchAll(/(traits[\w.]*):/g)].map(([, name]) => name ?? ''),
  };
};

/** As a page sends them: a field for each plain value, several of one name for a list. */
function fieldsOf(name: string, value: Json): readonly [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => fieldsOf(name, item));
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => fieldsOf(`${name}.${key}`, member ?? null));
  }
  return [[name, String(value)]];
}

/** Lists of groups have no fields. */
const hasFields = (value: Json): boolean =>
  !(Array.isArray(value) && value.some((item: Json) => typeof item === 'object'));

const DOORS: readonly (readonly [name: string, door: Door])[] = [
  ['JSON', byApi],
  ['a form', byForm],
  ['an import', byImport],
];

test('every keyword means the same at every door, also where two traits use it differently', async (t) => {
  const server = await startServer(t, { config });
  let people = 0;
  for (const uses of KEYWORD_USES) {
    for (const [name, door] of DOORS) {
      const isForm = door === byForm;
      const valuesOf = (part: 'one' | 'other') => {
        const { fits, doesNotFit, doesNotFitInForms = doesNotFit } = uses[part];
        const wrong = isForm ? doesNotFitInForms : doesNotFit;
        return isForm ? { fits: fits.filter(hasFields), wrong: wrong.filter(hasFields) } : { fits, wrong };
      };
      for (const [part, beside] of [
        ['one', 'other'],
        ['other', 'one'],
      ] as const) {
        const { fits, wrong } = valuesOf(part);
        const [fine] = valuesOf(beside).fits;
        const send = (value: Json): Promise<Answer> => {
          people += 1;
          const rest = fine === undefined ? {} : { [beside]: fine };
          return door(server, idOf(uses), { email: `p${people}@example.org`, ...rest, [part]: value });
        };
        for (const value of fits) {
          const answer = await send(value);
          const what = `${uses.keyword}: ${part} takes ${JSON.stringify(value)} by ${name}`;
          assert.deepEqual(
            'traits' in answer && answer.traits[part],
            value,
            `${what}: ${JSON.stringify(answer)}`,
          );
        }
        for (const value of wrong) {
          const answer = await send(value);
          const what = `${uses.keyword}: ${part} refuses ${JSON.stringify(value)} by ${name}`;
          assert.ok('refused' in answer && answer.refused.length > 0, `${what}: ${JSON.stringify(answer)}`);
          for (const at of answer.refused) assert.match(at, new RegExp(`^traits\\.${part}(?:\\.|$)`), what);
        }
      }
    }
  }
  t.diagnostic(`${KEYWORD_USES.length} keywords, ${people} people`);
  assert.ok(people > 400);
});
