// `npm run bench`: what one core serves a second, on both databases, beside what node:http and the hash alone can do there.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compare } from './compare.ts';
import { measure } from './measure.ts';
import { type BenchOptions, type DatabaseKind, readOptions, USAGE } from './options.ts';
import { isPinned, killAll } from './pinned.ts';
import { count, figuresText } from './report.ts';

const options = readOptions(process.argv.slice(2));
if (options) await run(options);
else process.stdout.write(USAGE);

async function run(options: BenchOptions): Promise<void> {
  if (options.comparison) {
    const text = await compare(options.comparison, say);
    say('');
    process.stdout.write(text);
    return;
  }
  const { platform, versions } = process;
  const machine = `${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, ${platform}`;
  process.stdout.write(
    `Node ${versions.node} on ${machine}; load before the run: ${os.loadavg()[0]?.toFixed(2)}.\n${
      isPinned
        ? 'The server has core 0, the load comes from core 1.'
        : 'NOT pinned to cores (no taskset, or one core): server and load disturb each other.'
    }\n`,
  );
  for (const kind of options.databases) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-bench-'));
    const stopped = (): void => {
      killAll();
      rmSync(folder, { recursive: true, force: true });
      process.exit(130);
    };
    // PostgreSQL gets the signal of the terminal as well, and ends by itself.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped);
    try {
      const figures = await measure(kind, options, { folder, say });
      say('');
      process.stdout.write(figuresText(titleOf(kind, options), figures));
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stopped);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** One line that replaces itself where somebody watches; elsewhere a line for each step. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

function titleOf(kind: DatabaseKind, { identityCount, sessionCount }: BenchOptions): string {
  const name = kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  return `${name}, ${count(identityCount)} identities, ${count(sessionCount)} sessions; requests or sign-ins a second`;
}
