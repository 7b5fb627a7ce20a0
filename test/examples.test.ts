// Do the examples run as they are? Each is started as a reader would start it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ROOT } from './support/source-tree.ts';

let app: ChildProcess;
let address: string;

before(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  app = start('embed.ts', String(port));
  assert.ok(app.stdout);
  for await (const line of createInterface(app.stdout)) if (line.startsWith('Listening')) break;
  app.stdout.resume();
});

after(async () => {
  const ended = once(app, 'exit');
  app.kill('SIGTERM');
  await ended;
});

test('embed.ts answers its own routes, and leaves the others to Bia', async () => {
  const hello = await fetch(`${address}/hello`);
  assert.deepEqual([hello.status, await hello.text()], [401, 'Hello, stranger.']);
  const alive = await fetch(`${address}/health/alive`);
  assert.deepEqual([alive.status, await alive.json()], [200, { status: 'ok' }]);
});

test('embed.ts knows who is signed in', async () => {
  const flow = await ask(`${address}/self-service/registration/api`);
  const made = await ask(flow.ui.action, {
    method: 'password',
    traits: { email: 'embedded@example.org' },
    password: 'a long sentence that nobody guesses',
  });
  const hello = await fetch(`${address}/hello`, { headers: { 'X-Session-Token': made.session_token } });
  assert.deepEqual([hello.status, await hello.text()], [200, 'Hello, embedded@example.org.']);
});

test('api-client.ts registers, signs in, and signs out', async () => {
  const client = start('api-client.ts', address);
  const lines: string[] = [];
  const ended = once(client, 'exit');
  assert.ok(client.stdout);
  for await (const line of createInterface(client.stdout)) lines.push(line);
  const [code] = await ended;
  assert.equal(code, 0, lines.join('\n'));
  assert.match(lines[0] ?? '', /^registered [0-9a-f-]{36}$/);
  assert.deepEqual(
    lines.slice(1).map((line) => line.replace(/native-\d+@/, 'native@')),
    [
      'signed out: whoami answers 401',
      'signed in as {"email":"native@example.org"} at aal1',
      'signed out: whoami answers 401',
    ],
  );
});

function start(example: string, ...args: readonly string[]): ChildProcess {
  const path = join(ROOT, 'examples', example);
  return spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** GET without a body, POST with one. */
async function ask(url: string, body?: object) {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
  const answer = await fetch(
    url,
    body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers },
  );
  assert.equal(answer.status, 200);
  // Only what the tests above read.
  return (await answer.json()) as {
    readonly ui: { readonly action: string };
    readonly session_token: string;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(taken !== null && typeof taken === 'object');
  return taken.port;
}
