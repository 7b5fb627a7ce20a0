// Who signs in by a typed identifier, and where may a code for them go?

import type { LoginAt } from '../../flow/method/contract.ts';
import type { MethodDeps } from '../../flow/method/method-deps.ts';
import { isHeldAddress } from '../../identity/change/claim.ts';
import type { Snapshot } from '../../identity/change/snapshot.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { fold, lookupForms, normaliseIdentifier } from '../../schema/normalise.ts';
import { toE164 } from '../../schema/phone.ts';
import type { CodeConfig } from './config.ts';
import { type CodeAddress, codeAddresses, verifiableAddresses } from './credential.ts';

export interface Recipient {
  readonly identity: Snapshot;
  /** All addresses of the person. */
  readonly addresses: readonly CodeAddress[];
  /** The one that was typed where it is among them, else all. */
  readonly chosen: readonly CodeAddress[];
}

/** Undefined where nobody signs in so, or somebody else than the one whose session is refreshed or stepped up. */
export async function findRecipient(
  deps: MethodDeps,
  config: CodeConfig,
  of: { readonly attempt: LoginAt; readonly identifier: string },
): Promise<Recipient | undefined> {
  const { flow, person } = of.attempt;
  const own = person?.identity;
  if (flow.requestedAal === 'aal2') return own && ownRecipient(config, own, of.identifier);
  const found = await findByIdentifier(deps, config, of.identifier);
  const isSomebodyElse = flow.refresh && own !== undefined && found?.identity.id !== own.id;
  return isSomebodyElse ? undefined : found;
}

/** Where a second factor of this person can go: their own addresses and no others. */
export function secondFactorAddresses(config: CodeConfig, identity: FullIdentity): readonly CodeAddress[] {
  const addresses = ways(identity, codeAddresses(identity.credentials['code']));
  const isFallback = addresses.length === 0 && config.config.missing_credential_fallback_enabled;
  return isFallback ? ways(identity, verifiableAddresses(identity)) : addresses;
}

function ownRecipient(config: CodeConfig, identity: Snapshot, typed: string): Recipient | undefined {
  const addresses = secondFactorAddresses(config, identity);
  const chosen = named(addresses, typed);
  return chosen.length > 0 ? { identity, addresses, chosen } : undefined;
}

async function findByIdentifier(
  deps: MethodDeps,
  config: CodeConfig,
  typed: string,
): Promise<Recipient | undefined> {
  const { identities } = deps.database.stores;
  const identifiers = lookupForms(typed);
  const identity = await identities.findFullByIdentifier(identifiers, 'code');
  // Both are looked for in either case: the time must not tell an account with a code credential from others.
  const other = config.config.missing_credential_fallback_enabled
    ? await identities.findFullByIdentifier(identifiers)
    : undefined;
  const addresses = identity ? ways(identity, codeAddresses(identity.credentials['code'])) : [];
  if (identity && addresses.length > 0) {
    const listed = named(addresses, typed);
    return { identity, addresses, chosen: listed.length > 0 ? listed : addresses };
  }
  const address =
    other && codeAddresses(other.credentials['code']).length === 0 ? toAddress(typed) : undefined;
  if (!other || !address || ways(other, [address]).length === 0) return undefined;
  return { identity: other, addresses: [address], chosen: [address] };
}

/** Without those that are held: a stranger may have put them there. */
const ways = (identity: FullIdentity, addresses: readonly CodeAddress[]): readonly CodeAddress[] =>
  addresses.filter(({ channel, address }) => !isHeldAddress(identity, { via: channel, value: address }));

function named(addresses: readonly CodeAddress[], typed: string): readonly CodeAddress[] {
  const wanted = normaliseIdentifier(typed);
  return addresses.filter(({ address }) => address === wanted || address === typed);
}

/** What was typed as an address; undefined where it is none, as a user name. */
export function toAddress(typed: string): CodeAddress | undefined {
  const phone = toE164(fold(typed));
  if (phone !== undefined) return { channel: 'sms', address: phone };
  const address = fold(typed);
  return /^[^@\s]+@[^@\s]+$/.test(address) ? { channel: 'email', address } : undefined;
}
