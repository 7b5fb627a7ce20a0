// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders as files hold them
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, JsonObject } from '../lib/json.ts';
import { ConfigError } from './fault.ts';
import { mergeDocuments } from './file.ts';
import { createConfigLoader } from './load.ts';

const BASE: JsonObject = {
  dsn: 'memory',
  selfservice: { default_browser_return_url: 'https://app.example.org/' },
  identity: { schemas: [{ id: 'default', url: 'base64://e30=' }] },
};
const loader = createConfigLoader({ methods: [], hooks: [], absentMethods: [] });

function documentWith(path: string, value: Json): JsonObject {
  const over = path.split('.').reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
  return mergeDocuments(BASE, over) as JsonObject; // two objects give an object
}

const inspect = (base: JsonObject) => loader.inspect({ files: [], base, env: {} });
const inspectWith = (path: string, value: Json) => inspect(documentWith(path, value));

describe('all faults are told in one round', () => {
  it('those of the schema and those that only the whole can show', () => {
    const { faults, loaded } = inspect({
      dsn: 'mysql://root@db/kratos',
      sesion: {},
      session: { lifespan: 'ever' },
      selfservice: {
        default_browser_return_url: 'app.example.org',
        flows: { login: { ui_url: '${APP_URL}/login', after: { hooks: [{ hook: 'nope' }] } } },
      },
      secrets: { default: ['short'] },
      cookies: { domain: 'https://example.org', same_site: 'None', secure: 'false' },
      identity: { default_schema_id: 'person', schemas: [{ id: 'p', url: './p.json' }] },
    });
    assert.deepEqual(
      faults.map(({ key }) => key).sort(),
      [
        ...['cookies.domain', 'cookies.same_site', 'session.cookie.same_site', 'dsn'],
        ...['identity.default_schema_id', 'identity.schemas.0.url', 'secrets.default.0'],
        ...['selfservice.default_browser_return_url', 'selfservice.flows.login.after.hooks.0.hook'],
        ...['selfservice.flows.login.ui_url', 'sesion', 'session.lifespan'],
      ].sort(),
    );
    assert.ok(loaded, 'what is right can be looked at');
  });

  it('also where what is needed most is missing', () => {
    const { faults } = inspect({ secrets: { default: ['short'] } });
    assert.deepEqual(faults.map(({ key }) => key).sort(), [
      'dsn',
      'identity',
      'secrets.default.0',
      'selfservice',
    ]);
  });

  it('and loading refuses exactly what looking finds', () => {
    const base = { ...BASE, secrets: { default: ['short'] } };
    assert.throws(
      () => loader.load({ files: [], base, env: {} }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.faults, inspect(base).faults);
        return true;
      },
    );
  });
});

describe('a placeholder that nobody replaced', () => {
  for (const [path, value] of [
    ['selfservice.default_browser_return_url', '${APP_URL}/x'],
    ['selfservice.allowed_return_urls', ['https://a.example/', 'https://${HOST}/']],
    ['courier.smtp.connection_uri', 'smtp://${USER}:${PASSWORD}@mail:25'],
    ['courier.smtp.from_name', 'Team of ${BRAND:-nobody}'],
    ['secrets.cookie', ['${COOKIE_SECRET_THAT_IS_LONG}']],
    ['tracing', { provider: '$(TRACING_PROVIDER)' }],
    ['dsn', 'postgres://${USER}@db/x'],
  ] as const) {
    it(`is refused wherever it stands: ${path}`, () => {
      const { faults } = inspectWith(path, value as Json);
      assert.equal(faults.length, 1);
      assert.ok(faults[0]?.key.startsWith(path));
      assert.match(faults[0]?.reason ?? '', /^\$[{(][A-Z_]+[})] was not replaced; /);
    });
  }

  it('is no other text with a dollar', () => {
    assert.deepEqual(inspectWith('secrets.cookie', ['pa$$word{x}$1 ${ } ${0}']).faults, []);
  });
});

