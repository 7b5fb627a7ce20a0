// A server to attack, in a process of its own, and how it is asked how it is doing.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/lib/json.ts';
import { freePorts } from '../../test/support/free-ports.ts';
import { sharedConfig } from '../../test/support/server.ts';
import type { Question, Reading } from './served.ts';

export interface Target {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly publicPort: number;
  /** Path of its database on SQLite; for looking at how much it holds. */
  readonly databaseFile: string | undefined;
  readonly processId: number;
  /** Starts measuring anew. */
  readonly reset: () => Promise<void>;
  /** Since the last reset. */
  readonly read: () => Promise<Reading>;
  readonly stop: () => Promise<void>;
}

/** `dsn`: of a database that is empty; absent: a SQLite file of its own. */
export async function startTarget(config: JsonObject, dsn?: string): Promise<Target> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-hostile-'));
  const databaseFile = dsn === undefined ? path.join(folder, 'bia.sqlite') : undefined;
  const [publicPort, adminPort] = await freePorts();
  const child = fork(path.join(import.meta.dirname, 'served.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ask = asker(child);
  const base = (port: number): JsonObject => ({
    base_url: `http://127.0.0.1:${port}/`,
    host: '127.0.0.1',
    port,
  });
  const shared = sharedConfig(dsn ?? `sqlite://${databaseFile}`);
  await ask({
    ask: 'start',
    config: merged(merged(shared, config), {
      serve: { public: { ...base(publicPort), rate_limits: { enabled: false } }, admin: base(adminPort) },
    }),
  });
  return {
    publicUrl: `http://127.0.0.1:${publicPort}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    publicPort,
    databaseFile,
    processId: child.pid ?? 0,
    reset: async () => void (await ask({ ask: 'reset' })),
    read: async () => (await ask({ ask: 'read' })) as Reading, // served.ts answers so
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.send({ ask: 'stop' } satisfies Question);
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One question at a time. */
function asker(child: ChildProcess): (question: Question) => Promise<unknown> {
  return (question) =>
    new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the server ended'));
      child.once('exit', onExit);
      child.once('message', (message: { readonly value?: unknown; readonly failure?: string }) => {
        child.off('exit', onExit);
        if (message.failure === undefined) resolve(message.value);
        else reject(new Error(message.failure));
      });
      child.send(question);
    });
}

function merged(under: JsonObject, over: JsonObject): JsonObject {
  const out: Record<string, JsonObject[string]> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = out[key];
    out[key] = isPlain(below) && isPlain(value) ? merged(below, value) : value;
  }
  return out;
}

const isPlain = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
