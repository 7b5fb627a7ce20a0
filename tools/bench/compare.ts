// Two servers side by side: the same loads in turn, so that whatever else the machine does meets both.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import autocannon from 'autocannon';
import { type ComparedServer, type People, startCompared } from './compared-server.ts';

export interface CompareOptions {
  /** What is put before `serve -c FILE`, such as `node bin/bia.mjs` or the path of a Kratos. */
  readonly commands: readonly [string, string];
  readonly identityCount: number;
  readonly rounds: number;
  readonly requests: number;
  readonly only: string | undefined;
}

interface ComparedLoad {
  readonly name: string;
  readonly connections: number;
  /** Part of the usual number of requests. */
  readonly share: number;
  readonly port: 'public' | 'admin';
  readonly requests: (people: People, connection: number) => autocannon.Request[];
}

const JSON_CLIENT = { accept: 'application/json' };

/** Each connection acts for other people. */
const share = <T>(all: readonly T[], connection: number): readonly T[] =>
  all.filter((_, index) => index % 16 === connection % 16);

const LOADS: readonly ComparedLoad[] = [
  {
    name: 'whoami, token',
    connections: 16,
    share: 1,
    port: 'public',
    requests: ({ tokens }, connection) =>
      share(tokens, connection).map((token) => ({
        path: '/sessions/whoami',
        headers: { ...JSON_CLIENT, 'x-session-token': token },
      })),
  },
  {
    name: 'login start, app',
    connections: 16,
    share: 0.5,
    port: 'public',
    requests: () => [{ path: '/self-service/login/api', headers: JSON_CLIENT }],
  },
  {
    name: 'fetch a flow',
    connections: 16,
    share: 1,
    port: 'public',
    requests: ({ flows }, connection) =>
      share(flows, connection).map((flow) => ({
        path: `/self-service/login/flows?id=${flow}`,
        headers: JSON_CLIENT,
      })),
  },
  {
    name: 'admin, one identity',
    connections: 16,
    share: 0.5,
    port: 'admin',
    requests: ({ ids }, connection) =>
      share(ids, connection).map((id) => ({ path: `/admin/identities/${id}`, headers: JSON_CLIENT })),
  },
  {
    name: 'admin, list of 250',
    connections: 4,
    share: 0.02,
    port: 'admin',
    requests: () => [{ path: '/admin/identities?page_size=250', headers: JSON_CLIENT }],
  },
];

interface Sample {
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly failures: number;
}

export async function compare(options: CompareOptions, say: (text: string) => void): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bia-compare-'));
  const servers: ComparedServer[] = [];
  try {
    for (const [index, command] of options.commands.entries()) {
      say(`starting and filling: ${command}`);
      servers.push(
        await startCompared(command, {
          folder: path.join(folder, String(index)),
          identityCount: options.identityCount,
        }),
      );
    }
    const loads = LOADS.filter(({ name }) => name.includes(options.only ?? ''));
    const samples = new Map<string, Sample[]>();
    // The first round warms up: the engine compiles what it has seen often enough.
    for (let round = 0; round <= options.rounds; round += 1) {
      for (const load of loads) {
        for (const [index, server] of servers.entries()) {
          say(`round ${round} of ${options.rounds}: ${load.name}`);
          const sample = await measureOne(server, load, Math.ceil(options.requests * load.share));
          const key = `${load.name}/${index}`;
          if (round > 0) samples.set(key, [...(samples.get(key) ?? []), sample]);
        }
      }
    }
    return report(options, { servers, loads, samples });
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOne(server: ComparedServer, load: ComparedLoad, amount: number): Promise<Sample> {
  let connection = 0;
  const before = server.cpuUs();
  const result = await autocannon({
    url: load.port === 'public' ? server.publicUrl : server.adminUrl,
    connections: load.connections,
    amount,
    setupClient: (client) => {
      client.setRequests(load.requests(server.people, connection));
      connection += 1;
    },
  });
  const cpuUs = (server.cpuUs() - before) / amount;
  const { p50, p99, p99_9 } = result.latency;
  return { cpuUs, p50Ms: p50, p99Ms: p99, p999Ms: p99_9, failures: result.non2xx + result.errors };
}

function report(
  { commands }: CompareOptions,
  of: {
    readonly servers: readonly ComparedServer[];
    readonly loads: readonly ComparedLoad[];
    readonly samples: ReadonlyMap<string, readonly Sample[]>;
  },
): string {
  const lines = commands.map((command, index) => `${'AB'[index]}: ${command}`);
  lines.push('', 'processor time per request; median of the rounds, and p50/p99/p99.9 of the waits in ms');
  for (const { name } of of.loads) {
    const [a, b] = [0, 1].map((index) => of.samples.get(`${name}/${index}`) ?? []);
    const cells = [a ?? [], b ?? []].map((samples) => {
      const of = (pick: (sample: Sample) => number): number => median(samples.map(pick));
      const failed = samples.reduce((sum, { failures }) => sum + failures, 0);
      const waits = [of((s) => s.p50Ms), of((s) => s.p99Ms), of((s) => s.p999Ms)].join('/');
      return `${of((s) => s.cpuUs).toFixed(0)} µs (${waits})${failed > 0 ? ` ${failed} FAILED` : ''}`;
    });
    const ratio = median((a ?? []).map(({ cpuUs }, index) => cpuUs / (b?.[index]?.cpuUs ?? Number.NaN)));
    lines.push(
      `${name.padEnd(22)} A ${(cells[0] ?? '').padEnd(26)} B ${(cells[1] ?? '').padEnd(26)} A/B ${ratio.toFixed(2)}`,
    );
  }
  const memory = of.servers.map(({ restingMib, residentMib }, index) => {
    return `${'AB'[index]} ${restingMib.toFixed(0)} MiB before, ${residentMib().toFixed(0)} MiB after`;
  });
  const starts = of.servers.map(({ startMs }, index) => `${'AB'[index]} ${startMs.toFixed(0)} ms`);
  lines.push(
    `resident memory        ${memory.join('; ')}`,
    `start until ready      ${starts.join('; ')}`,
    '',
  );
  return lines.join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
