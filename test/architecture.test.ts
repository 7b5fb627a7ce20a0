// Does the code keep to the picture in ARCHITECTURE.md? Every row is a rule with its reason; a broken one is printed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as methodRegistry from '../src/methods/registry.ts';
import { readSourceTree, type SourceFile } from './support/source-tree.ts';

const files = readSourceTree();
const byPath = new Map(files.map((file) => [file.path, file]));

interface Row {
  readonly layer: number;
  readonly folder: string;
  readonly may: readonly string[];
  /** Folders of which only types may be used. */
  readonly types?: readonly string[];
  readonly because: string;
}

const WORDS = ['protocol', 'schema', 'form', 'locale', 'config'];
const UP_TO_WORDS = ['lib', 'outbound', ...WORDS];
const DOMAIN = ['identity', 'session', 'hash', 'courier', 'event', 'outbox'];
const UP_TO_FLOW = [...UP_TO_WORDS, ...DOMAIN, 'flow'];
const UP_TO_EDGE = [...UP_TO_FLOW, 'methods', 'hooks', 'store', 'kratos', 'http', 'pages', 'cli'];

const LAYERS: readonly Row[] = [
  { layer: 0, folder: 'lib', may: [], because: 'it could be lifted into any other program' },
  { layer: 0, folder: 'outbound', may: ['lib'], because: 'calls are guarded alike, whoever makes them' },
  {
    layer: 1,
    folder: 'protocol',
    may: ['lib'],
    because: 'the words of the protocol know nobody who speaks them',
  },
  { layer: 1, folder: 'schema', may: ['lib', 'protocol'], because: 'what fits a schema is told in messages' },
  {
    layer: 1,
    folder: 'form',
    may: ['lib', 'protocol', 'schema'],
    because: 'forms are made of schemas, and bodies are read by them',
  },
  {
    layer: 1,
    folder: 'locale',
    may: ['lib', 'protocol', 'schema', 'form'],
    because: 'a language is chosen and applied the same way for pages, mails and answers',
  },
  {
    layer: 1,
    folder: 'config',
    may: ['lib', 'outbound', 'protocol', 'schema'],
    because: 'settings are described by a schema, and whoever they are for comes to them',
  },
  {
    layer: 2,
    folder: 'identity',
    may: UP_TO_WORDS,
    types: ['session', 'event'],
    because: 'identities and sessions name each other and run without each other',
  },
  {
    layer: 2,
    folder: 'session',
    may: UP_TO_WORDS,
    types: ['identity', 'event'],
    because: 'identities and sessions name each other and run without each other',
  },
  { layer: 2, folder: 'hash', may: UP_TO_WORDS, because: 'hashing knows passwords, not people' },
  { layer: 2, folder: 'courier', may: UP_TO_WORDS, because: 'messages are sent for anybody' },
  { layer: 2, folder: 'event', may: UP_TO_WORDS, because: 'an event is a record of facts' },
  { layer: 2, folder: 'outbox', may: UP_TO_WORDS, because: 'events are delivered for any hook' },
  {
    layer: 2,
    folder: 'webauthn',
    may: ['lib', 'protocol', 'schema', 'form'],
    because: 'ceremonies know keys, not people and not flows',
  },
  { layer: 3, folder: 'flow', may: [...UP_TO_WORDS, ...DOMAIN], because: 'flows know no method and no hook' },
  {
    layer: 4,
    folder: 'methods',
    may: [...UP_TO_FLOW, 'webauthn'],
    because: 'a method is added without touching anything',
  },
  { layer: 4, folder: 'hooks', may: UP_TO_FLOW, because: 'a hook is added without touching anything' },
  {
    layer: 5,
    folder: 'store',
    may: UP_TO_FLOW,
    because: 'it implements the ports of the domain and of flows',
  },
  {
    layer: 5,
    folder: 'kratos',
    may: UP_TO_FLOW,
    because: 'it reads databases of Kratos and writes through the ports of the domain',
  },
  {
    layer: 6,
    folder: 'http',
    may: UP_TO_FLOW,
    types: ['pages'],
    because: 'it mounts pages as values and reaches data through ports only',
  },
  { layer: 6, folder: 'pages', may: UP_TO_FLOW, because: 'a page is made of what a flow shows' },
  { layer: 6, folder: 'cli', may: UP_TO_FLOW, because: 'commands are given what they work on' },
  { layer: 7, folder: 'app', may: UP_TO_EDGE, because: 'it puts everything together' },
];

