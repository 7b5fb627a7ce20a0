// How often may one guess, and how often may one have messages sent? Counted over all flows, so that a fresh flow gives no fresh tries.
import type { Config } from '../../config/schema.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { IdentityReader } from '../../identity/store.ts';
import type { Clock } from '../../lib/clock.ts';
import { countingKey } from '../../lib/counting-key.ts';
import { tokenDigest } from '../../lib/secret.ts';
import { normaliseIdentifier } from '../../schema/normalise.ts';
import type { Flow } from '../flow.ts';
import type { KnownDevice } from '../known-device.ts';
import type { Guess } from '../method/step.ts';
import type { FlowRequest } from '../request.ts';
import type { CounterStore } from '../store.ts';

/** Shown where nothing more may be sent for now. */
export const TOO_MANY_MESSAGES =
  'Too many messages were requested. Those that were sent still work. Wait a while, then try again, or use a browser or ' +
  'app that you signed in with before.';

/** Shown where no try is left; the same for accounts that do not exist. */
export const TOO_MANY_TRIES =
  'Too many attempts. Wait a while, then try again, or use a browser or app that you signed in with before. If this is ' +
  'your account, check your inbox for a link that lets you continue.';

/** Devices of one person count together too: somebody who has signed in with many gains little. */
const DEVICES_OF_PERSON = 5;

export interface GuessLimits {
  /** Wrong or right: tries of all strangers against one account or address in one window. A known device has as many of its own. */
  readonly perAccount: number;
  /** Of those, tries from one network. */
  readonly perAccountAndNetwork: number;
  /** Tries from one network against all accounts together. */
  readonly perNetwork: number;
  readonly windowMs: number;
}

export interface BudgetSettings {
  readonly tries: Readonly<Record<Guess['secret'], GuessLimits>>;
  /** Messages to one address, those of them that one network causes, and all that it causes, in one window. */
  readonly sendsPerAddress: number;
  readonly sendsPerAddressAndNetwork: number;
  readonly sendsPerClient: number;
  readonly sendsWindowMs: number;
  /** Client addresses that are counted but never refused for themselves, such as loopback. */
  readonly isExempt: (clientIp: string) => boolean;
}

/** The settings of `security.one_time_secrets` and `security.passwords`. */
export function budgetSettings({ security }: Config, isExempt: BudgetSettings['isExempt']): BudgetSettings {
  const { one_time_secrets: short, passwords } = security;
  return {
    tries: {
      short: {
        perAccount: short.tries_per_account,
        perAccountAndNetwork: short.tries_per_account_and_network,
        perNetwork: short.tries_per_network,
        windowMs: short.tries_window,
      },
      chosen: {
        perAccount: passwords.tries_per_account,
        perAccountAndNetwork: passwords.tries_per_account_and_network,
        perNetwork: passwords.tries_per_network,
        windowMs: passwords.tries_window,
      },
    },
    sendsPerAddress: short.sends_per_address,
    sendsPerAddressAndNetwork: short.sends_per_address_and_network,
    sendsPerClient: short.sends_per_client,
    sendsWindowMs: short.sends_window,
    isExempt,
  };
}

type Client = Pick<FlowRequest, 'clientIp' | 'knownDevices'>;

/** May it be tried? `exhausted`: the accounts whose last try by strangers was just used up, once in each window. */
export interface Allowance {
  readonly mayTry: boolean;
  readonly exhausted: readonly string[];
}

export interface Budget {
  /** Counts a try: against the flow, and against the accounts whose secrets are guessed at. */
  readonly countTry: (of: {
    readonly flow: Pick<Flow, 'id' | 'expiresAtMs'>;
    readonly request: Client;
    readonly guess: Guess;
  }) => Promise<Allowance>;
  /** Counts a message before it is made, whether or not the address is known. False where no more may be sent. */
  readonly countSending: (of: { readonly address: string; readonly request: Client }) => Promise<boolean>;
  /** True for the first who asks in one window. */
  readonly isFirstSince: (what: string, windowMs: number) => Promise<boolean>;
}

interface Limit {
  readonly key: string;
  readonly most: number;
  /** Counted, and never a reason to refuse. */
  readonly isExempt?: boolean;
}

