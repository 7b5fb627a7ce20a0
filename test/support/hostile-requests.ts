// Requests that no client of ours makes: broken bodies, wrong types, strange texts, at every door there is.
import fc from 'fast-check';

/** What lets a request come far before it fails. */
export interface Footholds {
  readonly ids: readonly string[];
  readonly tokens: readonly string[];
  readonly csrfTokens: readonly string[];
  readonly cookies: readonly string[];
}

export interface Door {
  readonly port: 'public' | 'admin';
  readonly method: string;
  /** With `{name}` for parameters. */
  readonly path: string;
}

export interface HostileRequest {
  readonly door: Door;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

const STRANGE_TEXTS = [
  ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udc00y', '\u{1f98a}', 'e\u0301', '\u202e', '\ufeff', 'ﬃ', 'İ'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '[object Object]', '%', '_', '%00'],
  ...[
    "'",
    '"',
    '\\',
    '`',
    '$1',
    ['$', '{x}'].join(''),
    '{{x}}',
    '<b>',
    '../..',
    '//',
    ';',
    '--',
    '\r\n',
    '\t',
  ],
  ...['1e999', '-0', '9007199254740993', '99999999999999999999', '0x10', 'true', '[]', '{}', '*', '.', '..'],
  ...['a@b', 'a@b.c', `${'a'.repeat(300)}@example.org`, 'ä@exämple.org', 'x'.repeat(70_000)],
];

export const strangeText = fc.oneof(
  fc.constantFrom(...STRANGE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const strangeValue: fc.Arbitrary<unknown> = fc.oneof(
  strangeText,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, [], {}, [null], [[]], { '': '' }),
  fc.jsonValue({ maxDepth: 3 }),
);
const oddly = (...fine: readonly unknown[]) => fc.oneof(fc.constantFrom(...fine), strangeValue);
const maybe = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: undefined });

const traits = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      email: oddly('ada@example.org', 'new@example.org'),
      name: maybe(strangeValue),
      age: maybe(strangeValue),
      newsletter: maybe(strangeValue),
    }),
  },
  { weight: 1, arbitrary: strangeValue },
);

function submission({ csrfTokens, ids }: Footholds): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({
    method: oddly('password', 'profile', 'code', 'link', 'identifier_first', 'oidc', 'totp', 'profile:back'),
    csrf_token: oddly(...csrfTokens),
    identifier: maybe(oddly('ada@example.org')),
    password: maybe(oddly('correct horse 7 battery', 'seventeen green bottles')),
    traits: maybe(traits),
    'traits.email': maybe(oddly('ada@example.org')),
    'traits.x.y.z': maybe(strangeValue),
    transient_payload: maybe(oddly({ plan: 'gold' })),
    email: maybe(oddly('ada@example.org')),
    code: maybe(oddly('123456')),
    screen: maybe(oddly('previous', 'credential-selection')),
    session_token: maybe(strangeValue),
    flow: maybe(oddly(...ids)),
  });
}

function administration({ ids }: Footholds): fc.Arbitrary<unknown> {
  const identity = fc.record({
    schema_id: maybe(oddly('person')),
    traits: maybe(traits),
    state: maybe(oddly('active', 'inactive')),
    credentials: maybe(
      oddly(
        { password: { config: { password: 'correct horse 7 battery' } } },
        { password: { config: { hashed_password: '$2a$04$' } } },
        { password: { config: { hashed_password: 7 } } },
        { oidc: { config: { providers: [{ subject: 1 }] } } },
        { oidc: null },
      ),
    ),
    metadata_public: maybe(strangeValue),
    metadata_admin: maybe(strangeValue),
    external_id: maybe(strangeValue),
    verifiable_addresses: maybe(oddly([{ value: 'ada@example.org', via: 'email' }], [{ value: 7 }])),
    recovery_addresses: maybe(oddly([{ value: 'ada@example.org' }], [null])),
  });
  const operation = fc.record({
    op: oddly('add', 'replace', 'remove', 'move', 'copy', 'test'),
    path: oddly(
      '/traits/name',
      '/state',
      '/metadata_public/a',
      '/id',
      '/credentials/password',
      '/',
      '',
      '/traits/-',
    ),
    value: maybe(strangeValue),
    from: maybe(strangeValue),
  });
  return fc.oneof(
    identity,
    fc.array(operation, { maxLength: 4 }),
    fc.record({
      identities: fc.array(fc.record({ create: fc.oneof(identity, strangeValue), patch_id: oddly(...ids) }), {
        maxLength: 3,
      }),
    }),
    fc.record({
      action: oddly('disable', 'delete'),
      identities: maybe(oddly(ids)),
      sessions: maybe(oddly(ids)),
    }),
    fc.record({
      identity_id: oddly(...ids),
      expires_in: maybe(oddly('1h', '-1h', '1x')),
      flow_type: maybe(strangeValue),
    }),
  );
}

