// A server that is compared with another: started by its command, and filled through its own API, as any client would.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bcryptHash } from '../../src/hash/bcrypt.ts';
import { install, pause } from './installation.ts';
import { becomesReady, stop } from './pinned.ts';

export interface People {
  readonly ids: readonly string[];
  readonly tokens: readonly string[];
  readonly flows: readonly string[];
}

export interface ComparedServer {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly people: People;
  readonly startMs: number;
  /** One second after the start. */
  readonly restingMib: number;
  readonly residentMib: () => number;
  /** Of all its processes. */
  readonly cpuUs: () => number;
  readonly stop: () => Promise<void>;
}

const PASSWORD = 'correct horse battery staple';
const BATCH = 250;
const SESSIONS = 128;
const FLOWS = 64;

export async function startCompared(
  command: string,
  of: { readonly folder: string; readonly identityCount: number },
): Promise<ComparedServer> {
  mkdirSync(of.folder, { recursive: true });
  const installation = await install(of.folder, `sqlite://${path.join(of.folder, 'compare.sqlite')}`);
  const { publicUrl, config, configFile } = installation;
  const adminUrl = (config['serve'] as { readonly admin: { readonly base_url: string } }).admin.base_url; // as install wrote it
  const [program = '', ...args] = command.split(' ').filter((word) => word !== '');
  const start = async () => {
    const startedAt = performance.now();
    const child = spawn(program, [...args, 'serve', '-c', configFile], {
      cwd: of.folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await becomesReady(child, `${publicUrl}health/ready`);
    return { child, startMs: performance.now() - startedAt };
  };
  // What the first start makes is kept for the next ones.
  const first = await start();
  await stop(first.child);
  const { child, startMs } = await start();
  await pause(1_000);
  const restingMib = residentMib(child);
  return {
    publicUrl,
    adminUrl,
    startMs,
    restingMib,
    people: await fill({ publicUrl, adminUrl, identityCount: of.identityCount }),
    residentMib: () => residentMib(child),
    cpuUs: () => family(child).reduce((sum, pid) => sum + cpuUsOf(pid), 0),
    stop: () => stop(child),
  };
}

/** The process and all that it has started. */
function family({ pid }: ChildProcess): readonly number[] {
  const found: number[] = [];
  const waiting = pid === undefined ? [] : [pid];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    const children = readFileSync(`/proc/${next}/task/${next}/children`, 'utf8').trim();
    waiting.push(...children.split(' ').filter(Boolean).map(Number));
  }
  return found;
}

function cpuUsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1000;
  }, 0);
}

function residentMib(child: ChildProcess): number {
  return family(child).reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }, 0);
}

async function fill(of: {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly identityCount: number;
}): Promise<People> {
  const hashed_password = await bcryptHash(PASSWORD, 4);
  const ids: string[] = [];
  for (let from = 0; from < of.identityCount; from += BATCH) {
    const count = Math.min(BATCH, of.identityCount - from);
    const identities = Array.from({ length: count }, (_, index) => ({
      create: {
        schema_id: 'person',
        traits: { email: emailOf(from + index), name: `Person ${from + index}` },
        credentials: { password: { config: { hashed_password } } },
      },
    }));
    const answer = await call(`${of.adminUrl}admin/identities`, 'PATCH', { identities });
    ids.push(...(answer['identities'] as { identity: string }[]).map(({ identity }) => identity)); // as the protocol says
  }
  const tokens: string[] = [];
  const flows: string[] = [];
  const newFlow = async () => (await call(`${of.publicUrl}self-service/login/api`, 'GET'))['id'];
  for (let index = 0; index < Math.min(SESSIONS, of.identityCount); index += 1) {
    const submitted = { method: 'password', identifier: emailOf(index), password: PASSWORD };
    const answer = await call(`${of.publicUrl}self-service/login?flow=${await newFlow()}`, 'POST', submitted);
    tokens.push(String(answer['session_token']));
  }
  for (let index = 0; index < FLOWS; index += 1) flows.push(String(await newFlow()));
  return { ids: ids.slice(0, 512), tokens, flows };
}

const emailOf = (number: number): string => `person-${number}@example.com`;

async function call(url: string, method: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>; // an object, as the protocol says
}
