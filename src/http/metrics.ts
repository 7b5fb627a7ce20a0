// What Prometheus can read about this process: requests, security events, waiting hashes, memory and time (contract/platform.md section 8).
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { SecurityEvent } from '../event/event.ts';
import { type CountedRequest, createRequestTally } from './request-tally.ts';

export interface Metrics {
  /** Runs on each request; see request-tally.ts for its cost. */
  readonly countRequest: (request: CountedRequest) => void;
  readonly countEvent: (event: Pick<SecurityEvent, 'kind' | 'reason'>) => void;
  readonly text: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
  readonly version: string;
  /** Hashes of passwords that run and that wait at this moment. */
  readonly hashPool?: () => { readonly running: number; readonly waiting: number };
}

/** Reasons are ids of messages and errors, but hooks bring their own: those beyond this number share one name. */
const MAX_REASONS = 500;

export function createMetrics({ version, hashPool }: MetricsOptions): Metrics {
  const labels = { app: 'bia', version };
  const tally = createRequestTally();
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  const registers = [registry];
  const events = new Counter({
    name: 'bia_security_events_total',
    help: 'Security events by kind and reason.',
    labelNames: ['kind', 'reason'],
    registers,
  });
  if (hashPool) addHashGauges(registry, hashPool);
  const reasons = new Set<string>();
  const boundedReason = (reason: string): string => {
    if (!/^[\w.:-]{1,64}$/.test(reason)) return 'other';
    if (!reasons.has(reason) && reasons.size >= MAX_REASONS) return 'other';
    reasons.add(reason);
    return reason;
  };
  return {
    countRequest: tally.count,
    countEvent: ({ kind, reason }) =>
      events.inc({ kind, ...(reason === undefined ? {} : { reason: boundedReason(reason) }) }),
    text: async () => {
      const own = await registry.metrics();
      const ofProcess = await processRegistry().metrics();
      return { contentType: registry.contentType, body: `${tally.text(labels)}\n${own}\n${ofProcess}` };
    },
  };
}

function addHashGauges(registry: Registry, hashPool: NonNullable<MetricsOptions['hashPool']>): void {
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('bia_hashes_running', 'Hashes of passwords that are computed now.', () => hashPool().running);
  gauge('bia_hashes_waiting', 'Hashes of passwords that wait for a place.', () => hashPool().waiting);
}

let shared: Registry | undefined;

/**
 * Memory, CPU, garbage collection, delay of the event loop. One for the process however many servers it holds, and from the
 * first scrape on: watching collections and delays costs a little, and nobody pays who never looks.
 */
function processRegistry(): Registry {
  if (!shared) {
    shared = new Registry();
    collectDefaultMetrics({ register: shared });
  }
  return shared;
}
