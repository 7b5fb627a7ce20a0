// How often may one guess, and how often may one have messages sent? Counted over all flows, so that a fresh flow gives no fresh tries.
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../lib/clock.ts';
import { tokenDigest } from '../../lib/secret.ts';
import type { Flow } from '../flow.ts';
import type { Guess } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { CounterStore } from '../store.ts';

/** Shown where nothing more may be sent for now. */
export const TOO_MANY_MESSAGES = 'Too many messages were requested. Wait a while, then try again.';

/** Shown where no try is left. */
export const TOO_MANY_TRIES = 'Too many attempts. Please wait a while and try again.';

/** A person mistypes a password more often than a code, and types it at every sign-in. */
const PASSWORD_FACTOR = 10;

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
  /** Counts a try. False where the flow, or one of the accounts whose secrets are guessed at, has none left. */
  readonly mayTry: (of: {
    readonly flow: Pick<Flow, 'id' | 'expiresAtMs'>;
    readonly request: Pick<FlowRequest, 'clientIp'>;
    readonly guess: Guess;
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
    mayTry: async ({ flow, guess: { accounts, secret, maxPerFlow } }) => {
      const windowStartMs = windowStart(settings.triesWindowMs);
      const isChosen = secret === 'chosen';
      const ofAccount = isChosen ? 'passwords account' : 'tries account';
      const most = settings.triesPerAccount * (isChosen ? PASSWORD_FACTOR : 1);
      const perAccount = [...new Set(accounts)].map((account) => ({
        key: `${ofAccount} ${tokenDigest(account)}`,
        windowStartMs,
        by: 1,
      }));
      // Kept as long as the flow itself: counters go when their window is long over.
      const perFlow = { key: `tries flow ${flow.id}`, windowStartMs: flow.expiresAtMs, by: 1 };
      if (maxPerFlow === undefined) {
        const tries = perAccount.length === 0 ? [] : await counters.add(perAccount);
        return tries.every((count) => count <= most);
      }
      const [ofFlow = 0, ...tries] = await counters.add([perFlow, ...perAccount]);
      return ofFlow <= maxPerFlow && tries.every((count) => count <= most);
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
