import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { openDatabase } from '../../src/store/open.ts';
import { aMail, settled } from '../support/courier.ts';
import { startMailServer } from '../support/mail-server.ts';
import { createWorkplace, freePort, type Workplace, writeConfig } from './program.ts';

const MINUTE_MS = 60_000;

async function open(
  t: TestContext,
): Promise<{ readonly workplace: Workplace; readonly file: string; readonly dsn: string }> {
  const workplace = createWorkplace();
  t.after(() => workplace.remove());
  const { file } = await writeConfig(workplace);
  const { dsn } = JSON.parse(readFileSync(file, 'utf8')) as { readonly dsn: string }; // as writeConfig wrote it
  return { workplace, file, dsn };
}

test('bia courier watch sends what others queue, answers measurements only, and ends when it is told to', async (t) => {
  const { workplace, file, dsn } = await open(t);
  const server = await startMailServer(t);
  const port = await freePort();
  const env = { COURIER_SMTP_CONNECTION_URI: `smtp://127.0.0.1:${server.port}/?disable_starttls=true` };
  const courier = await workplace.watchCourier(['-c', file, '--expose-metrics-port', String(port)], { env });
  assert.match(courier.out, /The courier is running/);
  const database = openDatabase({ dsn, clock: systemClock });
  t.after(() => database.close());
  const mail = aMail({ nextAttemptAtMs: 0, createdAtMs: systemClock.nowMs() - MINUTE_MS });
  await database.stores.messages.insert(mail);
  assert.equal((await settled(database.stores.messages, mail.id)).message.status, 'sent');
  assert.equal(server.mails.length, 1);

  const at = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  assert.match(await (await at('/metrics/prometheus')).text(), /what="sent",.*\} 1\n/);
  for (const path of ['/admin/identities', '/identities', '/admin/courier/messages', '/']) {
    assert.equal((await at(path)).status, 404, path);
  }
  const { code, err } = await courier.stop();
  assert.equal(code, 0, err);
});

test('a port that is taken is said in words', async (t) => {
  const { workplace, file } = await open(t);
  const server = await startMailServer(t);
  const words = ['courier', 'watch', '-c', file, '--expose-metrics-port', String(server.port)];
  const { code, err } = await workplace.bia(words);
  assert.equal(code, 1);
  assert.match(err, /is already taken/);
  const odd = await workplace.bia(['courier', 'watch', '-c', file, '--expose-metrics-port', 'many']);
  assert.equal(odd.code, 2);
});
