// The credential of security keys: its identifiers follow from the traits, so it is there even without a key.
import type { CredentialKind } from '../../flow/method/credential-kind.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import type { IdentityId } from '../../lib/ids.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { type Key, type KeyRing, keysOf, readKeyRing, writeKeyRing } from '../../webauthn/keys.ts';
import type { WebauthnConfig } from './config.ts';

export const NAME = 'webauthn';

export const webauthnCredential: CredentialKind<WebauthnConfig> = {
  count: ({ config, identifiers }, { config: settings }) => {
    const usable = keysOf(config).filter((key) => key.isPasswordless === settings?.passwordless).length;
    const isNamed = identifiers.some((identifier) => identifier !== '');
    return settings?.passwordless ? { first: isNamed ? usable : 0, second: 0 } : { first: 0, second: usable };
  },
  isSecondFactor: ({ config }) => config?.passwordless === false,
  fromImport: async (config) => {
    const ring = readKeyRing(config);
    if (!ring) throw badRequest('"credentials" must be a list of keys, each with "id" and "public_key".');
    return storedKeys(ring);
  },
  withoutPart: ({ config }) => {
    const ring = readKeyRing(config) ?? { keys: [] };
    // An administrator takes second factors away; a way to sign in is its person's to remove.
    const keys = ring.keys.filter(({ isPasswordless }) => isPasswordless);
    return { kind: 'rest', draft: storedKeys({ ...ring, keys }) };
  },
  removal: 'always',
};

/** Config, and the ids that no other person may have a key with. */
export function storedKeys(ring: KeyRing): Omit<CredentialDraft, 'type'> {
  return { config: writeKeyRing(ring), claims: ring.keys.map(({ id }) => id) };
}

/** The keys of a person that count at the level in question. */
export function usableKeys(identity: FullIdentity, isPasswordless: boolean): readonly Key[] {
  return ringOf(identity).keys.filter((key) => key.isPasswordless === isPasswordless);
}

export function ringOf(identity: FullIdentity): KeyRing {
  return readKeyRing(identity.credentials[NAME]?.config) ?? { keys: [] };
}

/** Keys that were made before handles were stored know their person by the id. */
export function handleOf(ring: KeyRing, identityId: IdentityId): string {
  return ring.userHandle ?? Buffer.from(identityId.replaceAll('-', ''), 'hex').toString('base64url');
}
