// A path that two servers read differently leads around the one that is there to stop it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startListening } from '../support/listening-server.ts';
import { connectRaw, rawRequest } from '../support/raw-connection.ts';

test('segments that some servers take for a step up are refused on both ports', async (t) => {
  const { publicUrl, adminUrl } = await startListening(t, 'sqlite memory');
  const statusOf = async (url: string, path: string): Promise<string> => {
    const connection = await connectRaw(url);
    connection.write(rawRequest('GET', path, { headers: { Connection: 'close' } }));
    await connection.closed;
    return connection.received().slice('HTTP/1.1 '.length).slice(0, 3);
  };
  for (const path of [
    '/..;/admin/identities',
    '/self-service/..;/sessions/whoami',
    '/identities/..;a=b',
    '/identities/.;/x',
    '/identities/%2e%2e;/x',
    '/identities/..%3b/x',
    '/identities/..%2fadmin',
    '/identities/%2E%2E%5cadmin',
    '/identities/x%2f..',
  ]) {
    for (const url of [publicUrl, adminUrl]) assert.equal(await statusOf(url, path), '400', path);
  }
  // Names with dots and semicolons in them are names.
  assert.equal(await statusOf(publicUrl, '/schemas/a..b'), '404');
  assert.equal(await statusOf(publicUrl, '/schemas/a;b'), '404');
  assert.equal(await statusOf(publicUrl, '/self-service/%2e%2e/sessions/whoami'), '401');
});
