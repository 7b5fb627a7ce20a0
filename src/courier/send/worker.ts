// The worker: claims what is due, sends it, and writes down what became of it. It ends only when it is told to.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import { newUuid } from '../../lib/ids.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import type { ClaimedMessage, CourierMessage, Dispatch, MessageStore } from '../message.ts';
import { DeliveryError, deliveryErrorToJson, type Prepare, SEND_LIMIT_MS } from './delivery.ts';
import { afterFailure, type NextStep, type RetryRules } from './retry.ts';

/** What may change with the configuration; asked for anew at each claim. */
export interface WorkerSettings extends RetryRules {
  /** Messages that are sent at the same time. */
  readonly atOnce: number;
  /** Longest time between two looks at the queue. */
  readonly lookEveryMs: number;
  /** Undefined where there is no way to send: messages wait. */
  readonly prepare: Prepare | undefined;
  /** Texts are not kept once they are sent: nobody is shown them. */
  readonly forgetsTexts: boolean;
}

export type Outcome = 'sent' | 'failed' | 'abandoned';

export interface WorkerOptions {
  readonly messages: Pick<MessageStore, 'claim' | 'settle' | 'nextDueAtMs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => WorkerSettings;
  readonly onOutcome?: (outcome: Outcome, message: CourierMessage) => void;
}

export interface Worker {
  /** Looks at the queue at once instead of at the next time. */
  wake(): void;
  /** Claims nothing more, and ends when what is being sent has been sent. */
  stop(): Promise<void>;
}

const PREPARE_LIMIT_MS = 20_000;
/**
 * Longer than preparing and sending together, with a rest for a slow database and for clocks of other machines that go
 * ahead: only then does "the lease ran out" mean that its holder is gone, and nothing is sent twice.
 */
const LEASE_MS = 60_000;
/** A message whose worker vanished while it sent is not at fault, unless that happens again and again. */
const FORGIVEN_CRASHES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export function startWorker(options: WorkerOptions): Worker {
  const { messages, clock, log, settings } = options;
  const stopping = new AbortController();
  const inFlight = new Set<Promise<void>>();
  let isWoken = false;
  /** The last claim got all that it asked for: there is no need to ask whether anything is due. */
  let hasMore = false;
  let endPause: () => void = () => undefined;

  const wake = (): void => {
    isWoken = true;
    endPause();
  };

  /** Until somebody wakes the worker, but not longer. */
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

  function start(claimed: ClaimedMessage, rules: WorkerSettings & { readonly prepare: Prepare }): void {
    const untilMs = clock.nowMs() + LEASE_MS;
    const done = attempt(claimed, rules, untilMs)
      // A fault of ours: the lease runs out, and the message is tried again.
      .catch((error: unknown) => log.error('a message was lost sight of', { error }))
      .finally(() => {
        inFlight.delete(done);
        // A place is free.
        wake();
      });
    inFlight.add(done);
  }

  /** Fills the free places; returns how long nothing will be due. */
  async function fill(): Promise<number> {
    const { prepare, ...rules } = settings();
    if (!prepare) return rules.lookEveryMs;
    const free = rules.atOnce - inFlight.size;
    if (free <= 0) return LEASE_MS;
    const nowMs = clock.nowMs();
    if (!hasMore) {
      const dueAtMs = (await messages.nextDueAtMs()) ?? Number.POSITIVE_INFINITY;
      if (dueAtMs > nowMs) return Math.min(dueAtMs - nowMs, rules.lookEveryMs);
    }
    const claimed = await messages.claim({ nowMs, leaseMs: LEASE_MS, limit: free });
    hasMore = claimed.length === free;
    for (const each of claimed) start(each, { ...rules, prepare });
    // None: another worker was quicker.
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
        log.error('the queue of messages could not be read', { error, failures });
        await pause(pauseMs(failures));
      }
    }
    await Promise.all(inFlight);
  }

  async function attempt(
    { message, lease }: ClaimedMessage,
    rules: WorkerSettings & { readonly prepare: Prepare },
    untilMs: number,
  ): Promise<void> {
    const failure = await failureOf(message, rules, untilMs);
    const nowMs = clock.nowMs();
    const next: NextStep = failure
      ? afterFailure({ attempt: message.sendCount, isFinal: failure.isFinal, nowMs }, rules)
      : { status: 'sent', nextAttemptAtMs: nowMs };
    const dispatch: Dispatch = {
      id: newUuid(),
      messageId: message.id,
      status: failure ? 'failed' : 'success',
      error: failure ? deliveryErrorToJson(failure) : null,
      createdAtMs: nowMs,
    };
    tell(message, next, failure);
    await settle({ messageId: message.id, lease, ...next, dispatch, forgetsTexts: rules.forgetsTexts });
  }

  async function failureOf(
    message: CourierMessage,
    { prepare, retries }: WorkerSettings & { readonly prepare: Prepare },
    untilMs: number,
  ): Promise<DeliveryError | undefined> {
    try {
      if (message.sendCount > retries + 1 + FORGIVEN_CRASHES) {
        const reason = 'The process that sent it ended before it could say what became of it, several times.';
        throw new DeliveryError('crashed', reason, { isFinal: true });
      }
      const send = await inTime(prepare(message));
      // This process may have stood still, or the clock was set: by now the message may be somebody else's.
      if (clock.nowMs() + SEND_LIMIT_MS > untilMs) {
        throw new DeliveryError('late', 'It took too long to make the message ready.');
      }
      await send();
      return undefined;
    } catch (error) {
      if (error instanceof DeliveryError) return error;
      log.error('a message could not be sent for a reason of our own', { message_id: message.id, error });
      return new DeliveryError('internal', 'Something went wrong on our side; the log has the cause.');
    }
  }

  /**
   * Until it is written down. Giving up early would send the message again. Where the database stays away the lease runs out
   * at last, and another worker's claim makes ours worthless.
   */
  async function settle(of: Parameters<MessageStore['settle']>[0]): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        const isOurs = await messages.settle(of);
        if (!isOurs) log.warn('another worker has taken over a message', { message_id: of.messageId });
        return;
      } catch (error) {
        log.error('what became of a message could not be written down', {
          message_id: of.messageId,
          error,
        });
        if (stopping.signal.aborted) return;
        await wait(pauseMs(failures), undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  function tell(message: CourierMessage, next: NextStep, failure: DeliveryError | undefined): void {
    const facts: LogFields = {
      message_id: message.id,
      channel: message.channel,
      template: message.templateName,
      attempt: message.sendCount,
      ...(failure ? { failure: failure.label } : {}),
    };
    if (!failure) log.info('a message was sent', facts);
    else if (next.status === 'abandoned') log.error('a message could not be sent and is given up', facts);
    else
      log.warn('a message could not be sent and is tried again', {
        ...facts,
        wait_ms: next.nextAttemptAtMs - clock.nowMs(),
      });
    const outcome = next.status === 'queued' ? 'failed' : next.status;
    options.onOutcome?.(outcome, message);
  }

  const running = run();
  return {
    wake,
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}

const pauseMs = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);

async function inTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = wait(PREPARE_LIMIT_MS, undefined, { signal: over.signal }).then(() => {
    throw new DeliveryError('late', 'It took too long to make the message ready.');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
