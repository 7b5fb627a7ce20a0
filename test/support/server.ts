// An app of its own for each test, in memory: test clock, cheap hashes, a schema with one person's traits.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Bia, createBia } from '../../src/app/create-app.ts';
import type { Additions } from '../../src/app/parts.ts';
import type { HashPool } from '../../src/hash/pool.ts';
import type { Peer } from '../../src/http/guard/client-address.ts';
import { createTestClock, type TestClock } from '../../src/lib/clock.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { createLog, type LogLevel } from '../../src/lib/log.ts';

/** The identity server, as its clients write it. */
export const ID_URL = 'http://id.example.org';
/** The operator's application, with pages of its own. */
export const APP_URL = 'http://app.example.org';
export const START_MS = Date.UTC(2030, 0, 1);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export const PASSWORD = 'correct horse 7 battery';
export const OTHER_PASSWORD = 'seventeen green bottles';

/** What ends with a test: node:test's context has it. */
export interface TestScope {
  after(work: () => void | Promise<void>): void;
}

export interface ServerOptions {
  /** Laid over the configuration that all tests share. */
  readonly config?: JsonObject;
  /** Default: a database in memory. */
  readonly dsn?: string;
  /** Keeps the database in a file, so that `rows` can look into its tables. */
  readonly isOnDisk?: true;
  /** Files in place of the shared configuration. */
  readonly files?: readonly string[];
  /** Variables of its environment; by default none counts. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: warning. */
  readonly logLevel?: LogLevel;
  /** Methods and hooks that the test brings along. */
  readonly additions?: Additions;
  /** Where hashes run, for counting them. */
  readonly hashPool?: HashPool;
  /** Told of every statement. */
  readonly onQuery?: (sql: string) => void;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly peer?: Peer;
}

export interface TestServer {
  readonly bia: Bia;
  readonly clock: TestClock;
  /** One request to the public port, with nothing but what is given. */
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Response>;
  /** Lines of its log, as JSON. */
  readonly logged: readonly string[];
  readonly askAdmin: (method: string, path: string, ask?: Ask) => Promise<Response>;
  /** Reads the tables of a server that keeps them on disk. */
  readonly rows: (sql: string) => readonly Readonly<Record<string, unknown>>[];
}

/** A server that is closed with the test. */
export async function startServer(scope: TestScope, options: ServerOptions = {}): Promise<TestServer> {
  const clock = createTestClock(START_MS);
  const file = options.isOnDisk ? await temporaryFile(scope, 'bia.sqlite') : undefined;
  const dsn = options.dsn ?? (file === undefined ? 'memory' : `sqlite://${file}`);
  const logged: string[] = [];
  const log = createLog({
    level: options.logLevel ?? 'warning',
    format: 'json',
    clock,
    stream: { write: (line) => void logged.push(line) },
  });
  const bia = await createBia({
    clock,
    log,
    ...(options.additions ? { additions: options.additions } : {}),
    ...(options.env ? { env: options.env } : {}),
    ...(options.onQuery ? { onQuery: options.onQuery } : {}),
    ...(options.hashPool ? { hashPool: options.hashPool } : {}),
    ...(options.files
      ? { files: options.files }
      : { config: sharedConfig(dsn), flags: options.config ?? {} }),
  });
  scope.after(() => bia.close());
  return {
    bia,
    clock,
    logged,
    ask: (method, at, ask) => bia.publicFetch(toRequest(method, at, ask), ask?.peer),
    askAdmin: (method, at, ask) => bia.adminFetch(toRequest(method, at, ask), ask?.peer),
    rows: (sql) => {
      if (file === undefined) throw new Error('only a server that is started with isOnDisk has rows to read');
      const database = new DatabaseSync(file, { readOnly: true });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    },
  };
}

/** A path in a folder of its own that goes with the test. */
export async function temporaryFile(scope: TestScope, name: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bia-story-'));
  scope.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, name);
}

export function toRequest(method: string, at: string, { headers = {}, body }: Ask = {}): Request {
  // Joined as texts: a path such as // is for the server to judge.
  return new Request(at.startsWith('/') ? `${ID_URL}${at}` : at, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

/** The configuration that stories start from: registration in one step that signs in, pages at the application. */
export function sharedConfig(dsn: string): JsonObject {
  const ui = (page: string): JsonObject => ({ ui_url: `${APP_URL}/${page}` });
  return {
    dsn,
    dev: true,
    secrets: { default: ['a secret that only tests have'] },
    serve: {
      public: { base_url: `${ID_URL}/`, rate_limits: { enabled: false } },
      admin: { base_url: 'http://admin.example.org/' },
    },
    hashers: { algorithm: 'bcrypt', bcrypt: { cost: 4 } },
    // Stories do not wait; test/guarantees/even-times.test.ts does.
    security: { account_enumeration: { answer_step: '0s' } },
    identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: schemaUrl(PERSON_SCHEMA) }] },
    selfservice: {
      default_browser_return_url: `${APP_URL}/home`,
      allowed_return_urls: [APP_URL],
      methods: { password: { config: { haveibeenpwned_enabled: false } } },
      flows: {
        error: ui('error'),
        login: ui('login'),
        registration: {
          ...ui('registration'),
          style: 'unified',
          after: { password: { hooks: [{ hook: 'session' }] } },
        },
        settings: ui('settings'),
        logout: { after: { default_browser_return_url: `${APP_URL}/bye` } },
      },
    },
  };
}

export const schemaUrl = (schema: JsonObject): string =>
  `base64://${Buffer.from(JSON.stringify(schema)).toString('base64')}`;

export const PERSON_SCHEMA: JsonObject = {
  $id: 'https://schemas.example.org/person.json',
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          title: 'E-mail address',
          'ory.sh/kratos': {
            credentials: { password: { identifier: true } },
            verification: { via: 'email' },
            recovery: { via: 'email' },
          },
        },
        name: { type: 'string', title: 'Name', maxLength: 40 },
        age: { type: 'integer', title: 'Age', minimum: 0 },
        newsletter: { type: 'boolean', title: 'Newsletter' },
      },
      required: ['email'],
      additionalProperties: false,
    },
  },
};
