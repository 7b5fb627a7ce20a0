// Do the documents tell the truth about the code? Numbers, ids, keys, files and tests that they name are looked up.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createLoader } from '../src/app/parts.ts';
import { isJsonObject } from '../src/lib/json.ts';
import * as methodRegistry from '../src/methods/registry.ts';
import { configKeys } from '../tools/reference/config-page.ts';
import { ERROR_SAMPLES } from '../tools/reference/error-samples.ts';
import { referencePages } from '../tools/reference/generate.ts';
import { allMessages } from '../tools/reference/messages-page.ts';
import { mountedRoutes } from '../tools/reference/mounted.ts';
import { ROOT, readSourceTree } from './support/source-tree.ts';

const methods = Object.values(methodRegistry);
const keys = configKeys(createLoader().schema);
const routes = await mountedRoutes();

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function expectNone(broken: readonly string[], because: string): void {
  assert.deepEqual(broken, [], `${because}\n  ${broken.join('\n  ')}\n`);
}

const repeated = <T>(values: readonly T[]): readonly T[] =>
  values.filter((value, index) => values.indexOf(value) !== index);

test('a message number means one thing', () => {
  const ids = allMessages().map(({ message }) => String(message.id));
  expectNone(repeated(ids), 'Clients translate by these numbers:');
});

test('the first digit of a message number tells its type', () => {
  const wrong = allMessages().filter(({ message }) => (message.type === 'error') !== message.id >= 4_000_000);
  expectNone(
    wrong.map(({ message }) => `${message.id} ${message.type}`),
    'Errors begin with 4 or 5, all others with 1:',
  );
});

test('an error id is snake_case and always has the same status', () => {
  const named = Object.values(ERROR_SAMPLES).filter(({ id }) => id !== '');
  expectNone(
    named.filter(({ id }) => !/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(id)).map(({ id }) => id),
    'Ids are words of an API:',
  );
  const pairs = [...new Set(named.map(({ id, status }) => `${id} ${status}`))];
  expectNone(repeated(pairs.map((pair) => pair.split(' ')[0] ?? '')), 'One id, several statuses:');
});

test('every error id is given in protocol/refusals.ts, and documented', () => {
  const documented = read('docs/reference/errors.md');
  expectNone(
    Object.values(ERROR_SAMPLES)
      .map(({ id }) => id)
      .filter((id) => id !== '' && !documented.includes(`\`${id}\``)),
    'Missing in docs/reference/errors.md:',
  );
  const elsewhere = readSourceTree()
    .filter(({ path }) => path !== 'protocol/refusals.ts')
    .flatMap(({ path, code }) =>
      [...code.matchAll(/new ApiError\(\{\s*id: ('[^']*')/g)].map(([, id]) => `${path}: ${id}`),
    );
  expectNone(elsewhere, 'A refusal with an id has its maker in protocol/refusals.ts:');
});

for (const method of methods) {
  test(`docs/methods/${method.name}.md names every setting and every message of the method`, () => {
    const text = read(`docs/methods/${method.name}.md`);
    const prefix = `selfservice.methods.${method.name}.`;
    const settings = keys
      .map(({ key }) => key)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    const numbers = Object.values(method.messages).map(({ id }) => String(id));
    expectNone(
      [...settings, ...numbers].filter((word) => !text.includes(`\`${word}\``)),
      'It does not name:',
    );
    for (const heading of ['What', 'Settings', 'Credential', 'Messages', 'Flows', 'Attacks considered']) {
      assert.ok(text.includes(`\n## ${heading}\n`), `it has no part "${heading}"`);
    }
  });
}

test('every key of the configuration says what it means, and is documented', () => {
  const documented = read('docs/reference/config.md');
  expectNone(
    keys.filter(({ meaning }) => meaning === '').map(({ key }) => key),
    'Give it a description in the schema:',
  );
  expectNone(
    keys.map(({ key }) => key).filter((key) => !documented.includes(`\`${key}\``)),
    'Missing in docs/reference/config.md:',
  );
});

test('every route is described in tools/reference', () => {
  const broken = routes.filter(({ kind, note }) => kind === 'other' && note === undefined);
  expectNone(
    broken.map(({ port, method, path }) => `${port} ${method} ${path}`),
    'Add it to operations.ts, or to the others in mounted.ts:',
  );
});

test('docs/reference is what `npm run docs` makes', () => {
  const stale = Object.entries(referencePages(routes))
    .filter(
      ([name, text]) =>
        !existsSync(join(ROOT, 'docs/reference', name)) || read(`docs/reference/${name}`) !== text,
    )
    .map(([name]) => name);
  expectNone(stale, 'Run `npm run docs` and look at what changed:');
});

const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...globSync('docs/**/*.md', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/')),
];

test('every link in the documents leads to a file', () => {
  const broken = pages.flatMap((path) =>
    [...read(path).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(path), target.split('#')[0] ?? '')))
      .map((target) => `${path} -> ${target}`),
  );
  expectNone(broken, 'These lead nowhere:');
});

test('every source file that the documents name exists', () => {
  const broken = pages.flatMap((path) =>
    [...read(path).matchAll(/`((?:src|test|tools|docs|examples)\/[\w./-]+\.\w+)`/g)]
      .map(([, named = '']) => named)
      .filter((named) => !existsSync(join(ROOT, named)))
      .map((named) => `${path} names ${named}`),
  );
  expectNone(broken, 'These are gone:');
});

test('the walks name files at every step', () => {
  const walks = pages.filter((path) => path.startsWith('docs/walks/'));
  assert.ok(walks.length >= 4, 'four walks are promised');
  expectNone(
    walks.filter((path) => (read(path).match(/`src\/[\w./-]+\.ts`/g) ?? []).length < 5),
    'A walk leads through the code:',
  );
});

/** `file.test.ts`: title of a test */
const PROOF = /\[`([\w./-]+\.test\.ts)`\]\([^)]*\): ([^|\n]+?)\s*(?:\||$)/gm;

for (const [path, least] of [
  ['SECURITY.md', 10],
  ['docs/differences.md', 10],
] as const) {
  test(`every test that ${path} names exists`, () => {
    const proofs = [...read(path).matchAll(PROOF)];
    assert.ok(proofs.length >= least, `only ${proofs.length} proofs are named`);
    const broken = proofs.filter(([, file = '', title = '']) => !hasTest(file, title));
    expectNone(
      broken.map(([, file, title]) => `${file}: ${title}`),
      'There is no such test:',
    );
    const tables = read(path).match(/^\|.*\| Test \|\n(?:\|.*\n)+/gm) ?? [];
    const unproven = tables
      .flatMap((rows) => rows.trim().split('\n').slice(2))
      .filter((row) => !row.includes('.test.ts`]'));
    expectNone(unproven, 'A row without a test is a promise, not a fact:');
  });
}

function hasTest(file: string, title: string): boolean {
  if (!existsSync(join(ROOT, file))) return false;
  const text = read(file);
  // Tests that run on each database have its name behind their title.
  const isOnEach = text.includes(`\`${title} [$`);
  return isOnEach || [`'`, '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
}

test('package.json offers the commands that the documents name', () => {
  const scripts: unknown = JSON.parse(read('package.json')).scripts;
  const offered = isJsonObject(scripts) ? Object.keys(scripts) : [];
  const named = pages.flatMap((path) =>
    [...read(path).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name),
  );
  expectNone(
    [...new Set(named)].filter((name) => !offered.includes(name)),
    'There is no such script:',
  );
});
