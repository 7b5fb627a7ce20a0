// The courier's port: every message is claimed by one worker at a time, and none is lost.
import assert from 'node:assert/strict';
import type { CourierMessage, Dispatch } from '../../src/courier/message.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { onEachDatabase, SHARED_DATABASES, START_MS } from '../support/databases.ts';
import { UNSTORABLE } from '../support/samples.ts';

const NOW_MS = START_MS;

const aMessage = (of: Partial<CourierMessage> = {}): CourierMessage => ({
  id: newUuid(),
  status: 'queued',
  type: 'email',
  channel: 'email',
  recipient: 'ada@example.com',
  subject: 'Hello',
  body: 'A “text” \u{1F600}',
  templateName: 'recovery_code_valid',
  templateData: { to: 'ada@example.com', list: [null, 1], text: '\u0000 \ud800' },
  requestHeaders: { 'User-Agent': ['Browser'] },
  sendCount: 0,
  nextAttemptAtMs: NOW_MS,
  createdAtMs: NOW_MS,
  updatedAtMs: NOW_MS,
  ...of,
});

const aDispatch = (messageId: string, of: Partial<Dispatch> = {}): Dispatch => ({
  id: newUuid(),
  messageId,
  status: 'success',
  error: null,
  createdAtMs: NOW_MS + 1,
  ...of,
});

const CLAIM = { nowMs: NOW_MS, leaseMs: 1000, limit: 10 };

onEachDatabase('a message comes back as it was queued', async ({ stores }) => {
  const message = aMessage({ type: 'sms', channel: 'sms', subject: '' });
  await stores.messages.insert(message);
  assert.deepEqual(await stores.messages.find(message.id), { message, dispatches: [] });
  for (const id of [newUuid(), ...UNSTORABLE]) assert.equal(await stores.messages.find(id), undefined);
});

onEachDatabase('what is due is claimed once, oldest first', async ({ stores }) => {
  const times = [NOW_MS - 2, NOW_MS + 1, NOW_MS, NOW_MS - 1];
  const messages = times.map((nextAttemptAtMs) => aMessage({ nextAttemptAtMs }));
  for (const message of messages) await stores.messages.insert(message);
  for (const status of ['sent', 'abandoned'] as const) await stores.messages.insert(aMessage({ status }));
  const first = await stores.messages.claim({ ...CLAIM, limit: 2 });
  assert.deepEqual(
    first.map(({ message }) => message.nextAttemptAtMs),
    [NOW_MS - 2, NOW_MS - 1],
  );
  const { message, lease } = first[0] ?? assert.fail();
  assert.ok(lease.length > 0);
  assert.deepEqual(message, { ...messages[0], status: 'processing', sendCount: 1 });
  const rest = await stores.messages.claim(CLAIM);
  assert.deepEqual(
    rest.map((claimed) => claimed.message.id),
    [messages[2]?.id],
  );
  assert.deepEqual(await stores.messages.claim(CLAIM), []);
});

