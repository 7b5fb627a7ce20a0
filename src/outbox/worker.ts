// The worker of the outbox: claims what is due, delivers it, and writes down what became of it. It ends only when it is told to.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import type { ClaimedEvent, DeliveryOutcome, OutboxEvent, OutboxStore } from './event.ts';
import { createTargets } from './targets.ts';

/** What may change with the configuration; asked for anew at each claim. */
export interface OutboxSettings {
  /**
   * Takes no longer than DELIVERY_LIMIT_MS. What it throws is a fault of ours, and counts as a failure. Undefined where
   * nothing may be written: events wait.
   */
  readonly deliver: ((event: OutboxEvent) => Promise<DeliveryOutcome>) | undefined;
  /** Longest time between two looks. */
  readonly lookEveryMs: number;
  /** After so long of failures an event is given up. */
  readonly giveUpAfterMs: number;
}

export interface OutboxWorkerOptions {
  readonly events: Pick<OutboxStore, 'claim' | 'settle' | 'nextDueAtMs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => OutboxSettings;
}

export interface OutboxWorker {
  /** Looks at once instead of at the next time. */
  wake(): void;
  /** Claims nothing more, and ends when what is on its way has arrived. */
  stop(): Promise<void>;
}

type Rules = OutboxSettings & { readonly deliver: NonNullable<OutboxSettings['deliver']> };

const AT_ONCE = 24;
const AT_ONCE_TO_ONE = 8;
/** A try may take so long, all in all. */
export const DELIVERY_LIMIT_MS = 60_000;
/** Longer than a try takes, with a rest for a slow database and clocks of other machines that go ahead. */
const LEASE_MS = DELIVERY_LIMIT_MS + 60_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** 1 s, 2 s, 4 s … up to five minutes. */
export const waitAfter = (attempts: number): number =>
  Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_WAIT_MS);

const pauseMs = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);

export function startOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { events, clock, log, settings } = options;
  const targets = createTargets(AT_ONCE_TO_ONE);
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let isWoken = false;
  let endPause: () => void = () => undefined;

  const wake = (): void => {
    isWoken = true;
    endPause();
  };

  async function pause(ms: number): Promise<void> {
    if (!isWoken && !stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    isWoken = false;
  }

  function start(claimed: ClaimedEvent, rules: Rules): void {
    const { target } = claimed.event;
    targets.started(target);
    let isDelivered = false;
    const done = attempt(claimed, rules)
      .then((outcome) => {
        isDelivered = outcome.isDone;
      })
      // A fault of ours: the lease runs out, and the event is tried again.
      .catch((error: unknown) => log.error('an event was lost sight of', { error }))
      .finally(() => {
        targets.ended(target, { isDelivered, nowMs: clock.nowMs() });
        inFlight.delete(done);
        // A place is free, and the next of its stream may go.
        wake();
      });
    inFlight.add(done);
  }

  /** Fills the free places; returns how long there is nothing to do. */
  async function fill(): Promise<number> {
    const { deliver, ...rest } = settings();
    if (!deliver) return rest.lookEveryMs;
    const rules: Rules = { ...rest, deliver };
    const free = AT_ONCE - inFlight.size;
    if (free <= 0) return rules.lookEveryMs;
    const nowMs = clock.nowMs();
    const dueAtMs = (await events.nextDueAtMs()) ?? Number.POSITIVE_INFINITY;
    if (dueAtMs > nowMs) return Math.min(dueAtMs - nowMs, rules.lookEveryMs);
    // No more at once than one service may get: a claim does not know how they spread.
    const limit = Math.min(free, AT_ONCE_TO_ONE);
    const claimed = await events.claim({
      nowMs,
      leaseMs: LEASE_MS,
      limit,
      exceptTargets: targets.busy(nowMs),
    });
    for (const each of claimed) start(each, rules);
    return claimed.length === 0 ? rules.lookEveryMs : 0;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const idleMs = await fill();
        failures = 0;
        if (idleMs > 0) await pause(idleMs);
      } catch (error) {
        failures += 1;
        log.error('the outbox could not be read', { error, failures });
        await pause(pauseMs(failures));
      }
    }
    await Promise.all(inFlight);
  }

  async function attempt({ event, lease }: ClaimedEvent, rules: Rules): Promise<DeliveryOutcome> {
    const startedAtMs = performance.now();
    const outcome = await rules.deliver(event).catch((error: unknown): DeliveryOutcome => {
      log.error('an event could not be sent for a reason of our own', { event_id: event.id, error });
      return { isDone: false, label: 'internal' };
    });
    const tookMs = Math.round(performance.now() - startedAtMs);
    const nowMs = clock.nowMs();
    const isOver = nowMs - event.queuedAtMs >= rules.giveUpAfterMs;
    const status = outcome.isDone ? 'delivered' : isOver ? 'abandoned' : 'queued';
    tell(event, outcome, status);
    await settle({
      eventId: event.id,
      lease,
      status,
      nextAttemptAtMs: nowMs + waitAfter(event.attempts),
      attempt: { id: newUuid(), eventId: event.id, outcome: outcome.label, tookMs, atMs: nowMs },
    });
    return outcome;
  }

  function tell(event: OutboxEvent, { label: outcome }: DeliveryOutcome, status: string): void {
    const facts = { event_id: event.id, kind: event.kind, target: event.target, attempt: event.attempts };
    if (status === 'delivered') log.debug('an event was delivered', facts);
    else if (status === 'abandoned')
      log.error('an event could not be delivered and is given up', { ...facts, outcome });
    else log.warn('an event could not be delivered and is tried again', { ...facts, outcome });
  }

  /** Until it is written down: giving up early would deliver the event again. */
  async function settle(of: Parameters<OutboxStore['settle']>[0]): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        const isOurs = await events.settle(of);
        if (!isOurs) log.warn('another worker has taken over an event', { event_id: of.eventId });
        return;
      } catch (error) {
        log.error('what became of an event could not be written down', { event_id: of.eventId, error });
        if (stopping.signal.aborted) return;
        await wait(pauseMs(failures), undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  const running = run();
  return {
    wake,
    stop: async () => {
      stopping.abort();
      endPause();
      await running;
    },
  };
}
