// An administrator looks for identities: filters, pages, and parameters that make no sense.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Admin, createAdmin, type IdentityJson, linkOf } from '../support/admin.ts';
import { PASSWORD, startServer } from '../support/server.ts';

const NOBODY = '2f9a3e8c-8f43-4f1e-9f1e-111111111111';

async function found(admin: Admin, query: string): Promise<readonly string[]> {
  const answer = await admin.get(`/admin/identities?${query}`);
  assert.equal(answer.status, 200, query);
  return answer
    .json<readonly IdentityJson[]>()
    .map(({ traits }) => String(traits['email']))
    .sort();
}

test('the search by the start of an identifier takes % and _ as they are', async (t) => {
  const admin = createAdmin(await startServer(t));
  for (const name of ['a_b', 'axb', 'a%b', 'b_a']) await admin.create(`${name}@example.org`);
  const similar = (start: string) =>
    found(admin, `preview_credentials_identifier_similar=${encodeURIComponent(start)}`);
  assert.deepEqual(await similar('a_'), ['a_b@example.org']);
  assert.deepEqual(await similar('A%'), ['a%b@example.org']);
  assert.deepEqual(await similar('%'), []);
  assert.deepEqual(await similar('a'), ['a%b@example.org', 'a_b@example.org', 'axb@example.org']);
  assert.deepEqual(await similar('\0'), []);
});

test('one is found by identifier in any spelling, by ids and by organization', async (t) => {
  const admin = createAdmin(await startServer(t));
  const ada = await admin.create('ada@example.org', { organization_id: NOBODY });
  const eve = await admin.create('eve@example.org');
  assert.deepEqual(await found(admin, 'credentials_identifier=ADA%40example.org'), ['ada@example.org']);
  assert.deepEqual(await found(admin, 'credentials_identifier=nobody'), []);
  assert.deepEqual(await found(admin, 'credentials_identifier=%00'), []);
  assert.deepEqual(await found(admin, `ids=${eve.id}&ids=${NOBODY}`), ['eve@example.org']);
  assert.deepEqual(await found(admin, `ids=${eve.id.toUpperCase()}&ids=${ada.id}`), [
    'ada@example.org',
    'eve@example.org',
  ]);
  assert.deepEqual(await found(admin, `organization_id=${NOBODY}`), ['ada@example.org']);
});

test('credentials are shown to who looks for identifiers, and their secrets only where asked for', async (t) => {
  const admin = createAdmin(await startServer(t));
  await admin.create('ada@example.org', { credentials: { password: { config: { password: PASSWORD } } } });
  const first = async (query: string) =>
    (await admin.get(`/admin/identities?${query}`)).json<readonly IdentityJson[]>()[0]?.credentials;
  assert.equal(await first(''), undefined);
  const shown = await first('credentials_identifier=ada@example.org');
  assert.deepEqual(shown?.['password']?.identifiers, ['ada@example.org']);
  assert.equal(shown?.['password']?.config, undefined);
  assert.ok((await first('include_credential=password'))?.['password']?.config);
  assert.equal((await first('include_credential=totp'))?.['password']?.config, undefined);
});

test('key-set pages visit everybody once, also those who come and go meanwhile', async (t) => {
  const admin = createAdmin(await startServer(t));
  const stays = new Set<string>();
  for (let index = 0; index < 7; index += 1) stays.add((await admin.create(`p${index}@example.org`)).id);
  const seen: string[] = [];
  let at: string | undefined = '/admin/identities?page_size=2&consistency=strong';
  while (at !== undefined) {
    const page = await admin.get(at);
    const ids = page.json<readonly IdentityJson[]>().map(({ id }) => id);
    seen.push(...ids);
    const [gone] = ids;
    if (gone) await admin.delete(`/admin/identities/${gone}`);
    at = linkOf(page, 'next');
    assert.match(
      linkOf(page, 'first') ?? '',
      /^\/admin\/identities\?consistency=strong&page_size=2&page_token=/,
    );
    assert.equal(page.headers.get('x-total-count'), null);
  }
  assert.deepEqual(seen, [...stays].sort());
});

