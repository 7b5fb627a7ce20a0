// All figures of one database: fills it, starts the server on its core, sends each load from the other, counts statements.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLoader } from '../../src/app/parts.ts';
import { newCsrfToken } from '../../src/form/csrf-token.ts';
import { DEFAULT_ARGON2 } from '../../src/hash/argon2.ts';
import { createHasher } from '../../src/hash/hasher.ts';
import { createCookies } from '../../src/http/guard/cookies.ts';
import { createSealer } from '../../src/lib/cipher.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { openDatabase } from '../../src/store/open.ts';
import { openThrowAway } from './database.ts';
import {
  COOKIE_SECRET,
  type Installation,
  install,
  pause,
  type Start,
  startBare,
  startServer,
} from './installation.ts';
import type { LoadResult } from './load.ts';
import { BARE, LOADS, type Load, type LoadData } from './loads.ts';
import type { BenchOptions, DatabaseKind } from './options.ts';
import { becomesReady, cpuMsOf, runForJson, startNode, stop } from './pinned.ts';
import { type Population, populate } from './population.ts';
import { countStatements, type StatementCount } from './statements.ts';

export interface Measured {
  readonly perSecond: number;
  readonly p99Ms?: number;
  readonly failures: number;
  /** Processor time of the server for each request, sign-in or hash. */
  readonly cpuUs: number;
  /** Processor time of the server in one second. */
  readonly coreShare: number;
}

export interface Figures {
  readonly bare: Measured;
  readonly hash: Measured;
  readonly loads: readonly { readonly load: Load; readonly result: Measured }[];
  /** Of the start that is the median of several. */
  readonly coldStart: Start;
  /** The same of a server of one line, started in turn with the other. */
  readonly bareStart: Start;
  readonly idleMib: number;
  readonly loadedMib: number;
  readonly statements: readonly StatementCount[];
}

const PASSWORD = 'correct horse battery staple';

export async function measure(
  kind: DatabaseKind,
  options: BenchOptions,
  of: { readonly folder: string; readonly say: (text: string) => void },
): Promise<Figures> {
  const database = await openThrowAway(kind, of.folder);
  try {
    const installation = await install(of.folder, database.dsn);
    const data = await fill(installation, database.dsn, { ...options, say: of.say });
    const dataFile = path.join(of.folder, 'data.json');
    writeFileSync(dataFile, JSON.stringify(data));
    const send = (name: string, url: string, ...seconds: readonly string[]) =>
      runForJson('load', [here('load.ts'), name, dataFile, url, ...seconds], of.folder);
    const measured = async (name: string, url: string, cpuMs: () => number): Promise<Measured> => {
      of.say(`${kind}: ${name}`);
      await send(name, url);
      const beforeMs = cpuMs();
      const result = (await send(name, url, String(options.seconds))) as LoadResult; // load.ts prints one
      const usedMs = cpuMs() - beforeMs;
      const cpuUs = (usedMs * 1000) / result.count;
      return { ...result, cpuUs, coreShare: (result.perSecond * cpuUs) / 1e6 };
    };
    of.say(`${kind}: cold starts`);
    const { coldStart, bareStart } = await coldStarts(installation, options.coldStarts);
    const bare = await withBareServer(of.folder, (url, cpuMs) => measured(BARE.name, url, cpuMs));
    of.say(`${kind}: the hash alone`);
    const hashAlone = [here('hash-alone.ts'), String(options.seconds)];
    const hash = (await runForJson('server', hashAlone, of.folder)) as Measured; // hash-alone.ts prints one
    of.say(`${kind}: at rest`);
    const server = await startServer(installation, profileArgs(options, kind));
    try {
      await pause(1_000);
      const idleMib = server.residentMib();
      const loads: { load: Load; result: Measured }[] = [];
      for (const load of LOADS.filter(({ name }) => name.includes(options.only ?? ''))) {
        const result = await measured(load.name, installation.publicUrl, server.cpuMs);
        loads.push({ load, result });
      }
      const loadedMib = server.residentMib();
      of.say(`${kind}: counting statements`);
      const statements = await countStatements(installation, data);
      return { bare, hash, loads, coldStart, bareStart, idleMib, loadedMib, statements };
    } finally {
      await server.stop();
    }
  } finally {
    await database.remove();
  }
}

