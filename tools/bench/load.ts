// A process that sends one load and prints what came of it: `load.ts NAME DATA_FILE URL SECONDS`; without seconds, its warm-up.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import { BARE, LOADS, type LoadData } from './loads.ts';

export interface LoadResult {
  readonly count: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with another status than the load expects, and requests without one. */
  readonly failures: number;
}

if (import.meta.main) {
  const [name, dataFile = '', url = '', seconds] = process.argv.slice(2);
  const load = [BARE, ...LOADS].find((candidate) => candidate.name === name);
  if (!load) throw new Error(`there is no load ${name}`);
  const data = JSON.parse(readFileSync(dataFile, 'utf8')) as LoadData; // run.ts has written it
  let connection = 0;
  const startedAt = performance.now();
  const result = await autocannon({
    url,
    connections: load.connections,
    ...(seconds === undefined ? { amount: load.warmUpRequests } : { duration: Number(seconds) }),
    setupClient: (client) => {
      client.setRequests(load.requests(data, connection));
      connection += 1;
    },
  });
  const tookS = (performance.now() - startedAt) / 1000;
  const byStatus = Object.entries(result.statusCodeStats ?? {});
  const count = (isWanted: boolean): number =>
    byStatus.reduce((sum, [status, { count }]) => {
      return (Number(status) === load.status) === isWanted ? sum + Number(count) : sum;
    }, 0);
  const units = count(true) / load.requestsPerUnit;
  const answer: LoadResult = {
    count: units,
    perSecond: units / tookS,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: count(false) + result.errors,
  };
  process.stdout.write(JSON.stringify(answer));
}
