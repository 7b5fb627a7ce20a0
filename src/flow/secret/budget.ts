// How often may one guess, and how often may one have messages sent? Counted over all flows, so that a fresh flow gives no fresh tries.
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../lib/clock.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Flow } from '../flow.ts';
import type { CounterStore } from '../store.ts';

/** Shown where nothing more may be sent for now. */
export const TOO_MANY_MESSAGES = 'Too many messages were asked for. Please wait a while and try again.';

export interface BudgetSettings {
  /** Wrong or right: tries against one account or address in one window. */
  readonly triesPerAccount: number;
  readonly triesWindowMs: number;
  /** Messages to one address, and messages that one client address causes, in one window. */
  readonly sendsPerAddress: number;
  readonly sendsPerClient: number;
  readonly sendsWindowMs: number;
  /** Client addresses that are counted but never refused, such as loopback. */
  readonly isExempt: (clientIp: string) => boolean;
}

/** The settings of `security.one_time_secrets`. */
export function budgetSettings({ security }: Config, isExempt: BudgetSettings['isExempt']): BudgetSettings {
  const { one_time_secrets } = security;
  return {
    triesPerAccount: one_time_secrets.tries_per_account,
    triesWindowMs: one_time_secrets.tries_window,
    sendsPerAddress: one_time_secrets.sends_per_address,
    sendsPerClient: one_time_secrets.sends_per_client,
    sendsWindowMs: one_time_secrets.sends_window,
    isExempt,
  };
}

export interface Budget {
  /**
   * Counts a try before anything is compared, so that parallel guesses count too. False where the flow or the account has
   * none left. `accounts` are those whose secrets are guessed at: identity's id, or the address where nobody is known.
   */
  readonly countTry: (of: {
    readonly flow: Pick<Flow, 'id' | 'expiresAtMs'>;
    readonly accounts: readonly (IdentityId | string)[];
    readonly maxPerFlow: number;
  }) => Promise<boolean>;
  /** Counts a message before it is made, whether or not the address is known. False where no more may be sent. */
  readonly countSending: (of: { readonly address: string; readonly clientIp: string }) => Promise<boolean>;
}

export function createBudget(deps: {
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly settings: BudgetSettings;
}): Budget {
  const { counters, settings } = deps;
  const windowStart = (windowMs: number): number => {
    const nowMs = deps.clock.nowMs();
    return nowMs - (nowMs % windowMs);
  };
  return {
    countTry: async ({ flow, accounts, maxPerFlow }) => {
      const windowStartMs = windowStart(settings.triesWindowMs);
      const [ofFlow = 0, ...ofAccounts] = await counters.add([
        // Kept as long as the flow itself: counters go when their window is long over.
        { key: `tries flow ${flow.id}`, windowStartMs: flow.expiresAtMs, by: 1 },
        ...[...new Set(accounts)].map((account) => ({
          key: `tries account ${tokenDigest(account)}`,
          windowStartMs,
          by: 1,
        })),
      ]);
      return ofFlow <= maxPerFlow && ofAccounts.every((tries) => tries <= settings.triesPerAccount);
    },
    countSending: async ({ address, clientIp }) => {
      const windowStartMs = windowStart(settings.sendsWindowMs);
      const [toAddress = 0, byClient = 0] = await counters.add([
        { key: `sends to ${tokenDigest(address.trim().toLowerCase())}`, windowStartMs, by: 1 },
        { key: `sends by ${clientIp}`, windowStartMs, by: 1 },
      ]);
      const isClientFine = settings.isExempt(clientIp) || byClient <= settings.sendsPerClient;
      return toAddress <= settings.sendsPerAddress && isClientFine;
    },
  };
}
