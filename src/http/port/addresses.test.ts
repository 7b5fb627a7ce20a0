import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfigLoader } from '../../config/load.ts';
import type { JsonObject } from '../../lib/json.ts';
import { baseUrl, listeningUrl } from './addresses.ts';

function configOf(admin: JsonObject, dev = false) {
  const base = {
    dsn: 'memory',
    dev,
    selfservice: { default_browser_return_url: '/' },
    identity: { schemas: [{ id: 'default', url: 'base64://e30=' }] },
    serve: { admin },
  };
  return createConfigLoader({ methods: [], absentMethods: [], hooks: [] }).load({ files: [], base, env: {} })
    .config;
}

const TLS = { key: { path: 'key.pem' }, cert: { path: 'cert.pem' } };

for (const [admin, listens, base] of [
  [{}, 'http://127.0.0.1:4434/', 'https://127.0.0.1:4434/'],
  [{ tls: TLS }, 'https://127.0.0.1:4434/', 'https://127.0.0.1:4434/'],
  [{ host: '::' }, 'http://127.0.0.1:4434/', 'https://127.0.0.1:4434/'],
  [{ host: '::1' }, 'http://[::1]:4434/', 'https://[::1]:4434/'],
  [{ host: 'admin.internal' }, 'http://admin.internal:4434/', 'https://admin.internal:4434/'],
  [{ host: 'unix:/run/bia.sock' }, 'unix:/run/bia.sock', 'https://127.0.0.1:4434/'],
] as const) {
  test(`a port listens where ${JSON.stringify(admin)} says, and its base is an address`, () => {
    const config = configOf(admin);
    assert.equal(listeningUrl(config, 'admin', 4434), listens);
    assert.equal(baseUrl(config, 'admin'), base);
  });
}
