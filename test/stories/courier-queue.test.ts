// From the queue to the mail server: when a message is tried, how often, and what else goes on meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CourierMessage, MessageStore } from '../../src/courier/message.ts';
import { startWorker, type WorkerSettings } from '../../src/courier/send/worker.ts';
import { silentLog } from '../../src/lib/log.ts';
import { aMail, eventually, inScope, settled, startCourier } from '../support/courier.ts';
import { type DatabaseName, onEachDatabase } from '../support/databases.ts';
import { smtpAnswer, startMailServer } from '../support/mail-server.ts';
import { startServer } from '../support/server.ts';

const ON: readonly DatabaseName[] = ['sqlite memory', 'postgres'];
const uriOf = ({ port }: { readonly port: number }): string =>
  `smtp://127.0.0.1:${port}/?disable_starttls=true`;
/** Longer than any test: what happens is not the next look at the queue. */
const NEVER = '1h';

onEachDatabase(
  'a message is tried at growing distances, then given up, and each attempt is kept',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      let attempts = 0;
      const server = await startMailServer(scope, {
        judge: () => {
          attempts += 1;
          throw smtpAnswer(451, `not now ${attempts}`);
        },
      });
      const { worker, outcomes } = startCourier(scope, {
        messages,
        clock,
        courier: {
          message_retries: 3,
          worker: { pull_wait: '1m' },
          smtp: { connection_uri: uriOf(server) },
        },
      });
      const mail = aMail();
      await messages.insert(mail);
      worker.wake();
      for (const [index, waitMs] of [60_000, 240_000, 600_000].entries()) {
        const { message } = await settled(messages, mail.id, index + 1);
        assert.equal(message.nextAttemptAtMs, clock.nowMs() + waitMs);
        clock.advance(waitMs - 1);
        worker.wake();
        await new Promise((resolve) => setTimeout(resolve, 30));
        assert.equal(attempts, index + 1, 'not a moment too early');
        clock.advance(1);
        worker.wake();
      }
      const { message, dispatches } = await settled(messages, mail.id);
      assert.deepEqual([message.status, message.sendCount], ['abandoned', 4]);
      assert.deepEqual(
        dispatches.map(({ error }) => /not now \d/.exec(String(error?.['reason']))?.[0]),
        ['not now 1', 'not now 2', 'not now 3', 'not now 4'],
      );
      assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'abandoned']);
    }),
  { on: ON },
);

onEachDatabase(
  'slow and bad addresses hold up nobody else',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const slow: (() => void)[] = [];
      const server = await startMailServer(scope, {
        judge: ({ to }) => {
          if (to[0]?.startsWith('bad')) throw smtpAnswer(550, 'no');
          const isSlow = to[0]?.startsWith('slow');
          return isSlow ? new Promise<void>((resolve) => slow.push(resolve)) : undefined;
        },
      });
      const mails = ['slow', 'bad', 'bad', 'good', 'good', 'good'].map((name, index) =>
        aMail({ recipient: `${name}${index}@example.org`, createdAtMs: clock.nowMs() + index }),
      );
      for (const mail of mails) await messages.insert(mail);
      startCourier(scope, {
        messages,
        clock,
        courier: { worker: { pull_count: 2, pull_wait: NEVER }, smtp: { connection_uri: uriOf(server) } },
      });
      const statuses = async () => {
        const found = await messages.list({ limit: 10 });
        return found.map(({ status }) => status).sort();
      };
      await eventually('the end of all others', async () =>
        slow.length === 1 && (await statuses()).join() === 'abandoned,abandoned,processing,sent,sent,sent'
          ? true
          : undefined,
      );
      slow[0]?.();
      assert.equal((await settled(messages, mails[0]?.id ?? '')).message.status, 'sent');
    }),
  { on: ON },
);

onEachDatabase(
  'a worker that is stopped sends what it has begun, and claims nothing more',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      let release = (): void => undefined;
      const server = await startMailServer(scope, {
        judge: () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      });
      const [first, second] = [aMail({ nextAttemptAtMs: 1 }), aMail({ nextAttemptAtMs: 2 })];
      for (const mail of [first, second]) await messages.insert(mail);
      const { worker } = startCourier(scope, {
        messages,
        clock,
        courier: { worker: { pull_count: 1 }, smtp: { connection_uri: uriOf(server) } },
      });
      await eventually('the first mail', () => (server.connections() === 1 ? true : undefined));
      const stopped = worker.stop();
      setTimeout(() => release(), 50);
      await stopped;
      assert.equal((await messages.find(first.id))?.message.status, 'sent');
      assert.equal((await messages.find(second.id))?.message.status, 'queued');
    }),
  { on: ON },
);

/** A database that fails the first times that it is asked for something. */
function failingFirst(
  messages: MessageStore,
  times: number,
): { readonly store: MessageStore; readonly left: () => number } {
  let left = times;
  const flaky =
    <Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> => {
      if (left === 0) return call(...args);
      left -= 1;
      return Promise.reject(new Error('the database is away'));
    };
  return {
    store: {
      ...messages,
      claim: flaky(messages.claim),
      settle: messages.settle,
      nextDueAtMs: flaky(messages.nextDueAtMs),
    },
    left: () => left,
  };
}

