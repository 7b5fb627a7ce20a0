// The credential of passkeys: its identifier is the handle by which authenticators know the person.
import type { CredentialKind } from '../../flow/method/credential-kind.ts';
import type { CredentialDraft } from '../../identity/assemble.ts';
import type { FullIdentity } from '../../identity/identity.ts';
import { randomAlphanumeric } from '../../lib/secret.ts';
import { badRequest } from '../../protocol/refusals.ts';
import { labelledTrait } from '../../schema/label.ts';
import type { IdentitySchema } from '../../schema/load.ts';
import { type KeyRing, keysOf, readKeyRing, writeKeyRing } from '../../webauthn/keys.ts';
import type { PasskeyConfig } from './config.ts';

export const NAME = 'passkey';
const HANDLE_LENGTH = 64;

export const passkeyCredential: CredentialKind<PasskeyConfig> = {
  count: ({ config, identifiers }) => ({
    first: identifiers.some((identifier) => identifier !== '') ? keysOf(config).length : 0,
    second: 0,
  }),
  isSecondFactor: () => false,
  ownsIdentifiers: true,
  fromImport: async (config) => {
    const ring = readKeyRing(config);
    if (!ring?.userHandle || ring.keys.length === 0) {
      throw badRequest(
        '"user_handle" must be base64, and "credentials" a list of keys with "id" and "public_key".',
      );
    }
    return storedPasskeys({ ...ring, keys: ring.keys.map((key) => ({ ...key, isPasswordless: true })) });
  },
  removal: 'unless-last',
};

/** Config, the handle as identifier, and the ids that no other person may have a key with. */
export function storedPasskeys(ring: KeyRing): Omit<CredentialDraft, 'type'> {
  return {
    config: writeKeyRing(ring),
    identifiers: ring.userHandle === undefined ? [] : [handleText(ring.userHandle)],
    claims: ring.keys.map(({ id }) => id),
  };
}

/** The same with other keys. Identifiers stay: a person who came from another system may have several handles. */
export function withKeys(ring: KeyRing, keys: KeyRing['keys']): Omit<CredentialDraft, 'type'> {
  const { identifiers: _kept, ...stored } = storedPasskeys({ ...ring, keys });
  return stored;
}

/** A new handle in base64url. It says nothing about its person, since every site may see it (W3C WebAuthn 14.6.1). */
export function newHandle(): string {
  return Buffer.from(randomAlphanumeric(HANDLE_LENGTH)).toString('base64url');
}

/** A handle as it is looked up: its bytes as text. */
export const handleText = (handle: string): string => Buffer.from(handle, 'base64url').toString('utf8');

export function ringOf(identity: FullIdentity): KeyRing {
  return readKeyRing(identity.credentials[NAME]?.config) ?? { keys: [] };
}

/** What the person is called in lists of passkeys. */
export function displayName(schema: IdentitySchema, { traits }: FullIdentity): string | undefined {
  return (
    labelledTrait(schema, traits, { type: NAME, flag: 'display_name' }) ??
    labelledTrait(schema, traits, { type: 'webauthn', flag: 'identifier' })
  );
}