onEachDatabase(
  'workers that claim at once get different messages, and together all of them',
  async ({ stores, open }) => {
    const messages = Array.from({ length: 60 }, () => aMessage());
    for (const message of messages) await stores.messages.insert(message);
    const workers = [stores, open().stores, open().stores];
    const claims = await Promise.all(
      Array.from(
        { length: 30 },
        (_, index) => workers[index % 3]?.messages.claim({ ...CLAIM, limit: 3 }) ?? [],
      ),
    );
    const ids = claims.flat().map(({ message }) => message.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(claims.every((of) => of.length <= 3));
    const rest = await stores.messages.claim({ ...CLAIM, limit: 100 });
    assert.equal(ids.length + rest.length, messages.length);
  },
  { on: SHARED_DATABASES },
);

onEachDatabase('an attempt is written down, and what follows from it', async ({ stores }) => {
  const { id } = aMessage();
  await stores.messages.insert(aMessage({ id }));
  const [claimed] = await stores.messages.claim(CLAIM);
  assert.ok(claimed);
  const failed = aDispatch(id, { status: 'failed', error: { message: 'no', code: 500 } });
  const of = { messageId: id, lease: claimed.lease, nextAttemptAtMs: NOW_MS + 500, forgetsTexts: false };
  assert.equal(await stores.messages.settle({ ...of, status: 'queued', dispatch: failed }), true);
  assert.deepEqual(await stores.messages.claim(CLAIM), []);
  const [again] = await stores.messages.claim({ ...CLAIM, nowMs: NOW_MS + 500 });
  assert.equal(again?.message.sendCount, 2);
  const sent = aDispatch(id, { createdAtMs: NOW_MS + 501 });
  const settled = { ...of, lease: again.lease, status: 'sent', dispatch: sent } as const;
  assert.equal(await stores.messages.settle(settled), true);
  const found = await stores.messages.find(id);
  assert.deepEqual([found?.message.status, found?.message.updatedAtMs], ['sent', NOW_MS + 501]);
  assert.deepEqual(found?.dispatches, [failed, sent]);
});

onEachDatabase('a worker whose lease ran out changes nothing any more', async ({ stores }) => {
  const { id } = aMessage();
  await stores.messages.insert(aMessage({ id }));
  const [late] = await stores.messages.claim(CLAIM);
  assert.deepEqual(await stores.messages.claim({ ...CLAIM, nowMs: NOW_MS + 999 }), []);
  const [next] = await stores.messages.claim({ ...CLAIM, nowMs: NOW_MS + 1000 });
  assert.ok(late && next);
  assert.equal(next.message.id, id);
  const of = { messageId: id, status: 'sent', nextAttemptAtMs: NOW_MS, forgetsTexts: false } as const;
  assert.equal(await stores.messages.settle({ ...of, lease: late.lease, dispatch: aDispatch(id) }), false);
  assert.deepEqual((await stores.messages.find(id))?.dispatches, []);
  assert.equal(await stores.messages.settle({ ...of, lease: next.lease, dispatch: aDispatch(id) }), true);
  assert.equal(await stores.messages.settle({ ...of, lease: next.lease, dispatch: aDispatch(id) }), false);
});

onEachDatabase('the next time that something is due is known', async ({ stores }) => {
  assert.equal(await stores.messages.nextDueAtMs(), undefined);
  await stores.messages.insert(aMessage({ status: 'sent', nextAttemptAtMs: 1 }));
  assert.equal(await stores.messages.nextDueAtMs(), undefined);
  await stores.messages.insert(aMessage({ nextAttemptAtMs: NOW_MS + 5000 }));
  assert.equal(await stores.messages.nextDueAtMs(), NOW_MS + 5000);
  await stores.messages.insert(aMessage());
  assert.equal(await stores.messages.nextDueAtMs(), NOW_MS);
  await stores.messages.claim(CLAIM);
  assert.equal(await stores.messages.nextDueAtMs(), NOW_MS + 1000);
});

onEachDatabase('pages are newest first, complete, and by status and recipient', async ({ stores }) => {
  const messages = Array.from({ length: 11 }, (_, index) =>
    aMessage({
      createdAtMs: index >> 1,
      status: index % 3 ? 'sent' : 'queued',
      recipient: index < 6 ? 'a' : 'b',
    }),
  );
  for (const message of messages) await stores.messages.insert(message);
  const wanted = messages.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const seen: CourierMessage[] = [];
  for (let after: CourierMessage | undefined; ; ) {
    const page = await stores.messages.list({ limit: 3, ...(after ? { after } : {}) });
    seen.push(...page);
    after = page.at(-1);
    if (!after) break;
  }
  assert.deepEqual(seen, wanted);
  const sentToA = wanted.filter(({ status, recipient }) => status === 'sent' && recipient === 'a');
  assert.deepEqual(await stores.messages.list({ status: 'sent', recipient: 'a', limit: 99 }), sentToA);
  for (const text of UNSTORABLE) {
    assert.deepEqual(await stores.messages.list({ recipient: text, limit: 9 }), []);
    assert.deepEqual(await stores.messages.list({ after: { createdAtMs: 99, id: text }, limit: 9 }), []);
  }
});

onEachDatabase('what only served to send a message is forgotten with its end', async ({ stores }) => {
  const messages = { shown: aMessage(), hidden: aMessage(), again: aMessage(), given_up: aMessage() };
  for (const message of Object.values(messages)) await stores.messages.insert(message);
  const claims = await stores.messages.claim(CLAIM);
  const settle = async (
    of: CourierMessage,
    status: 'sent' | 'queued' | 'abandoned',
    forgetsTexts: boolean,
  ) => {
    const lease = claims.find(({ message }) => message.id === of.id)?.lease ?? '';
    const dispatch = aDispatch(of.id);
    const settled = { messageId: of.id, lease, status, nextAttemptAtMs: NOW_MS, dispatch, forgetsTexts };
    assert.equal(await stores.messages.settle(settled), true);
    return (await stores.messages.find(of.id))?.message;
  };
  const none = { templateData: {}, requestHeaders: {} };
  const parts = (of?: CourierMessage) => ({
    subject: of?.subject,
    body: of?.body,
    templateData: of?.templateData,
    requestHeaders: of?.requestHeaders,
  });
  const { shown, hidden, again, given_up } = messages;
  assert.deepEqual(parts(await settle(shown, 'sent', false)), { ...parts(shown), ...none });
  assert.deepEqual(parts(await settle(hidden, 'sent', true)), { subject: '', body: '', ...none });
  assert.deepEqual(parts(await settle(given_up, 'abandoned', true)), { subject: '', body: '', ...none });
  assert.deepEqual(parts(await settle(again, 'queued', true)), parts(again));
});

onEachDatabase('old messages are removed with their attempts, those that wait by themselves', async (db) => {
  const { messages } = db.stores;
  const [sent, waiting, young] = [aMessage(), aMessage(), aMessage({ createdAtMs: NOW_MS + 1 })];
  for (const message of [sent, waiting, young]) await messages.insert(message);
  for (const { message, lease } of await messages.claim(CLAIM)) {
    if (message.id === waiting.id) continue;
    const dispatch = aDispatch(message.id);
    const of = { messageId: message.id, lease, status: 'sent', nextAttemptAtMs: NOW_MS } as const;
    assert.equal(await messages.settle({ ...of, dispatch, forgetsTexts: false }), true);
  }
  const remove = (what: 'settled' | 'waiting', beforeMs: number) =>
    messages.deleteBefore({ what, beforeMs, limit: 10 });
  assert.equal(await remove('settled', NOW_MS), 0);
  assert.equal(await remove('settled', NOW_MS + 1), 1);
  assert.equal(await messages.find(sent.id), undefined);
  assert.ok(await messages.find(young.id));
  assert.equal(await remove('waiting', NOW_MS + 1), 1);
  assert.equal(await messages.find(waiting.id), undefined);
  assert.equal((await messages.list({ limit: 10 })).length, 1);
});

onEachDatabase('a decoy is neither sent nor shown, and goes by itself', async (db) => {
  const { messages } = db.stores;
  const decoy = aMessage();
  await messages.insertDecoy(decoy);
  assert.deepEqual(await messages.claim(CLAIM), []);
  assert.equal(await messages.find(decoy.id), undefined);
  assert.deepEqual(await messages.list({ limit: 10 }), []);
  assert.deepEqual(await messages.list({ recipient: decoy.recipient, limit: 10 }), []);
  assert.equal(await messages.nextDueAtMs(), undefined);
  const remove = (what: 'settled' | 'waiting' | 'decoys') =>
    messages.deleteBefore({ what, beforeMs: NOW_MS + 1, limit: 10 });
  assert.deepEqual([await remove('settled'), await remove('waiting'), await remove('decoys')], [0, 0, 1]);
});
