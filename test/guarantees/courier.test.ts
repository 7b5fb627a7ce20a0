// What the courier promises: whatever mail servers and processes do, each message is sent, and by one worker at a time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CourierMessage } from '../../src/courier/message.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { aMail, eventually, inScope, startCourier } from '../support/courier.ts';
import { onEachDatabase, SHARED_DATABASES, type TestDatabase } from '../support/databases.ts';
import { smtpAnswer, startMailServer } from '../support/mail-server.ts';
import { sharedConfig, type TestScope, temporaryFile } from '../support/server.ts';

const COUNT = 1_000;
const BAD = 20;
/** Mails that the server takes and never answers: the worker has to hang up by itself, after ten seconds. */
const STALLS = 3;
/** Several times what it takes on a machine that has nothing else to do. */
const LIMIT_MS = 60_000;

/** The same in every run. */
function createDice(): () => number {
  let state = 42;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

interface BadServer {
  readonly port: number;
  /** How often a mail to somebody was taken. */
  readonly taken: ReadonlyMap<string, number>;
  /** Taken, but the server was killed before the sender hung up: the sender may not know. */
  readonly inDoubt: ReadonlySet<string>;
  /** To whom two connections spoke at the same time. */
  readonly overlaps: readonly string[];
  readonly failures: () => Readonly<Record<string, number>>;
  /** Hangs up on everybody, and is back after a moment. */
  readonly restart: () => Promise<void>;
}

async function startBadServer(scope: TestScope): Promise<BadServer> {
  const dice = createDice();
  const taken = new Map<string, number>();
  const inDoubt = new Set<string>();
  const open = new Map<string, string>();
  const unconfirmed = new Map<string, string>();
  const overlaps: string[] = [];
  const failures: Record<string, number> = { later: 0, dropped: 0, stalled: 0, never: 0 };
  const fail = (kind: string): void => {
    failures[kind] = (failures[kind] ?? 0) + 1;
  };
  const options: Parameters<typeof startMailServer>[1] = {
    onRcptTo: ({ address }, session, callback) => {
      if ([...open.values()].includes(address)) overlaps.push(address);
      open.set(session.id, address);
      if (address.startsWith('bad')) {
        fail('never');
        return callback(smtpAnswer(550, 'no such person'));
      }
      if (dice() < 0.05) {
        fail('later');
        return callback(smtpAnswer(450, 'later'));
      }
      return callback();
    },
    onClose: (session) => {
      open.delete(session.id);
      unconfirmed.delete(session.id);
    },
    judge: async ({ to, session }) => {
      const [address = ''] = to;
      if ((failures['stalled'] ?? 0) < STALLS && dice() < 0.1) {
        fail('stalled');
        await new Promise(() => undefined);
      }
      const luck = dice();
      if (luck < 0.05) {
        fail('later');
        throw smtpAnswer(451, 'greylisted');
      }
      if (luck < 0.08) {
        fail('dropped');
        throw smtpAnswer(421, 'going down');
      }
      taken.set(address, (taken.get(address) ?? 0) + 1);
      unconfirmed.set(session.id, address);
    },
  };
  let server = await startMailServer(scope, options);
  const { port } = server;
  return {
    port,
    taken,
    inDoubt,
    overlaps,
    failures: () => failures,
    restart: async () => {
      for (const address of unconfirmed.values()) inDoubt.add(address);
      await server.kill();
      open.clear();
      unconfirmed.clear();
      await new Promise((resolve) => setTimeout(resolve, 100));
      server = await startMailServer(scope, { ...options, port });
    },
  };
}

async function queue({ database }: TestDatabase, messages: readonly CourierMessage[]): Promise<void> {
  await database.transaction(async (stores) => {
    for (const message of messages) await stores.messages.insert(message);
  });
}

/** Due at once for a clock that tells the real time. */
const due = (recipient: string): CourierMessage => aMail({ recipient, nextAttemptAtMs: 0 });

onEachDatabase(
  'a thousand mails, two workers, and a server that fails, stalls and is killed: none is lost, none is sent by two',
  (db) =>
    inScope(async (scope) => {
      const server = await startBadServer(scope);
      const mails = Array.from({ length: COUNT }, (_, index) =>
        due(`${index < BAD ? 'bad' : 'good'}-${index}@example.org`),
      );
      await queue(db, mails);
      const stores = [db.stores, db.open().stores];
      const couriers = stores.map(({ messages }) =>
        startCourier(scope, {
          messages,
          clock: systemClock,
          courier: {
            // So many that luck cannot use them up within the test.
            message_retries: 12,
            worker: { pull_wait: '20ms' },
            smtp: { connection_uri: `smtp://127.0.0.1:${server.port}/?disable_starttls=true` },
          },
        }),
      );
      const ended = (): number =>
        couriers.flatMap(({ outcomes }) => outcomes.filter((o) => o !== 'failed')).length;
      for (const share of [0.2, 0.5]) {
        await eventually('progress', () => (ended() > COUNT * share ? true : undefined), LIMIT_MS);
        await server.restart();
      }
      await eventually('the end of all', () => (ended() === COUNT ? true : undefined), LIMIT_MS);
      // What was told is written down as well.
      await Promise.all(couriers.map(({ worker }) => worker.stop()));

      assert.equal((await db.stores.messages.list({ status: 'abandoned', limit: COUNT })).length, BAD);
      assert.deepEqual(server.overlaps, []);
      const repeated = [...server.taken].filter(([, times]) => times > 1).map(([address]) => address);
      assert.deepEqual(
        repeated.filter((address) => !server.inDoubt.has(address)),
        [],
      );
      for (const { id, recipient } of mails) {
        const found = await db.stores.messages.find(id);
        const successes = found?.dispatches.filter(({ status }) => status === 'success').length;
        assert.equal(found?.message.sendCount, found?.dispatches.length, recipient);
        if (recipient.startsWith('bad')) {
          assert.equal(found?.message.status, 'abandoned');
          assert.match(String(found.dispatches.at(-1)?.error?.['reason']), /550 no such person/);
          assert.equal(server.taken.get(recipient), undefined);
        } else {
          assert.equal(successes, 1, recipient);
          assert.ok((server.taken.get(recipient) ?? 0) >= 1, recipient);
        }
      }
      // The test has seen what it is about: both workers at work, and every kind of failure.
      for (const { outcomes } of couriers) assert.ok(outcomes.includes('sent'));
      for (const [kind, times] of Object.entries(server.failures())) assert.ok(times > 0, kind);
    }),
  { on: SHARED_DATABASES },
);

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

onEachDatabase(
  'a worker that is killed while it sends loses nothing: what it held is sent by another one when its lease is over',
  (db) =>
    inScope(async (scope) => {
      const taken: string[] = [];
      const held: string[] = [];
      let isHolding = true;
      const server = await startMailServer(scope, {
        judge: async ({ to: [address = ''] }) => {
          if (isHolding && address.startsWith('held')) {
            held.push(address);
            await new Promise(() => undefined);
          }
          taken.push(address);
        },
      });
      const courier = {
        worker: { pull_count: 4, pull_wait: '10ms' },
        smtp: { connection_uri: `smtp://127.0.0.1:${server.port}/?disable_starttls=true` },
      };
      const recipients = ['quick-1', 'quick-2', 'held-1', 'held-2', 'held-3', 'held-4', 'late-1', 'late-2'];
      const mails = recipients.map((name, index) =>
        aMail({ recipient: `${name}@example.org`, nextAttemptAtMs: index }),
      );
      await queue(db, mails);
      const file = await temporaryFile(scope, 'bia.json');
      writeFileSync(file, JSON.stringify({ ...sharedConfig(db.dsn), courier }));
      const child = spawn(process.execPath, [MAIN, 'courier', 'watch', '-c', file], { stdio: 'ignore' });
      const ended = once(child, 'exit');
      await eventually('the mails in flight', () => (held.length === 4 ? true : undefined));
      child.kill('SIGKILL');
      await ended;
      assert.deepEqual(
        (await db.stores.messages.list({ status: 'processing', limit: 9 }))
          .map(({ recipient }) => recipient)
          .sort(),
        [...held].sort(),
      );

      isHolding = false;
      startCourier(scope, { messages: db.stores.messages, clock: systemClock, courier });
      const countOf = async (status: 'sent' | 'processing') =>
        (await db.stores.messages.list({ status, limit: 9 })).length;
      await eventually('the others', async () => ((await countOf('sent')) === 4 ? true : undefined));
      assert.equal(await countOf('processing'), 4);
      // A minute later, on the clock of a third one.
      const later = { nowMs: () => systemClock.nowMs() + 61_000 };
      startCourier(scope, { messages: db.stores.messages, clock: later, courier });
      await eventually('the rest', async () => ((await countOf('sent')) === 8 ? true : undefined));
      assert.deepEqual(taken.sort(), mails.map(({ recipient }) => recipient).sort());
      for (const { id, recipient } of mails) {
        const found = await db.stores.messages.find(id);
        assert.equal(found?.message.sendCount, recipient.startsWith('held') ? 2 : 1, recipient);
        assert.equal(found?.dispatches.length, 1);
      }
    }),
  { on: SHARED_DATABASES },
);