test('a page token is of no use elsewhere: changed, made up, or taken from another list', async (t) => {
  const admin = createAdmin(await startServer(t));
  await admin.create('ada@example.org');
  await admin.create('eve@example.org');
  const token = async (list: string) => {
    const answer = await admin.get(`/admin/${list}?page_size=1`);
    return new URL(linkOf(answer, 'first') ?? '', 'http://x').searchParams.get('page_token') ?? '';
  };
  const own = await token('identities');
  assert.equal((await admin.get(`/admin/identities?page_token=${own}`)).status, 200);
  const changed = `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`;
  const forged = [changed, NOBODY, 'garbage', "'%20or%201=1--", '%00', await token('sessions')];
  for (const bad of forged) {
    const refused = await admin.get(`/admin/identities?page_token=${bad}`);
    assert.deepEqual([refused.status, refused.error().code], [400, 400], bad);
  }
});

test('numbered pages are zero-based, and their links lead to pages that exist', async (t) => {
  const admin = createAdmin(await startServer(t));
  for (const name of ['a', 'b', 'c', 'd', 'e']) await admin.create(`${name}@example.org`);
  const page = async (query: string) => {
    const answer = await admin.get(`/admin/identities?${query}`);
    const links = ['first', 'prev', 'next', 'last'].map((rel) =>
      new URL(linkOf(answer, rel) ?? 'x:?', 'http://x').searchParams.get('page'),
    );
    const ids = answer.json<readonly IdentityJson[]>().map(({ id }) => id);
    return { ids, links, total: answer.headers.get('x-total-count') };
  };
  const pages = [
    await page('page=0&per_page=2'),
    await page('page=1&per_page=2'),
    await page('page=2&per_page=2'),
  ];
  assert.equal(new Set(pages.flatMap(({ ids }) => ids)).size, 5);
  assert.deepEqual(
    pages.map(({ links }) => links),
    [
      ['0', null, '1', '2'],
      ['0', '0', '2', '2'],
      ['0', '1', null, null],
    ],
  );
  assert.equal(pages[0]?.total, '5');
  const empty = await page('page=0&organization_id=2f9a3e8c-8f43-4f1e-9f1e-111111111111');
  assert.deepEqual([empty.links, empty.total], [['0', null, null, null], '0']);
  assert.deepEqual((await page('page=7&per_page=2')).links, ['0', '2', null, null]);
});

const BAD_QUERIES = [
  'page_size=abc',
  'page_size=1e3',
  'page_size=2.5',
  'page=100&per_page=500',
  'ids=not-a-uuid',
  `ids=${NOBODY}&ids=x`,
  Array.from({ length: 501 }, () => `ids=${NOBODY}`).join('&'),
  'organization_id=x',
  'include_credential=smoke',
  'include_credential=toString',
  `ids=${NOBODY}&credentials_identifier=a`,
  'credentials_identifier=a&preview_credentials_identifier_similar=a',
];
const GOOD_QUERIES = [
  'per_page=abc',
  'per_page=-1',
  'page_size=0',
  'page_size=-1',
  'page_size=99999999999999999999',
  'page_size=',
  'page_token=',
  'page=abc',
  'page=-1',
  'page=99999999999999999999',
  'page=0&per_page=1000000',
  'consistency=maybe',
  'unknown=1',
  'ids=',
];
test('list parameters that make no sense are refused with 400 in the envelope, or mean the default', async (t) => {
  const admin = createAdmin(await startServer(t));
  await admin.create('ada@example.org');
  for (const query of BAD_QUERIES) {
    const refused = await admin.get(`/admin/identities?${query}`);
    assert.deepEqual([refused.status, refused.error().code], [400, 400], query.slice(0, 80));
  }
  for (const query of GOOD_QUERIES) assert.equal((await found(admin, query)).length, 1, query);
});

test('links repeat what the list reads, and nothing else that somebody wrote into the address', async (t) => {
  const admin = createAdmin(await startServer(t));
  await admin.create('ada@example.org');
  const foreign = 'evil=%3Cscript%3E&a=1&__proto__=x';
  for (const [path, own] of [
    ['/admin/identities', 'consistency=strong&include_credential=password'],
    ['/admin/identities', 'page=0&per_page=1'],
    ['/admin/sessions', 'active=true&expand=identity'],
    ['/admin/courier/messages', 'recipient=ada%40example.org&status=sent'],
  ] as const) {
    const link = (await admin.get(`${path}?${own}&${foreign}`)).headers.get('link') ?? '';
    for (const pair of own.split('&')) assert.ok(link.includes(pair), `${path}: ${link}`);
    assert.doesNotMatch(link, /evil|script|[?&]a=1|proto/);
  }
});