describe('addresses that cannot work are refused', () => {
  for (const [path, value, meant] of [
    ['serve.public.base_url', 'id.example.org', undefined],
    ['serve.public.base_url', 'https://user:pw@id.example.org/', undefined],
    ['serve.public.base_url', 'https://id.example.org/?x=1', undefined],
    ['serve.admin.base_url', 'ftp://id.example.org/', undefined],
    ['serve.public.host', 'http://0.0.0.0', undefined],
    ['selfservice.default_browser_return_url', 'app.example.org/welcome', 'https://app.example.org/welcome'],
    ['selfservice.flows.login.ui_url', 'localhost:3000/login', 'http://localhost:3000/login'],
    ['selfservice.flows.settings.after.default_browser_return_url', 'javascript:alert(1)', undefined],
    ['selfservice.flows.logout.after.default_browser_return_url', 'https://', undefined],
    ['identity.schemas', [{ id: 'default', url: './person.schema.json' }], 'file://./person.schema.json'],
    ['identity.schemas', [{ id: 'default', url: 'whatever' }], undefined],
    ['cookies.domain', 'https://example.org', undefined],
    ['cookies.domain', 'example.org:4433', undefined],
    ['session.cookie.domain', '*.example.org', undefined],
    ['cookies.path', 'auth', undefined],
    ['dsn', 'mysql://root@db/kratos', undefined],
    ['dsn', 'cockroach://root@db/kratos', undefined],
    ['dsn', 'sqlite://', undefined],
    ['dsn', 'postgres://db/x?max_conns=many', undefined],
  ] as const) {
    it(`${path}: ${JSON.stringify(value)}`, () => {
      const { faults } = inspectWith(path, value as Json);
      assert.equal(faults.length, 1, JSON.stringify(faults));
      assert.ok(faults[0]?.key.startsWith(path));
      if (meant !== undefined) assert.ok(faults[0]?.reason.includes(`did you mean ${meant}?`));
    });
  }

  for (const [path, value] of [
    ['selfservice.default_browser_return_url', '#/done'],
    ['selfservice.default_browser_return_url', 'myapp://callback'],
    ['selfservice.flows.login.ui_url', '/login'],
    ['cookies.domain', '.example.org'],
    ['cookies.domain', 'localhost'],
    ['serve.public.host', 'unix:/run/bia.sock'],
    ['serve.public.host', '::1'],
    ['serve.public.host', ''],
  ] as const) {
    it(`those that work are taken: ${path}: ${value}`, () => {
      assert.deepEqual(inspectWith(path, value).faults, []);
    });
  }
});

describe('what matches nothing is a warning', () => {
  const cookies = (domain: string) => ({
    serve: { public: { base_url: 'https://id.example.org/' } },
    cookies: { domain },
  });
  for (const [key, document] of [
    [
      'serve.public.cors.allowed_origins.0',
      { serve: { public: { cors: { allowed_origins: ['https://a.example/'] } } } },
    ],
    [
      'serve.public.cors.allowed_origins.0',
      { serve: { public: { cors: { allowed_origins: ['a.example'] } } } },
    ],
    [
      'serve.public.cors.allowed_origins.0',
      { serve: { public: { cors: { allowed_origins: ['https://*.com'] } } } },
    ],
    [
      'serve.public.cors.allowed_origins.0',
      { serve: { public: { cors: { allowed_origins: ['https://a.example:443'] } } } },
    ],
    ['selfservice.allowed_return_urls.0', { selfservice: { allowed_return_urls: ['app.example.org'] } }],
    [
      'selfservice.allowed_return_urls.0',
      { selfservice: { allowed_return_urls: ['https://app.example.org/*'] } },
    ],
    ['cookies.domain', cookies('other.example')],
    ['cookies.domain', cookies('org')],
    ['hashers.bcrypt.cost', { hashers: { algorithm: 'bcrypt', bcrypt: { cost: 8 } } }],
    ['hashers.argon2.memory', { hashers: { argon2: { memory: '8KB', parallelism: 4 } } }],
    ['serve.public.tls.enabled', { serve: { public: { tls: { enabled: false } } } }],
    ['log.colour', { log: { colour: 'blue' } }],
    ['$schema', { $schema: 'https://example.org/config.schema.json' }],
    ['x-common', { 'x-common': { a: 1 } }],
  ] as const) {
    it(`${key}: ${JSON.stringify(document)}`, () => {
      const { faults, loaded } = inspect(mergeDocuments(BASE, document) as JsonObject);
      assert.deepEqual(faults, []);
      assert.deepEqual(
        loaded?.warnings.map((warning) => warning.key).filter((warned) => !warned.startsWith('courier')),
        [key],
      );
    });
  }

  it('and what matches is none', () => {
    const { loaded } = inspect(
      mergeDocuments(BASE, {
        ...cookies('example.org'),
        serve: {
          public: {
            base_url: 'https://id.example.org/',
            cors: {
              allowed_origins: [
                '*',
                'null',
                'https://*.example.org',
                'http://localhost:3000',
                'capacitor://localhost',
              ],
            },
          },
        },
        selfservice: {
          allowed_return_urls: [
            'https://app.example.org',
            'https://*.example.org/a',
            '/path',
            'myapp://callback',
          ],
        },
      }) as JsonObject,
    );
    assert.deepEqual(loaded?.warnings, []);
  });

  it('but a misspelt setting that protects somebody is refused', () => {
    for (const path of [
      'security.account_enumeration.mitigat',
      'session.cookie.secur',
      'cookies.x-secure',
      'serve.public.rate_limit',
    ])
      assert.deepEqual(
        inspectWith(path, true).faults.map(({ key }) => key),
        [path],
      );
  });
});
