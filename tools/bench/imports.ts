// How fast do people come in, and in how much memory? By the batch API and from a database of Kratos. Run by hand.
import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePorts } from '../../test/support/free-ports.ts';
import { createKratosDatabase } from '../../test/support/kratos-database.ts';
import { addPerson, addSession } from '../../test/support/kratos-people.ts';
import { sharedConfig } from '../../test/support/server.ts';

const HELP = `node tools/bench/imports.ts [--people N] [--to DSN]
  --people  how many (default 100000)
  --to      an empty database of PostgreSQL, already migrated (default: a new SQLite file)`;

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    to: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(`${HELP}\n`);
  process.exit(0);
}
const people = Number(values.people);
const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const folder = await mkdtemp(path.join(os.tmpdir(), 'bia-imports-'));
/** Of any password. */
const HASH = '$2b$04$KivukBrR5CvhVX9x/3ZH/OBj1GkWl4//xv9A2KxySzKg7/HCrSZv6';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Measured {
  readonly seconds: number;
  /** Resident memory, sampled: the largest of the first and of the last third. */
  readonly firstMib: number;
  readonly lastMib: number;
  /** Processor time of the same process: it hardly depends on what else the machine does. */
  readonly cpuSeconds: number;
}

/** Runs a command of the program to its end; the memory is that of `watched`, or of the command itself. */
async function run(words: readonly string[], watched?: number): Promise<Measured> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  const samples: number[] = [];
  const pid = watched ?? child.pid ?? 0;
  const cpuBefore = cpuSeconds(pid);
  let cpu = 0;
  const sampling = setInterval(() => {
    samples.push(residentMib(pid));
    cpu = Math.max(cpu, cpuSeconds(pid) - cpuBefore);
  }, 200);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
  const third = Math.max(1, Math.floor(samples.length / 3));
  return {
    seconds: (performance.now() - startMs) / 1000,
    firstMib: Math.max(0, ...samples.slice(0, third)),
    lastMib: Math.max(0, ...samples.slice(-third)),
    cpuSeconds: cpu,
  };
}

function residentMib(pid: number): number {
  try {
    const [, kib = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return 0; // it has just ended
  }
}

/** Of user and system, in ticks of which Linux has a hundred a second. */
function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0; // it has just ended
  }
}

const told = (what: string, { seconds, firstMib, lastMib, cpuSeconds: cpu }: Measured): void =>
  say(
    `${what}: ${people} in ${seconds.toFixed(1)} s, ${Math.round(people / seconds)}/s (${cpu.toFixed(1)} s of a core, ${Math.round((cpu * 1e6) / people)} µs each); ${firstMib} MiB in the first third, ${lastMib} in the last`,
  );

try {
  const kratos = await createKratosDatabase('sqlite');
  await kratos.run('begin');
  for (let i = 0; i < people; i += 1) {
    const { id } = await addPerson(kratos, `person-${i}@example.org`, {
      credentials: { password: { config: { hashed_password: HASH } } },
      isVerified: i % 2 === 0,
    });
    if (i % 2 === 0) await addSession(kratos, id);
  }
  await kratos.run('commit');
  const dsn = values.to ?? `sqlite://${path.join(folder, 'bia.sqlite')}`;
  const config = path.join(folder, 'kratos.json');
  writeFileSync(config, JSON.stringify({ ...sharedConfig(kratos.dsn), log: { level: 'error' } }));
  const words = ['import', 'kratos', '--config', config, '--to', dsn, '--dev'];
  told('import kratos', await run(words));
  told('import kratos, again', await run(words));
  await kratos.remove();
  await batchApi(dsn);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The command sends batches to the batch API; the memory is that of the server. */
async function batchApi(used: string): Promise<void> {
  const file = path.join(folder, 'people.jsonl');
  const lines = Array.from({ length: people }, (_, i) =>
    JSON.stringify({
      schema_id: 'person',
      traits: { email: `another-${i}@example.org` },
      credentials: { password: { config: { hashed_password: HASH } } },
    }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  say(`people.jsonl: ${Math.round(statSync(file).size / 2 ** 20)} MiB`);
  const [publicPort, adminPort] = await freePorts();
  const config = path.join(folder, 'bia.json');
  const serve = {
    public: { host: '127.0.0.1', port: publicPort },
    admin: { host: '127.0.0.1', port: adminPort },
  };
  writeFileSync(config, JSON.stringify({ ...sharedConfig(used), serve, log: { level: 'error' } }));
  const server = spawn(process.execPath, [program, 'serve', '-c', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const endpoint = `http://127.0.0.1:${adminPort}`;
  told(
    'identities import (memory of the server)',
    await run(['identities', 'import', file, '-e', endpoint, '-q'], server.pid),
  );
  server.kill('SIGTERM');
  await new Promise((resolve) => server.on('exit', resolve));
  if (!used.startsWith('sqlite://')) return;
  const database = new DatabaseSync(used.slice('sqlite://'.length), { readOnly: true });
  say(JSON.stringify(database.prepare('select count(*) as identities from identities').get()));
  database.close();
}