interface Encoded {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'utf8'));
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const fieldsOf = (value: unknown): readonly (readonly [string, string])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        inner === undefined
          ? []
          : [[name, typeof inner === 'string' ? inner : JSON.stringify(inner)] as const],
      )
    : [];

function encoded(value: fc.Arbitrary<unknown>): fc.Arbitrary<Encoded> {
  const json = value.map((of) => ({ type: JSON_TYPE, bytes: bytesOf(JSON.stringify(of) ?? 'null') }));
  const form = value.map((of) => ({
    type: FORM_TYPE,
    bytes: bytesOf(
      new URLSearchParams(fieldsOf(of).map(([name, text]): [string, string] => [name, text])).toString(),
    ),
  }));
  const multipart = value.map((of) => ({
    type: 'multipart/form-data; boundary=B',
    bytes: bytesOf(
      `${fieldsOf(of)
        .map(([name, text]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`)
        .join('')}--B--\r\n`,
    ),
  }));
  const whole = fc.oneof({ weight: 3, arbitrary: json }, form, multipart);
  const cut = fc
    .tuple(whole, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([{ type, bytes }, part]) => ({ type, bytes: bytes.slice(0, Math.floor(bytes.length * part)) }));
  return fc.oneof({ weight: 4, arbitrary: whole }, cut, monsters());
}

/** Bodies that are large or broken as a whole. They are made when they are used: some are large. */
function monsters(): fc.Arbitrary<Encoded> {
  const makers: readonly (() => Encoded)[] = [
    () => ({ type: JSON_TYPE, bytes: bytesOf(`{"a":${'['.repeat(50_000)}`) }),
    () => ({ type: JSON_TYPE, bytes: bytesOf(`{"traits":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`) }),
    () => ({
      type: JSON_TYPE,
      bytes: bytesOf(`{"method":"password","identifier":"\\u0000","password":"\\ud800"}`),
    }),
    () => ({ type: JSON_TYPE, bytes: Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d) }),
    () => ({
      type: JSON_TYPE,
      bytes: bytesOf('{"__proto__":{"isAdmin":true},"constructor":{"prototype":1}}'),
    }),
    () => ({ type: JSON_TYPE, bytes: bytesOf(JSON.stringify(Object.fromEntries(numbered(10_000)))) }),
    () => ({
      type: FORM_TYPE,
      bytes: bytesOf(
        numbered(10_000)
          .map(([name]) => `${name}=1`)
          .join('&'),
      ),
    }),
    () => ({ type: FORM_TYPE, bytes: bytesOf('method=%&password=%ff%fe&traits.email=%00&traits=%ud800') }),
    () => ({
      type: FORM_TYPE,
      bytes: bytesOf('traits.__proto__.x=1&traits[email]=a&traits.email.x=1&=&&=x'),
    }),
    () => ({ type: 'multipart/form-data', bytes: bytesOf('--X\r\n') }),
    () => ({ type: 'multipart/form-data; boundary=""', bytes: bytesOf('----') }),
    () => ({ type: 'text/plain', bytes: bytesOf('hello') }),
    () => ({ type: ';;;', bytes: bytesOf('{}') }),
    () => ({ type: JSON_TYPE, bytes: new Uint8Array(5 * 1024 * 1024 + 1).fill(0x20) }),
    () => ({ type: FORM_TYPE, bytes: new Uint8Array(5 * 1024 * 1024).fill(0x61) }),
  ];
  return fc.constantFrom(...makers).map((make) => make());
}

const numbered = (count: number): [string, number][] =>
  Array.from({ length: count }, (_, index) => [`traits.k${index}`, index]);

/** Only what may stand in a header at all; the rest is tried over a raw connection. */
const headerText = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 8000)
    .trim();

export function hostileRequest(doors: readonly Door[], footholds: Footholds): fc.Arbitrary<HostileRequest> {
  const { ids, tokens, cookies } = footholds;
  const segment = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...ids) },
    strangeText.map((text) => encodeURIComponent(text.toWellFormed().slice(0, 2000))),
    fc.constantFrom(
      '%',
      '%zz',
      '%ff',
      '%00',
      '%2e%2e',
      '%2f',
      '%c0%af',
      '0',
      '00000000-0000-0000-0000-000000000000',
      'whoami',
    ),
  );
  const parameter = fc.tuple(
    fc.constantFrom(
      ...[
        'flow',
        'id',
        'token',
        'code',
        'return_to',
        'refresh',
        'aal',
        'via',
        'login_challenge',
        'page',
        'per_page',
      ],
      ...[
        'page_size',
        'page_token',
        'ids',
        'credentials_identifier',
        'preview_credentials_identifier_similar',
      ],
      ...[
        'include_credential',
        'expand',
        'active',
        'status',
        'recipient',
        'identity_schema',
        'tokenize_as',
        'consistency',
      ],
      ...[
        'organization',
        'error',
        'method',
        'traits.email',
        'screen',
        'init_code',
        'return_to_code',
        'identifier',
      ],
    ),
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ids, 'true', '1', 'aal2', 'password') }, strangeText),
  );
  const headers = fc.record({
    accept: fc.constantFrom('application/json', 'text/html', '*/*', '', 'application/json;q=x', ',;,', '*'),
    cookie: maybe(fc.oneof(fc.constantFrom(...cookies), strangeText.map(headerText))),
    'x-session-token': maybe(fc.oneof(fc.constantFrom(...tokens), strangeText.map(headerText))),
    authorization: maybe(
      fc.oneof(
        fc.constantFrom(...tokens.map((token) => `Bearer ${token}`), 'Basic x', 'Bearer', 'Bearer  a b'),
        strangeText.map(headerText),
      ),
    ),
    'x-csrf-token': maybe(fc.constantFrom(...footholds.csrfTokens, 'x')),
    'x-request-id': maybe(strangeText.map(headerText)),
    origin: maybe(fc.constantFrom('null', 'https://evil.example', 'x', 'https://')),
    'x-forwarded-for': maybe(fc.constantFrom('1.2.3.4', ',,,', '::1', 'x'.repeat(5000))),
    'x-forwarded-proto': maybe(fc.constantFrom('https', 'javascript', '')),
    'x-forwarded-host': maybe(fc.constantFrom('evil.example', 'a b', '@', '[::1', ':0')),
  });
  const flowId = fc.constantFrom(...ids);
  return fc
    .record({
      door: fc.constantFrom(...doors),
      isOddMethod: fc.nat(9).map((chance) => chance === 0),
      oddMethod: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'X'),
      segments: fc.array(segment, { minLength: 4, maxLength: 4 }),
      query: fc.array(parameter, { maxLength: 4 }),
      flow: flowId,
      headers,
      body: maybe(
        encoded(fc.oneof(submission(footholds), administration(footholds), strangeValue)),
      ) as fc.Arbitrary<Encoded | undefined>,
    })
    .map(({ door, isOddMethod, oddMethod, segments, query, flow, headers: chosen, body }) => {
      let used = 0;
      const path = door.path.replace(/\{\w+\}/g, () => segments[used++] ?? '');
      const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]));
      if (!search.has('flow')) search.set('flow', flow);
      const method = isOddMethod ? oddMethod : door.method;
      const mayHaveBody = method !== 'GET' && method !== 'HEAD';
      return {
        door,
        method,
        path: `${path}?${search}`,
        headers: {
          ...(Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)) as Record<
            string,
            string
          >), // undefined was left out
          ...(body && mayHaveBody ? { 'content-type': body.type } : {}),
        },
        body: body && mayHaveBody ? body.bytes : undefined,
      };
    });
}