/** The process itself sees everything. */
const ROOT_FILE = /^main\.ts$/;

/** The version has one home. */
const PACKAGE_FILE = '../package.json';

const folderOf = (path: string): string => path.split('/')[0] ?? path;

/** What must not be and where it is. An empty list is what every test here wants. */
function expectNone(broken: readonly string[], because: string): void {
  assert.deepEqual(broken, [], `${because}\n  ${broken.join('\n  ')}\n`);
}

test('every folder of src stands in the layer table', () => {
  const known = LAYERS.map(({ folder }) => folder);
  const strangers = [...new Set(files.map(({ folder }) => folder))].filter(
    (folder) => !known.includes(folder) && !ROOT_FILE.test(folder),
  );
  expectNone(strangers, 'A folder without a row has no rules: give it one, in ARCHITECTURE.md too.');
});

for (const row of LAYERS) {
  const allowed = [row.folder, ...row.may].join(', ');
  const types = row.types ? `; types of ${row.types.join(', ')}` : '';
  test(`layer ${row.layer}: ${row.folder} imports only ${allowed}${types}, because ${row.because}`, () => {
    const broken = files
      .filter(({ folder }) => folder === row.folder)
      .flatMap((file) => file.imports.map((used) => ({ file, used })))
      .filter(({ used }) => used.isOurs && used.target !== PACKAGE_FILE && !mayUse(row, used))
      .map(({ file, used }) => `${file.path} imports ${used.target}`);
    expectNone(broken, `layer ${row.layer}, ${row.folder}:`);
  });
}

function mayUse(row: Row, used: SourceFile['imports'][number]): boolean {
  const folder = folderOf(used.target);
  if (folder === row.folder || row.may.includes(folder)) return true;
  return used.isTypeOnly && row.types?.includes(folder) === true;
}

test('nothing in src imports from outside src', () => {
  const broken = files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target.startsWith('..') && target !== PACKAGE_FILE)
      .map(({ target }) => `${path} imports ${target}`),
  );
  expectNone(broken, 'Tests, tools and examples use the product, never the other way round.');
});

test('no import cycle: a file can be understood after those that it imports', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    if (trail.includes(path) || done.has(path)) return;
    for (const { target, isOurs } of byPath.get(path)?.imports ?? [])
      if (isOurs) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  expectNone(cycles, 'These files can only be read all at once:');
});

test('only the store makes snapshots: what was not read just now cannot be taken for the present person', () => {
  const makers = files
    .filter(({ path, text }) => text.includes('asSnapshot') && !path.startsWith('store/'))
    .map(({ path }) => path)
    .filter((path) => path !== 'identity/change/snapshot.ts');
  expectNone(makers, 'Read the person through a port: what `edit` is given must be what was stored.');
});

test('methods and hooks never import each other: each can be taken away', () => {
  const unit = (path: string): string | undefined => /^(?:methods\/[^/]+(?=\/)|hooks\/[^/]+)/.exec(path)?.[0];
  const broken = files.flatMap(({ path, imports }) => {
    const own = unit(path);
    if (own === undefined || path.endsWith('/registry.ts')) return [];
    return imports
      .filter(({ target }) => unit(target) !== undefined && unit(target) !== own)
      .map(({ target }) => `${path} imports ${target}`);
  });
  expectNone(broken, 'What two methods share belongs to a lower layer.');
});

test('from outside only index.ts of a method is imported, and only by the registry', () => {
  const broken = files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => /^methods\/[^/]+\//.test(target))
      .filter(({ target }) => !path.startsWith(target.split('/').slice(0, 2).join('/')))
      .filter(({ target }) => !(target.endsWith('/index.ts') && path === 'methods/registry.ts'))
      .map(({ target }) => `${path} imports ${target}`),
  );
  expectNone(broken, 'The definition is all that the rest may know of a method.');
});

/** Files that only those may import that put the program together. */
const GATES: readonly (readonly [gate: string, users: readonly string[]])[] = [
  ['methods/registry.ts', ['app/parts.ts']],
  ['hooks/registry.ts', ['app/parts.ts']],
  // main.ts and reseal.ts open a database for a command, without the server around it.
  [
    'store/open.ts',
    ['app/create-app.ts', 'app/reseal.ts', 'app/routes.ts', 'app/shared-services.ts', 'main.ts'],
  ],
];

test('the registries and the opening of the database are imported only where the program is put together', () => {
  const broken = files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => GATES.some(([gate, users]) => gate === target && !users.includes(path)))
      .map(({ target }) => `${path} imports ${target}`),
  );
  expectNone(broken, 'One file builds everything; nobody else looks things up.');
});