const here = (file: string): string => path.join(import.meta.dirname, file);

function profileArgs({ profileFolder }: BenchOptions, kind: DatabaseKind): readonly string[] {
  if (profileFolder === undefined) return [];
  mkdirSync(profileFolder, { recursive: true });
  return [
    '--cpu-prof',
    `--cpu-prof-dir=${path.resolve(profileFolder)}`,
    `--cpu-prof-name=${kind}.cpuprofile`,
  ];
}

async function fill(
  installation: Installation,
  dsn: string,
  of: BenchOptions & { readonly say: (text: string) => void },
): Promise<LoadData> {
  const database = openDatabase({ dsn, clock: systemClock });
  try {
    await database.migrateUp();
    const hasher = createHasher({ algorithm: 'argon2', argon2: DEFAULT_ARGON2 });
    const population = await populate(database, {
      identityCount: of.identityCount,
      sessionCount: of.sessionCount,
      passwordHash: await hasher.hash(PASSWORD),
      nowMs: systemClock.nowMs(),
      onProgress: (stored) => {
        // A line for each tenth.
        if (stored % (of.identityCount / 10) > 0) return;
        of.say(`${database.kind}: ${stored} of ${of.identityCount} identities`);
      },
    });
    return {
      publicUrl: installation.publicUrl,
      identifiers: population.identifiers,
      password: PASSWORD,
      tokens: population.sessions.map(({ token }) => token),
      cookies: cookieHeaders(installation, population),
    };
  } finally {
    await database.close();
  }
}

/** What a browser sends back after a sign-in: both cookies. */
function cookieHeaders({ config, publicUrl }: Installation, { sessions }: Population): readonly string[] {
  const loaded = createLoader().load({ files: [], env: {}, base: config });
  const cookies = createCookies(loaded.config, {
    sealer: createSealer([COOKIE_SECRET], 'cookie'),
    newestSealer: createSealer([COOKIE_SECRET], 'cookie'),
    deviceSealer: createSealer([COOKIE_SECRET], 'known device'),
    publicUrl,
    nowMs: Date.now,
  });
  const pair = (setCookie: string): string => setCookie.slice(0, setCookie.indexOf(';'));
  return sessions.map(({ token, expiresAtMs }) =>
    [
      pair(cookies.csrf(newCsrfToken())),
      pair(cookies.session({ token, expiresAtMs }, systemClock.nowMs())),
    ].join('; '),
  );
}

async function coldStarts(
  installation: Installation,
  times: number,
): Promise<Pick<Figures, 'coldStart' | 'bareStart'>> {
  // The first start of an installation compiles what the others find (bin/bia.mjs).
  await (await startServer(installation)).stop();
  const starts: Start[] = [];
  const bareStarts: Start[] = [];
  for (let start = 0; start < times; start += 1) {
    // In turn, so that the machine is as busy for the one as for the other.
    bareStarts.push(await startBare(installation));
    const server = await startServer(installation);
    starts.push(server.start);
    await server.stop();
  }
  return { coldStart: median(starts), bareStart: median(bareStarts) };
}

async function withBareServer<T>(
  folder: string,
  use: (url: string, cpuMs: () => number) => Promise<T>,
): Promise<T> {
  const { publicUrl: url } = await install(folder, 'memory', 'bare.json');
  const child = startNode('server', [here('bare.ts'), new URL(url).port], { cwd: folder, output: 'ignore' });
  try {
    await becomesReady(child, url);
    return await use(url, () => cpuMsOf(child));
  } finally {
    await stop(child);
  }
}

function median(starts: readonly Start[]): Start {
  const sorted = starts.toSorted((a, b) => a.wallMs - b.wallMs);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (!middle) throw new Error('nothing was started');
  return middle;
}