export function createBudget(deps: {
  readonly counters: CounterStore;
  readonly identities: Pick<IdentityReader, 'findFull'>;
  readonly clock: Clock;
  readonly settings: BudgetSettings;
}): Budget {
  const { counters, settings } = deps;
  const windowStart = (windowMs: number): number => {
    const nowMs = deps.clock.nowMs();
    return nowMs - (nowMs % windowMs);
  };
  const count = async (limits: readonly Limit[], windowStartMs: number): Promise<readonly number[]> =>
    counters.add(limits.map(({ key }) => ({ key, windowStartMs, by: 1 })));
  const areKept = (limits: readonly Limit[], totals: readonly number[]): boolean =>
    limits.every(({ most, isExempt }, index) => isExempt === true || (totals[index] ?? 0) <= most);

  /** The device's own count, where it is one of the person whose account it is; undefined where it is nobody's. */
  const byDevice = async (
    what: string,
    of: {
      readonly account: string;
      readonly request: Client;
      readonly most: number;
      readonly windowMs: number;
    },
  ): Promise<boolean> => {
    const device = await deviceOf(deps.identities, of.account, of.request);
    if (!device) return false;
    const limits = [
      { key: `${what} device ${device.id}`, most: of.most },
      { key: `${what} devices ${device.identityId}`, most: of.most * DEVICES_OF_PERSON },
    ];
    return areKept(limits, await count(limits, windowStart(of.windowMs)));
  };

  const byStrangers = async (
    accounts: readonly string[],
    {
      what,
      request,
      limits: of,
    }: { readonly what: string; readonly request: Client; readonly limits: GuessLimits },
  ): Promise<Allowance> => {
    const network = countingKey(request.clientIp);
    const isExempt = settings.isExempt(request.clientIp);
    const start = windowStart(of.windowMs);
    // The network goes first. What it is refused it does not spend: one network alone cannot use up what all may try.
    const ofNetwork: readonly Limit[] = [
      { key: `${what} network ${network}`, most: of.perNetwork, isExempt },
      ...accounts.map((account) => ({
        key: `${what} account ${tokenDigest(account)} ${network}`,
        most: of.perAccountAndNetwork,
        isExempt,
      })),
    ];
    if (!areKept(ofNetwork, await count(ofNetwork, start))) return { mayTry: false, exhausted: [] };
    const ofAll = accounts.map((account) => ({
      key: `${what} account ${tokenDigest(account)}`,
      most: of.perAccount,
    }));
    const totals = await count(ofAll, start);
    const exhausted = accounts.filter((_account, index) => totals[index] === of.perAccount + 1);
    return { mayTry: areKept(ofAll, totals), exhausted };
  };

  return {
    countTry: async ({ flow, request, guess }) => {
      const { secret, maxPerFlow } = guess;
      if (maxPerFlow !== undefined) {
        // Kept as long as the flow itself: counters go when their window is long over.
        const limits = [{ key: `tries flow ${flow.id}`, most: maxPerFlow }];
        if (!areKept(limits, await count(limits, flow.expiresAtMs))) return { mayTry: false, exhausted: [] };
      }
      const what = guess.apart ? `tries ${guess.apart}` : secret === 'chosen' ? 'passwords' : 'tries';
      const limits = settings.tries[secret];
      const strangers: string[] = [];
      for (const account of new Set(guess.accounts)) {
        const own = { account, request, most: limits.perAccount, windowMs: limits.windowMs };
        if (!(await byDevice(what, own))) strangers.push(account);
      }
      if (strangers.length === 0) return { mayTry: true, exhausted: [] };
      return byStrangers(strangers, { what, request, limits });
    },
    countSending: async ({ address, request }) => {
      const account = address.trim().toLowerCase();
      const { sendsPerAddress: most, sendsWindowMs: windowMs } = settings;
      const network = countingKey(request.clientIp);
      const isExempt = settings.isExempt(request.clientIp);
      if (await byDevice('sends', { account, request, most, windowMs })) return true;
      const ofNetwork: readonly Limit[] = [
        { key: `sends by ${network}`, most: settings.sendsPerClient, isExempt },
        {
          key: `sends to ${tokenDigest(account)} ${network}`,
          most: settings.sendsPerAddressAndNetwork,
          isExempt,
        },
      ];
      const start = windowStart(windowMs);
      if (!areKept(ofNetwork, await count(ofNetwork, start))) return false;
      const ofAll = [{ key: `sends to ${tokenDigest(account)}`, most }];
      return areKept(ofAll, await count(ofAll, start));
    },
    isFirstSince: async (what, windowMs) => {
      const limits = [{ key: `once ${tokenDigest(what)}`, most: 1 }];
      return areKept(limits, await count(limits, windowStart(windowMs)));
    },
  };
}

/** The device that the account's person has signed in with before, where the request shows one. Strangers cause no look at the database. */
async function deviceOf(
  identities: Pick<IdentityReader, 'findFull'>,
  account: string,
  { knownDevices }: Client,
): Promise<KnownDevice | undefined> {
  for (const device of knownDevices) {
    if (device.identityId === account) return device;
    const identity = await identities.findFull(device.identityId);
    if (identity && isNameOf(identity, account)) return device;
  }
  return undefined;
}

function isNameOf(identity: FullIdentity, account: string): boolean {
  const wanted = normaliseIdentifier(account);
  const addresses = [...identity.verifiableAddresses, ...identity.recoveryAddresses].map(
    ({ value }) => value,
  );
  const identifiers = Object.values(identity.credentials).flatMap((credential) => credential.identifiers);
  return [...addresses, ...identifiers].some((name) => name === account || name === wanted);
}