onEachDatabase(
  'a database that is away for a moment ends no worker',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const server = await startMailServer(scope);
      const mail = aMail();
      await messages.insert(mail);
      const { store, left } = failingFirst(messages, 2);
      const { logged } = startCourier(scope, {
        messages: store,
        clock,
        courier: { smtp: { connection_uri: uriOf(server) } },
      });
      assert.equal((await settled(messages, mail.id)).message.status, 'sent');
      assert.equal(left(), 0);
      assert.match(logged.join(''), /the database is away/);
    }),
  { on: ['sqlite memory'] },
);

onEachDatabase(
  'what was sent is written down as soon as the database is back, and not sent again',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const server = await startMailServer(scope);
      let failures = 2;
      const settle: MessageStore['settle'] = (of) => {
        if (failures === 0) return messages.settle(of);
        failures -= 1;
        return Promise.reject(new Error('the database is away'));
      };
      const mail = aMail();
      await messages.insert(mail);
      const courier = { smtp: { connection_uri: uriOf(server) } };
      startCourier(scope, { messages: { ...messages, settle }, clock, courier });
      const { message, dispatches } = await settled(messages, mail.id);
      assert.deepEqual([message.status, message.sendCount, dispatches.length], ['sent', 1, 1]);
      assert.equal(server.mails.length, 1);
    }),
  { on: ['sqlite memory'] },
);

onEachDatabase(
  'a worker that came too late to its own message does not send it',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const server = await startMailServer(scope);
      const mail = aMail();
      await messages.insert(mail);
      const html = () => {
        // The process stood still for so long, or its machine slept: others may have claimed the message meanwhile.
        clock.advance(60_000);
        return Promise.resolve(undefined);
      };
      const courier = { message_retries: 0, smtp: { connection_uri: uriOf(server) } };
      startCourier(scope, { messages, clock, courier, html });
      const { message, dispatches } = await settled(messages, mail.id);
      assert.equal(server.mails.length, 0);
      assert.equal(message.status, 'abandoned');
      assert.match(String(dispatches[0]?.error?.['reason']), /too long|several times/);
    }),
  { on: ON },
);

onEachDatabase(
  'a message that ends every worker is given up at last, others are sent after a crash or two',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const server = await startMailServer(scope);
      // Each claim without an end counts.
      const [deadly, unlucky] = [aMail({ sendCount: 4 }), aMail({ sendCount: 2 })];
      for (const mail of [deadly, unlucky]) await messages.insert(mail);
      const courier = { message_retries: 0, smtp: { connection_uri: uriOf(server) } };
      startCourier(scope, { messages, clock, courier });
      assert.equal((await settled(messages, deadly.id)).message.status, 'abandoned');
      assert.equal((await settled(messages, unlucky.id)).message.status, 'sent');
      assert.equal(server.mails.length, 1);
    }),
  { on: ON },
);

onEachDatabase(
  'messages wait while there is no way to send, and go when there is one',
  ({ stores: { messages }, clock }) =>
    inScope(async (scope) => {
      const sent: CourierMessage[] = [];
      let prepare: WorkerSettings['prepare'];
      const rules = { atOnce: 1, lookEveryMs: 5, firstWaitMs: 5, retries: 0, forgetsTexts: false };
      const worker = startWorker({
        messages,
        clock,
        log: silentLog,
        settings: () => ({ ...rules, prepare }),
      });
      scope.after(() => worker.stop());
      const mail = aMail();
      await messages.insert(mail);
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal((await messages.find(mail.id))?.message.status, 'queued');
      prepare = (message) => Promise.resolve(async () => void sent.push(message));
      assert.equal((await settled(messages, mail.id)).message.status, 'sent');
      assert.equal(sent.length, 1);
    }),
  { on: ['sqlite memory'] },
);

test('a server with the courier sends at once what it queues, counts it, and logs neither text nor address', async (t) => {
  const mailServer = await startMailServer(t);
  const server = await startServer(t, {
    logLevel: 'info',
    config: {
      'watch-courier': true,
      courier: { worker: { pull_wait: NEVER }, smtp: { connection_uri: uriOf(mailServer) } },
    },
  });
  const { database } = server.bia;
  const [first, second] = [aMail(), aMail({ recipient: 'bad address' })];
  await database.transaction(({ messages }) => messages.insert(first));
  await settled(database.stores.messages, first.id);
  await database.stores.messages.insert(second);
  await settled(database.stores.messages, second.id);
  assert.equal(mailServer.mails.length, 1);
  const metrics = await (await server.askAdmin('GET', '/admin/metrics/prometheus')).text();
  for (const [what, count] of [
    ['queued', 2],
    ['sent', 1],
    ['abandoned', 1],
  ] as const) {
    assert.match(
      metrics,
      new RegExp(`bia_courier_messages_total\\{channel="email",what="${what}",.*\\} ${count}\\n`),
    );
  }
  const log = server.logged.join('');
  assert.match(log, /a message was sent/);
  assert.match(log, /given up/);
  assert.doesNotMatch(log, /123456|ada@example|bad address/);
});

test('without the flag nothing is sent, and without a way to send that is said', async (t) => {
  const quiet = await startServer(t);
  await quiet.bia.database.stores.messages.insert(aMail());
  const told = await startServer(t, { config: { 'watch-courier': true } });
  assert.match(told.logged.join(''), /messages wait/);
  const [message] = await quiet.bia.database.stores.messages.list({ limit: 1 });
  assert.equal(message?.status, 'queued');
});
