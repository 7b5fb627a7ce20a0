// What SIGTERM does to the process, seen by clients that hold connections.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connectRaw, rawRequest } from '../support/raw-connection.ts';
import { createWorkplace, writeConfig } from './program.ts';

const workplace = createWorkplace();
after(() => workplace.remove());

const HASH_BODY = JSON.stringify({
  schema_id: 'person',
  traits: { email: 'slow@example.org' },
  credentials: { password: { config: { password: 'correct horse 7 battery' } } },
});

describe('SIGTERM', () => {
  it('lets a request in flight finish, says that its connection ends, and ends the process', async () => {
    const { file, adminUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file], { env: { HASHERS_BCRYPT_COST: '14' } });
    const connection = await connectRaw(adminUrl);
    const headers = { 'Content-Type': 'application/json' };
    connection.write(rawRequest('POST', '/admin/identities', { headers, body: HASH_BODY }));
    // The answer to a request behind it on another connection shows that the first one has arrived.
    assert.equal((await fetch(`${adminUrl}/health/alive`)).status, 200);
    assert.equal(connection.received(), '');
    const startedAt = performance.now();
    const { code, err } = await server.stop();
    assert.equal(code, 0, err);
    const answer = await connection.until('\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 201 /);
    assert.match(answer, /\r\nConnection: close\r\n/i);
    assert.ok(performance.now() - startedAt < 10_000);
  });

  it('ends connections that are kept alive, idle ones at once', async () => {
    const { file, publicUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file]);
    const connection = await connectRaw(publicUrl);
    connection.write(rawRequest('GET', '/health/alive'));
    assert.doesNotMatch(await connection.until('"ok"'), /Connection: close/i);
    const startedAt = performance.now();
    assert.equal((await server.stop()).code, 0);
    await connection.closed;
    assert.ok(performance.now() - startedAt < 3_000);
  });

  it('answers no busy client for longer than it takes to tell it that the connection ends', async () => {
    const { file, publicUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file]);
    const connection = await connectRaw(publicUrl);
    // The next request leaves when the answer to the one before has come, and some go out before that.
    const request = rawRequest('GET', '/health/alive');
    connection.socket.on('data', () => connection.write(request));
    connection.write(request.repeat(5));
    await connection.until('"ok"');
    const startedAt = performance.now();
    assert.equal((await server.stop()).code, 0);
    assert.ok(performance.now() - startedAt < 3_000);
    assert.ok((connection.received().match(/Connection: close/gi)?.length ?? 0) <= 1);
  });

  it('does not wait for a request that was sent in part for longer than serve.shutdown_timeout', async () => {
    const { file, publicUrl, adminUrl } = await writeConfig(workplace);
    const server = await workplace.serve(['-c', file], { env: { SERVE_SHUTDOWN_TIMEOUT: '2s' } });
    const [headers, body, silent] = [
      await connectRaw(publicUrl),
      await connectRaw(adminUrl),
      await connectRaw(publicUrl),
    ];
    headers.write('GET /health/alive HTTP/1.1\r\nHost: id.exa');
    const sent = { 'Content-Type': 'application/json', 'Content-Length': '1000' };
    body.write(`${rawRequest('POST', '/admin/identities', { headers: sent })}{"traits"`);
    assert.equal((await fetch(`${publicUrl}/health/alive`)).status, 200);
    const startedAt = performance.now();
    assert.equal((await server.stop()).code, 0);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 2_800, `it took ${Math.round(tookMs)} ms`);
    await Promise.all([headers.closed, body.closed, silent.closed]);
  });
});
