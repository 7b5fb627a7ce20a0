// The credential of codes: addresses that receive them, with the channel of each.

import type { CredentialKind } from '../../flow/method/contract.ts';
import type { AddressVia, Credential, FullIdentity } from '../../identity/identity.ts';
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { fold } from '../../schema/normalise.ts';
import type { CodeConfig } from './config.ts';

export interface CodeAddress {
  readonly channel: AddressVia;
  readonly address: string;
}

export const codeCredential: CredentialKind<CodeConfig> = {
  count: (credential, { passwordless_enabled, mfa_enabled }) => {
    const addresses = codeAddresses(credential).length;
    return {
      first: passwordless_enabled && addresses > 0 ? 1 : 0,
      second: mfa_enabled ? addresses : 0,
    };
  },
  isSecondFactor: ({ mfa_enabled }) => mfa_enabled,
  fromImport: (config) => Promise.resolve({ config: importedConfig(config) }),
  // The addresses follow from the traits: taken away here, they would be back with the next change of those.
  removal: 'never',
};

/** Where codes for this credential can go, by address and then channel. */
export function codeAddresses(
  credential: Pick<Credential, 'config' | 'identifiers'> | undefined,
): readonly CodeAddress[] {
  if (!credential) return [];
  const { addresses, address_type: channel } = credential.config;
  const held = new Set(credential.identifiers.filter((identifier) => identifier !== ''));
  const listed = Array.isArray(addresses)
    ? addresses.flatMap((entry) => toAddress(entry) ?? [])
    : // The first version knew one channel for all identifiers.
      [...held].map((address): CodeAddress => ({ channel: toChannel(channel), address }));
  // An address that is no trait any more is no way to the person any more.
  return sorted(listed.filter(({ address }) => held.has(address)));
}

/** The addresses of an account that has no code credential: those that it can verify. */
export function verifiableAddresses(identity: FullIdentity): readonly CodeAddress[] {
  return sorted(identity.verifiableAddresses.map(({ via, value }) => ({ channel: via, address: value })));
}

function sorted(addresses: readonly CodeAddress[]): readonly CodeAddress[] {
  const key = ({ address, channel }: CodeAddress): string => `${address}\0${channel}`;
  return [...addresses].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const toChannel = (value: Json | undefined): AddressVia =>
  value === 'sms' || value === 'phone' ? 'sms' : 'email';

function toAddress(entry: Json): CodeAddress | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { address, channel } = entry;
  if (typeof address !== 'string' || address === '') return undefined;
  return { channel: toChannel(channel), address };
}

/** Addresses are taken as they are; which of them count is said by the traits. */
function importedConfig(config: JsonObject): JsonObject {
  const { addresses } = config;
  if (addresses === undefined || addresses === null) return {};
  if (!Array.isArray(addresses)) throw badRequest('"addresses" must be a list.');
  return {
    addresses: addresses.map((entry, index) => {
      const address = toAddress(entry);
      const isKnown = isJsonObject(entry) && (entry['channel'] === 'email' || entry['channel'] === 'sms');
      if (!address || !isKnown) {
        throw badRequest(`"addresses.${index}" needs an address and a channel, "email" or "sms".`);
      }
      return { channel: address.channel, address: fold(address.address) };
    }),
  };
}
