// Two processes on one PostgreSQL, one of which is killed under load: the other goes on, and both refuse what was revoked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { createWorkplace, type RunningProgram } from '../cli/program.ts';
import { freshDatabase, SHARED_DATABASES } from '../support/databases.ts';
import { freePorts } from '../support/free-ports.ts';
import { createNativeApp } from '../support/native-app.ts';
import { sharedConfig, type TestScope } from '../support/server.ts';

const CROWD = 6;

interface Balancer {
  readonly url: string;
  /** Requests that a node had in its hands when it vanished: nobody can know whether it has done what they asked for. */
  readonly broken: () => number;
}

/** As proxies do: a node that takes no connection is left out, and what one had in its hands when it vanished is a 502. */
async function balance(t: TestScope, ports: readonly number[]): Promise<Balancer> {
  let turn = 0;
  let broken = 0;
  const front = createServer((incoming, answer) => {
    const body: Buffer[] = [];
    incoming.on('data', (part: Buffer) => body.push(part));
    incoming.on('end', () => attempt(turn++, ports.length));
    function attempt(at: number, left: number): void {
      const port = ports[at % ports.length] ?? 0;
      const { method, url, headers } = incoming;
      const inner = request(
        { host: '127.0.0.1', port, method, path: url, headers, agent: false },
        (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers);
          response.on('error', () => answer.destroy());
          response.pipe(answer);
        },
      );
      inner.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && left > 1) return attempt(at + 1, left - 1);
        broken += 1;
        answer.writeHead(502).end();
      });
      inner.end(Buffer.concat(body));
    }
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  const address = front.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}`, broken: () => broken };
}

const askAt =
  (url: string): Parameters<typeof createNativeApp>[0]['ask'] =>
  (method, path, { headers, body } = {}) =>
    fetch(new URL(path, url), { method, ...(headers ? { headers } : {}), ...(body ? { body } : {}) });

const POSTGRES = SHARED_DATABASES.filter((name) => name === 'postgres');

for (const name of POSTGRES) {
  test(`one of two nodes is killed under load: nothing fails but what it had in its hands [${name}]`, async (t) => {
    const fresh = await freshDatabase(name);
    t.after(fresh.remove);
    const workplace = createWorkplace();
    t.after(() => workplace.remove());
    const [publicA, adminA, publicB, adminB] = [...(await freePorts()), ...(await freePorts())];
    const front = await balance(t, [publicA, publicB]);
    const start = (file: string, port: number, adminPort: number): Promise<RunningProgram> => {
      const config = workplace.write(file, {
        ...sharedConfig(fresh.dsn),
        log: { level: 'error' },
        serve: {
          public: {
            base_url: `${front.url}/`,
            host: '127.0.0.1',
            port,
            rate_limits: { enabled: false },
          },
          admin: { host: '127.0.0.1', port: adminPort },
        },
      });
      return workplace.serve(['-c', config]);
    };
    let nodeA = await start('a.json', publicA, adminA);
    const nodeB = await start('b.json', publicB, adminB);
    t.after(async () => {
      await Promise.all([nodeA.kill(), nodeB.kill()]);
    });

    let failed = 0;
    let done = 0;
    let isOver = false;
    const person = async (who: number): Promise<void> => {
      const email = `p${who}@example.org`;
      const app = createNativeApp({ ask: askAt(front.url) });
      await app.signUp(email);
      while (!isOver) {
        const { status } = await app.ask('GET', '/sessions/whoami');
        if (status === 200) done += 1;
        else if (status === 502) failed += 1;
        else assert.fail(`whoami answers ${status}`);
        const flow = await app.ask('GET', '/self-service/settings/api');
        if (flow.status === 502) failed += 1;
        else assert.equal(flow.status, 200);
      }
    };
    const load = Promise.all(Array.from({ length: CROWD }, (_, who) => person(who)));
    const rounds = async (count: number): Promise<void> => {
      const until = done + count;
      while (done < until) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const trouble = (async () => {
      await rounds(5 * CROWD);
      await nodeA.kill();
      await rounds(10 * CROWD);
      nodeA = await start('a.json', publicA, adminA);
      await rounds(5 * CROWD);
      isOver = true;
    })();
    await Promise.all([load, trouble]);
    assert.equal(failed, front.broken());
    // Each person waits for one answer at a time.
    assert.ok(failed <= CROWD, `${failed} requests failed`);

    const app = createNativeApp({ ask: askAt(front.url) });
    const { session } = await app.signIn('p0@example.org');
    const statuses = (): Promise<readonly number[]> =>
      Promise.all(
        [publicA, publicB].map(async (port) => {
          const headers = { 'X-Session-Token': app.token };
          return (await fetch(`http://127.0.0.1:${port}/sessions/whoami`, { headers })).status;
        }),
      );
    assert.deepEqual(await statuses(), [200, 200]);
    const revoked = await fetch(`http://127.0.0.1:${adminA}/admin/sessions/${session?.id}`, {
      method: 'DELETE',
    });
    assert.equal(revoked.status, 204);
    assert.deepEqual(await statuses(), [401, 401]);
  });
}
