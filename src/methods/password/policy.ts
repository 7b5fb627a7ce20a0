// Which passwords are taken: long enough, unlike the identifier, not known from breaches.

import type { Clock } from '../../lib/clock.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { Problem } from '../../protocol/message.ts';
import { createBreachList } from './breach.ts';
import type { PasswordPolicyConfig } from './config.ts';
import * as messages from './messages.ts';
import { resembles } from './similarity.ts';

export interface PasswordPolicy {
  /** What is wrong with the password, first things first; empty where it is taken. 502 where a needed service failed. */
  check(password: string, identifiers: readonly string[]): Promise<readonly Problem[]>;
}

export interface PasswordPolicyDeps {
  readonly config: PasswordPolicyConfig;
  readonly outbound: Outbound;
  /** Most bytes that the configured hash can take. */
  readonly maxBytes: number | undefined;
  readonly clock: Clock;
}

export function createPasswordPolicy({
  config,
  outbound,
  maxBytes,
  clock,
}: PasswordPolicyDeps): PasswordPolicy {
  const breaches = createBreachList({
    host: config.haveibeenpwned_host,
    ignoresErrors: config.ignore_network_errors,
    outbound,
    clock,
  });
  const at = 'password';
  return {
    check: async (password, identifiers) => {
      // NIST SP 800-63B section 5.1.1.2: each code point counts as one character, after normalisation.
      const length = [...password.normalize('NFKC')].length;
      if (length < config.min_password_length) {
        return [{ message: messages.tooShort(config.min_password_length, length), at }];
      }
      const sizeBytes = Buffer.byteLength(password);
      if (maxBytes !== undefined && sizeBytes > maxBytes) {
        return [{ message: messages.tooLong(maxBytes, sizeBytes), at }];
      }
      const checksSimilarity = config.identifier_similarity_check_enabled;
      if (checksSimilarity && identifiers.some((identifier) => resembles(password, identifier))) {
        return [{ message: messages.tooSimilar(), at }];
      }
      if (!config.haveibeenpwned_enabled) return [];
      const count = await breaches.count(password);
      return count > config.max_breaches ? [{ message: messages.breached(count), at }] : [];
    },
  };
}
