// A server as an operator would run it: its configuration file, its process, its memory.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { defaultConfig } from '../../src/config/default.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { becomesReady, cpuMsOf, startNode, stop } from './pinned.ts';

export interface Installation {
  readonly folder: string;
  readonly config: JsonObject;
  readonly configFile: string;
  readonly publicUrl: string;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
export const COOKIE_SECRET = 'a secret of the benchmark, long enough';

/** Default settings throughout, only with free ports and known secrets. */
export async function install(folder: string, dsn: string, name = 'bia.json'): Promise<Installation> {
  const [publicPort, adminPort] = await freePorts();
  const publicUrl = `http://127.0.0.1:${publicPort}/`;
  const host = '127.0.0.1';
  const config: JsonObject = {
    ...defaultConfig(folder),
    dsn,
    dev: false,
    serve: {
      public: { base_url: publicUrl, host, port: publicPort },
      admin: { base_url: `http://${host}:${adminPort}/`, host, port: adminPort },
    },
    secrets: { default: [COOKIE_SECRET], cookie: [COOKIE_SECRET] },
  };
  const configFile = path.join(folder, name);
  writeFileSync(configFile, JSON.stringify(config));
  return { folder, config, configFile, publicUrl };
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port); // it listens on a port
  }
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}

/** What a start took until the server was ready. */
export interface Start {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface RunningServer {
  readonly start: Start;
  readonly residentMib: () => number;
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
}

/** Starts the server by itself and waits until it answers that it is ready. */
export async function startServer(
  { folder, configFile, publicUrl }: Installation,
  nodeArgs: readonly string[] = [],
): Promise<RunningServer> {
  const program = path.join(ROOT, 'bin/bia.mjs');
  const startedAt = performance.now();
  const child = startNode('server', [...nodeArgs, program, 'serve', '-c', configFile], {
    cwd: folder,
    output: 'ignore',
  });
  const start = await ready(child, { url: `${publicUrl}health/ready`, startedAt });
  return {
    start,
    residentMib: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    },
    cpuMs: () => cpuMsOf(child),
    stop: () => stop(child),
  };
}

/** As little as a program can be that answers: what Node itself takes, with no types to strip. */
const BARE_SERVER =
  "require('node:http').createServer((_, out) => out.end()).listen(process.argv[1], '127.0.0.1')";

/** The same for a server of one line, which is stopped again. */
export async function startBare({ folder, publicUrl }: Installation): Promise<Start> {
  const startedAt = performance.now();
  const child = startNode('server', ['--eval', BARE_SERVER, new URL(publicUrl).port], {
    cwd: folder,
    output: 'ignore',
  });
  try {
    return await ready(child, { url: publicUrl, startedAt });
  } finally {
    await stop(child);
  }
}

async function ready(
  child: ChildProcess,
  { url, startedAt }: { readonly url: string; readonly startedAt: number },
): Promise<Start> {
  await becomesReady(child, url);
  return { wallMs: performance.now() - startedAt, cpuMs: cpuMsOf(child) };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
