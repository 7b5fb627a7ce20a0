// The mailbox of development mode holds codes and links: nobody but the machine that runs Bia may read it, and no production has it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../src/lib/json.ts';
import { type Ask, startServer, type TestScope, type TestServer } from '../support/server.ts';

const HERE = { address: '127.0.0.1', port: 50_000 };
const INBOX = 'http://127.0.0.1:4433/dev/inbox';
const VERIFICATION: JsonObject = { selfservice: { flows: { verification: { enabled: true } } } };

async function serverWithLetter(scope: TestScope, config: JsonObject = {}): Promise<TestServer> {
  const server = await startServer(scope, { config: { ...VERIFICATION, ...config } });
  const started = await server.ask('GET', '/self-service/registration/api');
  const { ui } = (await started.json()) as { readonly ui: { readonly action: string } }; // the protocol's form
  const answer = await server.ask('POST', ui.action, {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      method: 'password',
      password: 'correct horse 7 battery',
      traits: { email: 'ada@example.org' },
    }),
  });
  assert.equal(answer.status, 200);
  return server;
}

/** As a browser or tool asks, which names the host that it means. */
function read(server: TestServer, ask: Ask = {}, url = INBOX): Promise<Response> {
  const headers = { Accept: 'application/json', Host: new URL(url).host, ...ask.headers };
  return server.ask('GET', url, { peer: HERE, ...ask, headers });
}

interface Letters {
  readonly messages: readonly {
    readonly recipient: string;
    readonly codes: readonly string[];
    readonly links: readonly string[];
  }[];
}

async function lettersOf(answer: Response): Promise<Letters> {
  assert.equal(answer.status, 200);
  return (await answer.json()) as Letters; // ours: src/pages/inbox/inbox-letter.ts
}

test('on this machine the mailbox tells codes and links as JSON, for one person where that is asked', async (t) => {
  const server = await serverWithLetter(t);
  const all = await lettersOf(await read(server));
  const [letter, ...others] = all.messages;
  assert.equal(others.length, 0);
  assert.equal(letter?.recipient, 'ada@example.org');
  assert.match(letter.codes[0] ?? '', /^\d{6}$/);
  assert.match(letter.links[0] ?? '', /\/self-service\/verification\?code=\d{6}&flow=/);
  const bobs = await lettersOf(await read(server, {}, `${INBOX}?recipient=bob@example.org`));
  assert.deepEqual(bobs.messages, []);
  assert.deepEqual(await lettersOf(await read(server, {}, `${INBOX}?recipient=ADA@example.org`)), all);
});

const CLOSED: Readonly<Record<string, JsonObject>> = {
  'outside development mode': { dev: false, hashers: { bcrypt: { cost: 12 } } },
  'where a mail server is configured': { courier: { smtp: { connection_uri: 'smtp://127.0.0.1:2525/' } } },
  'where a mail service is configured': {
    courier: {
      delivery_strategy: 'http',
      http: { request_config: { url: 'http://127.0.0.1:2525/', method: 'POST', body: 'base64://e30=' } },
    },
  },
};

describe('only development without a courier has a mailbox', () => {
  for (const [where, config] of Object.entries(CLOSED))
    test(`${where} there is none`, async (t) => {
      const server = await serverWithLetter(t, config);
      for (const path of ['dev/inbox', 'dev/inbox/6f1c3e7a-8b0d-4c55-9a53-2f9d3d5b7e11']) {
        const answer = await read(server, {}, `http://127.0.0.1:4433/${path}`);
        assert.equal(answer.status, 404);
        assert.equal(await answer.text(), '404 page not found\n');
      }
    });
});

interface Intruder {
  readonly url?: string;
  readonly peer?: Ask['peer'];
  readonly headers?: Readonly<Record<string, string>>;
}

const INTRUDERS: Readonly<Record<string, Intruder>> = {
  'another machine': { peer: { address: '192.168.0.7', port: 50_000 } },
  'another machine that claims to be this one': {
    peer: { address: '192.168.0.7', port: 50_000 },
    headers: { 'X-Forwarded-For': '127.0.0.1', 'X-Real-IP': '127.0.0.1' },
  },
  'a caller whose address is not known': { peer: undefined },
  'a name that was made to point to this machine': { url: 'http://evil.example:4433/dev/inbox' },
  'a name that only begins like this machine': { url: 'http://localhost.evil.example/dev/inbox' },
  'somebody behind a tunnel that ends on this machine': { headers: { 'X-Forwarded-For': '203.0.113.9' } },
  'somebody behind a proxy that writes the newer header': { headers: { Forwarded: 'for=203.0.113.9' } },
  'a script of another origin': {
    headers: { Origin: 'http://app.example.org', 'Sec-Fetch-Site': 'cross-site' },
  },
  'a script of another port of this machine': {
    headers: { Origin: 'http://127.0.0.1:3000', 'Sec-Fetch-Site': 'same-site' },
  },
  'a document without origin': { headers: { Origin: 'null' } },
  'a picture or script element of another site': {
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
  },
};

describe('the mailbox opens only on the machine that runs Bia', () => {
  for (const [who, { url = INBOX, headers = {}, ...rest }] of Object.entries(INTRUDERS))
    test(`${who} cannot read it, even where CORS is open`, async (t) => {
      const cors = { enabled: true, allowed_origins: ['*'] };
      const server = await serverWithLetter(t, {
        serve: { public: { cors, base_url: 'http://id.example.org/', rate_limits: { enabled: false } } },
      });
      // The same question without what makes it an intruder's is answered.
      assert.equal((await read(server)).status, 200);
      const peer = 'peer' in rest ? rest.peer : HERE;
      const answer = await server.ask('GET', url, {
        headers: { Accept: 'application/json', Host: new URL(url).host, ...headers },
        ...(peer ? { peer } : {}),
      });
      assert.equal(answer.status, 403);
      const text = await answer.text();
      assert.match(text, /http:\/\/127\.0\.0\.1:4433\/dev\/inbox/);
      assert.doesNotMatch(text, /ada|\d{6}/);
    });
});

test('a link to the mailbox from an application is followed', async (t) => {
  const server = await serverWithLetter(t);
  const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' };
  assert.equal((await read(server, { headers })).status, 200);
});

test('its looking for news all the time leaves no line in the log', async (t) => {
  const server = await startServer(t, { logLevel: 'info' });
  await read(server);
  await read(server, {}, 'http://127.0.0.1:4433/health/alive');
  const paths = server.logged.map((line) => JSON.parse(line).path).filter(Boolean);
  assert.deepEqual(paths, ['/health/alive']);
});
