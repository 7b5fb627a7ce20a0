// Runs the program as people do: a process of its own, with words, environment, files and exit code.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/bia.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Workplace {
  readonly folder: string;
  /** Writes a file and answers its path. */
  write(name: string, content: string | object): string;
  bia(words: readonly string[], of?: RunOptions): Promise<Ended>;
  /** Starts `serve` and waits until it says that it runs. */
  serve(words: readonly string[], of?: RunOptions): Promise<RunningProgram>;
  /** Starts the words and waits until they have written such a text, to either output. */
  start(words: readonly string[], of: RunOptions & { readonly until: string }): Promise<RunningProgram>;
  /** Starts `courier watch` and waits until it says that it runs. */
  watchCourier(words: readonly string[], of?: RunOptions): Promise<RunningProgram>;
  remove(): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface RunningProgram {
  readonly out: string;
  /** Asks it to stop, and waits for its end. */
  stop(): Promise<Ended>;
  /** Ends it at once, as a crash or a loss of power does. */
  kill(): Promise<void>;
}

/** A folder to work in, with nothing of our own environment in it. */
export function createWorkplace(program: string = PROGRAM): Workplace {
  const folder = mkdtempSync(path.join(tmpdir(), 'bia-cli-'));
  const start = (words: readonly string[], env: RunOptions['env'] = {}): ChildProcess =>
    spawn(process.execPath, [program, ...words], { cwd: folder, env, stdio: 'pipe' });
  return {
    folder,
    write: (name, content) => {
      const file = path.join(folder, name);
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    bia: async (words, of = {}) => {
      const child = start(words, of.env);
      const ended = outputOf(child);
      child.stdin?.end(of.input ?? '');
      return ended;
    },
    start: (words, { until, env }) => running(start(words, env), until),
    serve: (words, of = {}) => running(start(['serve', ...words], of.env), 'Bia is running'),
    watchCourier: (words, of = {}) =>
      running(start(['courier', 'watch', ...words], of.env), 'Stop it with Ctrl+C'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits until the child says so. */
async function running(child: ChildProcess, sign: string): Promise<RunningProgram> {
  const ended = outputOf(child);
  const out = await Promise.race([
    firstOutput(child, (text) => text.includes(sign)),
    ended.then(({ err }) => assert.fail(`it did not start: ${err}`)),
  ]);
  return {
    out,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function outputOf(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

function firstOutput(child: ChildProcess, isEnough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let out = '';
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', (text) => {
        out += text;
        if (isEnough(out)) resolve(out);
      });
    }
  });
}

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return address.port;
}

const PERSON = {
  type: 'object',
  properties: {
    traits: {
      type: 'object',
      properties: {
        email: {
          type: 'string',
          format: 'email',
          'ory.sh/kratos': { credentials: { password: { identifier: true } }, recovery: { via: 'email' } },
        },
        age: { type: 'integer' },
      },
      required: ['email'],
      additionalProperties: false,
    },
  },
};

/** A complete configuration on free ports, with its database in the folder. */
export async function writeConfig({
  folder,
  write,
}: Workplace): Promise<{ readonly file: string; readonly publicUrl: string; readonly adminUrl: string }> {
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const [publicUrl, adminUrl] = [`http://127.0.0.1:${publicPort}`, `http://127.0.0.1:${adminPort}`];
  const schema = write('person.schema.json', PERSON);
  const file = write('bia.json', {
    dsn: `sqlite://${path.join(folder, 'bia.sqlite')}`,
    dev: true,
    serve: {
      public: { base_url: `${publicUrl}/`, host: '127.0.0.1', port: publicPort },
      admin: { base_url: `${adminUrl}/`, host: '127.0.0.1', port: adminPort },
    },
    secrets: { default: ['a secret of thirty-two characters'] },
    hashers: { algorithm: 'bcrypt', bcrypt: { cost: 4 } },
    identity: { default_schema_id: 'person', schemas: [{ id: 'person', url: `file://${schema}` }] },
    selfservice: {
      default_browser_return_url: `${publicUrl}/`,
      flows: { recovery: { enabled: true } },
    },
  });
  return { file, publicUrl, adminUrl };
}
