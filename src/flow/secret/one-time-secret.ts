// Codes and links: stored as keyed digests, bound to one purpose and flow, counted before they are compared, used up once.
import type { AddressVia } from '../../identity/identity.ts';
import { type FlowId, type IdentityId, newUuid } from '../../lib/ids.ts';
import {
  equalSecrets,
  keyedDigest,
  randomAlphanumeric,
  randomDigits,
  shortKeyedDigest,
} from '../../lib/secret.ts';

export type SecretKind = 'code' | 'link';
export type SecretPurpose = 'login' | 'registration' | 'recovery' | 'verification';

export interface OneTimeSecret {
  readonly id: string;
  readonly kind: SecretKind;
  readonly purpose: SecretPurpose;
  readonly flowId: FlowId;
  readonly digest: string;
  /** Absent for a registration, where there is nobody yet. */
  readonly identityId?: IdentityId;
  /** Where it was sent; empty where an administrator made it. */
  readonly address: string;
  readonly via: AddressVia;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface OneTimeSecretStore {
  /** Everything sent earlier for this flow and purpose ends; these take its place. */
  replace(flowId: FlowId, purpose: SecretPurpose, secrets: readonly OneTimeSecret[]): Promise<void>;
  insert(secret: OneTimeSecret): Promise<void>;
  /** Those of the flow that were not used up, expired ones included. */
  findOfFlow(flowId: FlowId, purpose: SecretPurpose): Promise<readonly OneTimeSecret[]>;
  /** Uses it up: true for exactly one caller. */
  consume(id: string): Promise<boolean>;
  deleteOfFlow(flowId: FlowId): Promise<void>;
  /** Ends what was sent to a person, or made for them by hand: for these purposes, and to these addresses where they are given. */
  deleteOfIdentity(of: EndedSecrets): Promise<void>;
  deleteExpiredBefore(beforeMs: number, limit: number): Promise<number>;
}

export interface EndedSecrets {
  /** `*`: everybody. */
  readonly identityId: IdentityId | '*';
  readonly purposes: readonly SecretPurpose[];
  readonly addresses?: readonly { readonly via: AddressVia; readonly value: string }[] | undefined;
  /** True: those that an administrator made for them go on. */
  readonly keepsMadeByHand?: boolean | undefined;
}

/** Digits of a code: typed by hand, so it is short; what protects it is that tries are counted. */
export const CODE_DIGITS = 6;
const LINK_TOKEN_LENGTH = 32;

export interface SecretDraft {
  readonly kind: SecretKind;
  readonly purpose: SecretPurpose;
  readonly flowId: FlowId;
  readonly identityId?: IdentityId;
  readonly address: string;
  readonly via: AddressVia;
  readonly nowMs: number;
  readonly lifespanMs: number;
}

/** A new secret: its clear value goes into a message and nowhere else. `keys`: the first one signs. */
export function issueSecret(
  draft: SecretDraft,
  keys: readonly string[],
): { readonly value: string; readonly secret: OneTimeSecret } {
  const value = draft.kind === 'code' ? randomDigits(CODE_DIGITS) : randomAlphanumeric(LINK_TOKEN_LENGTH);
  const { nowMs, lifespanMs, ...rest } = draft;
  const digest = digestOf(value, draft, keys[0] ?? '');
  return {
    value,
    secret: { ...rest, id: newUuid(), digest, createdAtMs: nowMs, expiresAtMs: nowMs + lifespanMs },
  };
}

/** The secret that a typed value stands for, under the present key or one that was rotated out; expired ones never match. */
export function matchSecret(
  secrets: readonly OneTimeSecret[],
  value: string,
  of: { readonly keys: readonly string[]; readonly nowMs: number },
): OneTimeSecret | undefined {
  // Every secret is compared, whichever fits: the time must not tell how many there are.
  const fitting = secrets.filter((secret) =>
    of.keys.some((key) => equalSecrets(secret.digest, digestOf(value, secret, key))),
  );
  return fitting.find((secret) => secret.expiresAtMs > of.nowMs);
}

/** True where the value was right once but its time is over. */
export function isExpiredSecret(
  secrets: readonly OneTimeSecret[],
  value: string,
  of: { readonly keys: readonly string[]; readonly nowMs: number },
): boolean {
  return secrets.some(
    (secret) =>
      secret.expiresAtMs <= of.nowMs &&
      of.keys.some((key) => equalSecrets(secret.digest, digestOf(value, secret, key))),
  );
}

/** Marks digests that Kratos made: of the value alone, since it keeps the rest beside it. */
const IMPORTED = 'kratos:';

/** The digest of a secret that was sent by Kratos, as it is kept here. */
export const importedDigest = (digest: string): string => `${IMPORTED}${digest.toLowerCase()}`;

/** Bound to kind, purpose and flow, so that a value made for one fails every other. */
function digestOf(
  value: string,
  of: Pick<OneTimeSecret, 'kind' | 'purpose' | 'flowId'> & { readonly digest?: string },
  key: string,
): string {
  if (of.digest?.startsWith(IMPORTED)) return importedDigest(shortKeyedDigest(key, value));
  return keyedDigest(key, `${of.kind} ${of.purpose} ${of.flowId}`, value);
}
