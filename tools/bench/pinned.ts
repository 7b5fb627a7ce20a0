// Node processes of their own on a core of their own, so that server and load do not take time from each other.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { availableParallelism } from 'node:os';

export type Core = 'server' | 'load';

const CORE_NUMBER: Readonly<Record<Core, number>> = { server: 0, load: 1 };

/** Whether processes can be bound to cores here: that needs `taskset` and two cores. */
export const isPinned: boolean =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', process.execPath, '--version']).status === 0;

const running = new Set<ChildProcess>();

/** Ends what startNode has started, where there is no time to wait for it. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts Node with these arguments on a core. What it writes to its standard error is shown. */
export function startNode(
  core: Core,
  args: readonly string[],
  options: { readonly cwd: string; readonly output: 'pipe' | 'ignore' },
): ChildProcess {
  const pin = isPinned ? ['taskset', '-c', String(CORE_NUMBER[core])] : [];
  const [command = process.execPath, ...rest] = [...pin, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', options.output, 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a program to its end and returns what it printed, as JSON. */
export async function runForJson(core: Core, args: readonly string[], cwd: string): Promise<unknown> {
  const child = startNode(core, args, { cwd, output: 'pipe' });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await ended(child);
  if (code !== 0) throw new Error(`${args[0]} failed with ${code}`);
  return JSON.parse(text);
}

/** Linux counts processor time in hundredths of a second, whatever the machine. */
const TICK_MS = 10;

/** Processor time that a process has used: unlike its speed, it hardly depends on what else the machine is doing. */
export function cpuMsOf({ pid }: ChildProcess): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, which may hold spaces; user and system time are the 14th and 15th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Asks a process to stop and waits until it has. */
export async function stop(child: ChildProcess): Promise<void> {
  const end = ended(child);
  child.kill('SIGTERM');
  await end;
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

const ASK_EVERY_MS = 4;
const READY_LIMIT_MS = 20_000;

/** Waits until a server that was started answers 200 at the address. */
export async function becomesReady(child: ChildProcess, url: string): Promise<void> {
  const endsAt = performance.now() + READY_LIMIT_MS;
  while (performance.now() < endsAt) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    if (await answersOk(url)) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready within ${READY_LIMIT_MS} ms`);
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}
