// What Prometheus can read about this process: requests, security events, waiting hashes, memory and time (docs/protocol/platform.md section 8).
import type { Registry } from 'prom-client';
import type { CourierMessage } from '../../courier/message.ts';
import type { Outcome } from '../../courier/send/worker.ts';
import type { SecurityEvent } from '../../event/event.ts';
import { type CountedRequest, createRequestTally } from './request-tally.ts';

export interface Metrics {
  /** Runs on each request; see request-tally.ts for its cost. */
  readonly countRequest: (request: CountedRequest) => void;
  readonly countEvent: (event: Pick<SecurityEvent, 'kind' | 'reason'>) => void;
  /** A message to a person was queued, sent, failed for now, or given up. */
  readonly countMessage: (what: 'queued' | Outcome, message: Pick<CourierMessage, 'channel'>) => void;
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
  // Those of Kratos, by whose values dashboards for it choose what they show; there is no build that has a hash or a time.
  const labels = { app: 'kratos', version, hash: 'undefined', buildTime: 'undefined' };
  const tally = createRequestTally();
  const events = createEventTally();
  const messages = createMessageTally();
  let own: Promise<Registry> | undefined;
  return {
    countRequest: tally.count,
    countEvent: events.count,
    countMessage: messages.count,
    text: async () => {
      own ??= ownRegistry(labels, { events, messages, hashPool });
      ofProcess ??= processRegistry();
      const registry = await own;
      const parts = [tally.text(labels), await registry.metrics(), await (await ofProcess).metrics()];
      return { contentType: registry.contentType, body: parts.join('\n') };
    },
  };
}

type EventLabels = { readonly kind: string; readonly reason?: string };

interface EventTally {
  readonly count: Metrics['countEvent'];
  readonly counts: () => Iterable<{ readonly labels: EventLabels; readonly count: number }>;
}

function createEventTally(): EventTally {
  const counted = new Map<string, { readonly labels: EventLabels; count: number }>();
  const reasons = new Set<string>();
  const boundedReason = (reason: string): string => {
    if (!/^[\w.:-]{1,64}$/.test(reason)) return 'other';
    if (!reasons.has(reason) && reasons.size >= MAX_REASONS) return 'other';
    reasons.add(reason);
    return reason;
  };
  return {
    count: ({ kind, reason: given }) => {
      const reason = given === undefined ? undefined : boundedReason(given);
      const key = `${kind} ${reason ?? ''}`;
      const known = counted.get(key);
      if (known) known.count += 1;
      else counted.set(key, { labels: { kind, ...(reason === undefined ? {} : { reason }) }, count: 1 });
    },
    counts: () => counted.values(),
  };
}

interface MessageTally {
  readonly count: Metrics['countMessage'];
  readonly counts: () => Iterable<{
    readonly labels: { readonly channel: string; readonly what: string };
    readonly count: number;
  }>;
}

function createMessageTally(): MessageTally {
  const counted = new Map<string, { readonly labels: { channel: string; what: string }; count: number }>();
  return {
    count: (what, { channel }) => {
      const known = counted.get(`${channel} ${what}`);
      if (known) known.count += 1;
      else counted.set(`${channel} ${what}`, { labels: { channel, what }, count: 1 });
    },
    counts: () => counted.values(),
  };
}

/**
 * Loaded by the first who looks. Measured: it brings 90 files with it, a twentieth of a second of each start and 15 MiB for
 * as long as the server runs.
 */
const prometheus = () => import('prom-client');

async function ownRegistry(
  labels: Readonly<Record<string, string>>,
  of: {
    readonly events: EventTally;
    readonly messages: MessageTally;
    readonly hashPool: MetricsOptions['hashPool'];
  },
): Promise<Registry> {
  const { Counter, Gauge, Registry } = await prometheus();
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  const registers = [registry];
  new Counter({
    name: 'bia_security_events_total',
    help: 'Security events by kind and reason.',
    labelNames: ['kind', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { labels, count } of of.events.counts()) this.inc(labels, count);
    },
  });
  new Counter({
    name: 'bia_courier_messages_total',
    help: 'Messages to people: queued, sent, failed and tried again, abandoned.',
    labelNames: ['channel', 'what'],
    registers,
    collect() {
      this.reset();
      for (const { labels, count } of of.messages.counts()) this.inc(labels, count);
    },
  });
  const { hashPool } = of;
  if (!hashPool) return registry;
  const gauge = (name: string, help: string, value: () => number): unknown =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('bia_hashes_running', 'Hashes of passwords that are computed now.', () => hashPool().running);
  gauge('bia_hashes_waiting', 'Hashes of passwords that wait for a place.', () => hashPool().waiting);
  return registry;
}

let ofProcess: Promise<Registry> | undefined;

/**
 * Memory, CPU, garbage collection, delay of the event loop. One for the process however many servers it holds, and from the
 * first scrape on: watching collections and delays costs a little, and nobody pays who never looks.
 */
async function processRegistry(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await prometheus();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
