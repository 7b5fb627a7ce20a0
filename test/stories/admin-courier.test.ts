// An administrator looks at messages: filters, pages, attempts, and texts that are only for developers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newUuid } from '../../src/lib/ids.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Admin, createAdmin, linkOf } from '../support/admin.ts';
import { aMail } from '../support/courier.ts';
import { HOUR_MS, START_MS, startServer, type TestServer } from '../support/server.ts';

const PATH = '/admin/courier/messages';
const HIDDEN = '<redacted-unless-dev-mode>';

async function queue(server: TestServer, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const message = aMail({ recipient: `p${index % 2}@example.org`, createdAtMs: START_MS + index });
    await server.bia.database.stores.messages.insert(message);
    ids.unshift(message.id);
  }
  return ids;
}

const listed = async (admin: Admin, path: string): Promise<readonly string[]> =>
  (await admin.get(path)).json<readonly JsonObject[]>().map(({ id }) => String(id));

test('messages come newest first, ten at once, and pages visit each of them once', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const ids = await queue(server, 25);
  const seen: string[] = [];
  for (let path: string | undefined = PATH; path !== undefined; ) {
    const answer = await admin.get(path);
    assert.equal(answer.status, 200);
    const page = answer.json<readonly JsonObject[]>();
    assert.ok(page.length <= 10);
    seen.push(...page.map(({ id }) => String(id)));
    path = linkOf(answer, 'next');
  }
  assert.deepEqual(seen, ids);
  assert.deepEqual(await listed(admin, `${PATH}?page_size=500`), ids);
});

test('filters go together and stay in the links', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  await queue(server, 8);
  const answer = await admin.get(`${PATH}?recipient=p1%40example.org&status=queued&page_size=3`);
  assert.equal(answer.json<readonly JsonObject[]>().length, 3);
  assert.equal((await listed(admin, linkOf(answer, 'next') ?? '')).length, 1);
  assert.deepEqual(await listed(admin, `${PATH}?recipient=p1%40example.org&status=sent`), []);
  for (const nobody of ['%00', 'nobody', "'%20or%201=1"]) {
    assert.deepEqual(await listed(admin, `${PATH}?recipient=${nobody}`), []);
  }
});

test('parameters that make no sense are refused, and so is a page of more than an hour ago', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  await queue(server, 3);
  for (const query of ['status=lost', 'page_token=nonsense', 'page_size=many']) {
    const answer = await admin.get(`${PATH}?${query}`);
    assert.equal(answer.status, 400, query);
    assert.equal(answer.error().code, 400);
  }
  const next = linkOf(await admin.get(`${PATH}?page_size=2`), 'next') ?? '';
  server.clock.advance(HOUR_MS - 1);
  assert.equal((await admin.get(next)).status, 200);
  server.clock.advance(1);
  assert.equal((await admin.get(next)).status, 400);
});

test('one message is shown with its attempts', async (t) => {
  const server = await startServer(t);
  const admin = createAdmin(server);
  const { messages } = server.bia.database.stores;
  const [id = ''] = await queue(server, 1);
  const [claimed] = await messages.claim({ nowMs: START_MS, leaseMs: 1_000, limit: 1 });
  const dispatch = { id: newUuid(), messageId: id, status: 'failed', createdAtMs: START_MS } as const;
  await messages.settle({
    messageId: id,
    lease: claimed?.lease ?? '',
    status: 'queued',
    nextAttemptAtMs: START_MS,
    dispatch: { ...dispatch, error: { code: 500, reason: 'mailbox full' } },
    forgetsTexts: true,
  });
  const at = new Date(START_MS).toISOString();
  assert.deepEqual((await admin.get(`${PATH}/${id}`)).json(), {
    ...{ id, status: 'queued', type: 'email', channel: 'email', recipient: 'p0@example.org', send_count: 1 },
    ...{ template_type: 'recovery_code_valid', created_at: at, updated_at: at },
    ...{ subject: 'Your code is 123456', body: 'Hello Ada, your code is 123456.' },
    dispatches: [
      {
        ...{ id: dispatch.id, message_id: id, status: 'failed', created_at: at, updated_at: at },
        error: { code: 500, reason: 'mailbox full' },
      },
    ],
  });
  assert.equal((await admin.get(PATH)).json<readonly JsonObject[]>()[0]?.['dispatches'], undefined);
  assert.equal((await admin.get(`${PATH}/${newUuid()}`)).status, 404);
  assert.equal((await admin.get(`${PATH}/nonsense`)).status, 400);
});

test('outside of development nobody reads what was sent', async (t) => {
  const server = await startServer(t, { config: { dev: false, hashers: { algorithm: 'argon2' } } });
  const admin = createAdmin(server);
  const [id = ''] = await queue(server, 1);
  for (const path of [PATH, `${PATH}/${id}`]) {
    const text = JSON.stringify((await admin.get(path)).json());
    assert.doesNotMatch(text, /123456/);
    assert.equal(text.split(HIDDEN).length, 3);
  }
});