interface Owned {
  readonly what: string;
  readonly pattern: RegExp;
  readonly owners: readonly string[];
  readonly because: string;
}

const OWNED: readonly Owned[] = [
  {
    what: 'process.env',
    pattern: /\bprocess\.env\b/,
    owners: ['config/process.ts'],
    because: 'settings have one way in',
  },
  {
    what: 'process.argv',
    pattern: /\bprocess\.argv\b/,
    owners: ['main.ts'],
    because: 'commands are given their arguments',
  },
  {
    what: 'the machine clock',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)/,
    owners: ['lib/clock.ts'],
    because: 'tests move time, they do not wait for it',
  },
  { what: 'Math.random', pattern: /\bMath\.random\b/, owners: [], because: 'it can be predicted' },
  {
    what: 'randomness',
    pattern: /\b(?:randomBytes|randomInt|randomUUID|getRandomValues|randomFill(?:Sync)?)\b/,
    // The last three draw nonces, salts and masks: raw bytes of an algorithm, not secrets that somebody keeps.
    owners: ['lib/secret.ts', 'lib/ids.ts', 'lib/cipher.ts', 'hash/argon2.ts', 'form/csrf-token.ts'],
    because: 'what is drawn, and how long it is, can be reviewed in few places',
  },
  {
    what: 'the global fetch',
    pattern: /(?<![.\w'])fetch\(|\bglobalThis\.fetch\b/,
    owners: [],
    because: 'calls go out through outbound/outbound.ts, which has limits and guards private networks',
  },
];

for (const { what, pattern, owners, because } of OWNED) {
  test(`${what} appears only in ${owners.join(', ') || 'no file at all'}: ${because}`, () => {
    const users = files.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
    expectNone(
      users.filter((path) => !owners.includes(path)),
      because,
    );
    expectNone(
      owners.filter((path) => !users.includes(path)),
      'These owners do not need it any more: shorten the list.',
    );
  });
}

test('TypeBox is asked for types only: loading it costs each start 370 files', () => {
  const broken = files
    .filter(({ imports }) => imports.some(({ target, isTypeOnly }) => target === 'typebox' && !isTypeOnly))
    .map(({ path }) => path);
  expectNone(broken, 'Import Type from src/schema/typebox.ts.');
});

interface PackageRule {
  readonly packages: RegExp;
  readonly folders: readonly string[];
  readonly because: string;
}

const PACKAGES: readonly PackageRule[] = [
  { packages: /^hono\/html$/, folders: ['http', 'pages'], because: 'pages are escaped by a template tag' },
  {
    packages: /^(?:hono(?!\/html$)|@hono\/)/,
    folders: ['http'],
    because: 'leaving Hono must touch one folder',
  },
  { packages: /^kysely(?:$|\/)/, folders: ['store'], because: 'our tables are known in one folder' },
  {
    packages: /^(?:pg|mysql2|node:sqlite)(?:$|\/)/,
    folders: ['store', 'kratos'],
    because: 'SQL lives where databases are written, and where those of Kratos are read',
  },
];

for (const { packages, folders, because } of PACKAGES) {
  test(`only ${folders.join(' and ')} import ${packages.source}: ${because}`, () => {
    const broken = files.flatMap(({ path, folder, imports }) =>
      imports
        .filter(({ target, isOurs }) => !isOurs && packages.test(target) && !folders.includes(folder))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expectNone(broken, because);
  });
}

/** Words that are a method's name and mean something else where they stand. */
const NOT_A_METHOD: readonly (readonly [path: string, word: string, why: string])[] = [
  [
    'identity/admin/import.ts',
    'password',
    'the field of an imported credential that holds a password in clear',
  ],
  ['lib/redact.ts', 'password', 'a field whose value logs never show'],
  ['form/node.ts', 'password', 'a type of input in HTML'],
  ['flow/engine/patch.ts', 'password', 'the same: what was typed into such a field never comes back'],
  ['config/selfservice.ts', 'identifier_first', 'a style of login that operators choose'],
  ['flow/flow-settings.ts', 'identifier_first', 'the same style'],
  ['flow/method/method-deps.ts', 'identifier_first', 'the same style'],
  ['flow/login/nodes.ts', 'identifier_first', 'the same style'],
  ['flow/method/step.ts', 'profile', 'a moment of registration: the traits are asked for'],
  ['flow/registration/nodes.ts', 'profile', 'the same moment'],
  ['config/schema.ts', 'password', 'a value of a flag that is kept for older configurations'],
  ['protocol/api-error.ts', 'code', 'the member of an error body that repeats the status'],
  ['config/selfservice.ts', 'code', 'what an operator chooses for recovery and verification'],
  ['config/selfservice.ts', 'link', 'the same choice'],
  ['flow/secret/one-time-secret.ts', 'code', 'a kind of secret: digits that a person types'],
  ['flow/proof/submit.ts', 'code', 'the member of a body that holds what was typed'],
  ['flow/recovery/submit.ts', 'code', 'the same member'],
  ['flow/secret/one-time-secret.ts', 'link', 'a kind of secret: a token in an address'],
  ['lib/redact.ts', 'code', 'a field whose value logs never show'],
  ['config/unbuilt.ts', 'password', 'the key of a setting that is known but not built'],
  ['config/kratos-differences.ts', 'password', 'the key of a setting that counts otherwise'],
];

test('layers 0 to 3 hold no name of a method: a new one needs no edit there', () => {
  const names = Object.values(methodRegistry).map(({ name }) => name);
  const literal = new RegExp(`'(${names.join('|')})'`, 'g');
  const core = files.filter(({ folder }) => UP_TO_FLOW.includes(folder));
  const found = core.flatMap(({ path, code }) =>
    [...new Set([...code.matchAll(literal)].map(([, name]) => name))].map((name) => `${path}: '${name}'`),
  );
  const excused = NOT_A_METHOD.map(([path, word]) => `${path}: '${word}'`);
  expectNone(
    found.filter((use) => !excused.includes(use)),
    'Ask the definition of the method instead, or say above why the word means something else.',
  );
  expectNone(
    excused.filter((use) => !found.includes(use)),
    'These words are gone: shorten the list.',
  );
});

test('methods and hooks throw refusals, broken invariants and what they caught, nothing else', () => {
  const broken = files
    .filter(({ folder }) => folder === 'methods' || folder === 'hooks')
    .flatMap(({ path, code }) => {
      // A file `fault.ts` of a method holds faults that never leave it: they become a refusal or a value where they are caught.
      const from =
        /import (?:\{[^}]*\}|type \{[^}]*\}) from '(?:[./]*\/protocol\/refusals|\.{1,2}\/fault)\.ts'/g;
      const makers = [...code.matchAll(from)].flatMap(([found]) => found.match(/\w+/g) ?? []);
      return [...code.matchAll(/\bthrow\s+(\w+(?:\.\w+)*)/g)]
        .map(([, thrown = '']) => thrown)
        .filter((thrown) => !makers.includes(thrown) && !/^(?:error|cause|refusals\.\w+)$/.test(thrown))
        .map((thrown) => `${path} throws ${thrown}`);
    });
  expectNone(
    broken,
    'What people can mend is a value; what callers did wrong is a refusal of protocol/refusals.ts.',
  );
});

