// What follows from an attempt to send: sent, once more later, or given up.
import type { MessageStatus } from '../message.ts';

export interface RetryRules {
  /** Attempts after the first one. */
  readonly retries: number;
  /** Before the first retry. */
  readonly firstWaitMs: number;
}

export interface NextStep {
  readonly status: Exclude<MessageStatus, 'processing'>;
  readonly nextAttemptAtMs: number;
}

const GROWTH = 4;
const LONGEST_WAIT_MS = 10 * 60_000;

/** Each wait is four times the one before: a mail server that is being restarted gets minutes, not seconds. */
export function afterFailure(
  of: { readonly attempt: number; readonly isFinal: boolean; readonly nowMs: number },
  { retries, firstWaitMs }: RetryRules,
): NextStep {
  const { attempt, isFinal, nowMs } = of;
  if (isFinal || attempt > retries) return { status: 'abandoned', nextAttemptAtMs: nowMs };
  const waitMs = Math.min(firstWaitMs * GROWTH ** (attempt - 1), LONGEST_WAIT_MS);
  return { status: 'queued', nextAttemptAtMs: nowMs + waitMs };
}
