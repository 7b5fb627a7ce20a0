import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startListening } from '../support/listening-server.ts';
import { connectRaw, type RawConnection, rawRequest } from '../support/raw-connection.ts';

/** Sends a little every 100 ms for as long as the other side listens: never silent, never done. */
function drip(connection: RawConnection, piece: string): void {
  const timer = setInterval(() => connection.write(piece), 100);
  void connection.closed.then(() => clearInterval(timer));
}

const within = (tookMs: number, fromMs: number, toMs: number): void => {
  assert.ok(tookMs >= fromMs && tookMs <= toMs, `closed after ${Math.round(tookMs)} ms`);
};

describe('a slow sender', { concurrency: true }, () => {
  it('of headers holds its connection for 5 seconds, whether it is silent, stops or drips', async (t) => {
    const { publicUrl, adminUrl } = await startListening(t, 'sqlite memory');
    for (const url of [publicUrl, adminUrl]) {
      const [silent, stopped, dripping] = await Promise.all([
        connectRaw(url),
        connectRaw(url),
        connectRaw(url),
      ]);
      stopped.write('GET /health/alive HTTP/1.1\r\nHost: id.exa');
      dripping.write('GET /health/alive HTTP/1.1\r\nHost: id.example.org\r\nX-Slow: ');
      drip(dripping, 'a');
      for (const tookMs of await Promise.all([silent.closed, stopped.closed, dripping.closed])) {
        within(tookMs, 4_500, 6_500);
      }
    }
  });

  it('of a body holds its connection for 15 seconds, and for 30 on the admin port', async (t) => {
    const { publicUrl, adminUrl } = await startListening(t, 'sqlite memory');
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '100000' };
    const [onPublic, onAdmin] = [await connectRaw(publicUrl), await connectRaw(adminUrl)];
    onPublic.write(rawRequest('POST', '/self-service/login?flow=x', { headers }));
    onAdmin.write(rawRequest('POST', '/admin/identities', { headers }));
    drip(onPublic, '[');
    drip(onAdmin, '[');
    within(await onPublic.closed, 14_500, 16_500);
    within(await onAdmin.closed, 29_500, 31_500);
  });

  it('does not keep others from being served', async (t) => {
    const { publicUrl } = await startListening(t, 'sqlite memory');
    const slow = await Promise.all(Array.from({ length: 200 }, () => connectRaw(publicUrl)));
    for (const connection of slow) connection.write('GET /health/alive HTTP/1.1\r\nHost: a');
    const startedAt = performance.now();
    assert.equal((await fetch(`${publicUrl}/health/alive`)).status, 200);
    assert.ok(performance.now() - startedAt < 1_000);
    for (const connection of slow) connection.socket.destroy();
  });
});