const MOST_LINES = 400;
/** Long because it is a table, not because it does much; its first line says so. */
const isDataTable = ({ text }: SourceFile): boolean => firstLine(text).endsWith(' (data table)');
const firstLine = (text: string): string => text.replace(/^#!.*\n/, '').split('\n')[0] ?? '';

test(`no file has more than ${MOST_LINES} lines: it can be read in one sitting`, () => {
  const broken = files
    .filter((file) => !isDataTable(file))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  expectNone(broken, 'Split it by what changes together.');
});

test('files are named after the one thing that they hold', () => {
  const vague = /^(?:utils?|helpers?|commons?|types?|misc|shared|managers?|services?)$/;
  const broken = files.filter(({ path }) => {
    const name = path.split('/').at(-1)?.replace(/\.ts$/, '') ?? '';
    if (name === 'index') return !/^methods\/[^/]+\/index\.ts$/.test(path);
    return (
      vague.test(name) ||
      !/^(?:\d{4}_)?[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name) ||
      /-(?:utils?|helpers?|manager)$/.test(name)
    );
  });
  expectNone(
    broken.map(({ path }) => path),
    'A vague name collects unrelated things. index.ts is for the definition of a method; names are kebab-case.',
  );
});

test('the first line of every file says what it is for', () => {
  const sentence = /^\/\/ \S.*[.?!](?: \(data table\))?$/;
  const broken = files.filter(({ text }) => !sentence.test(firstLine(text)));
  expectNone(
    broken.map(({ path }) => path),
    'Begin with a comment of one sentence.',
  );
});
