// A credential as Kratos stores it -> the same as administrators import it, opened and in its newest form.
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';
import type { Row } from '../database/database.ts';
import { type KratosCipher, openProviderToken } from '../provider-tokens.ts';
import { jsonAt, textAt, timeAt } from '../read/values.ts';

export interface CredentialToImport {
  readonly type: string;
  /** Empty: the row only says which identifiers are taken. */
  readonly config: JsonObject;
  readonly identifiers: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface OpenedCredential {
  readonly credential: CredentialToImport;
  /** What of it is lost. */
  readonly losses: readonly string[];
}

export interface CipherSettings {
  readonly algorithm: KratosCipher;
  readonly secrets: readonly string[];
}

export function openCredential(
  row: Row,
  of: {
    readonly identifiers: readonly string[];
    readonly identityId: string;
    readonly cipher: CipherSettings;
  },
): OpenedCredential {
  const type = textAt(row, 'type');
  const stored = jsonAt(row, 'config');
  const config = isJsonObject(stored) ? stored : {};
  const losses: string[] = [];
  const convert = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  const converted = convert
    ? convert(config, { ...of, isOld: Number(row['version'] ?? 0) === 0, lose: (what) => losses.push(what) })
    : config;
  return {
    credential: {
      type,
      config: converted,
      identifiers: of.identifiers,
      createdAtMs: timeAt(row, 'created_at'),
      updatedAtMs: timeAt(row, 'updated_at'),
    },
    losses,
  };
}

interface Of {
  readonly identifiers: readonly string[];
  readonly identityId: string;
  readonly cipher: CipherSettings;
  /** Written by a release before its form was changed. */
  readonly isOld: boolean;
  readonly lose: (what: string) => void;
}

const BY_TYPE: Readonly<Record<string, (config: JsonObject, of: Of) => JsonObject>> = {
  password: ({ hashed_password: hash, use_password_migration_hook: isHooked }) => ({
    ...(typeof hash === 'string' && hash !== '' ? { hashed_password: hash } : {}),
    ...(isHooked === true ? { use_password_migration_hook: true } : {}),
  }),
  oidc: openProviders,
  saml: openProviders,
  lookup_secret: ({ recovery_codes: codes }) => (Array.isArray(codes) ? { codes } : {}),
  webauthn: keys,
  passkey: keys,
  code: codeAddresses,
};

const TOKENS = ['initial_id_token', 'initial_access_token', 'initial_refresh_token'] as const;

function openProviders({ providers }: JsonObject, { cipher, lose }: Of): JsonObject {
  if (!Array.isArray(providers)) return {};
  return {
    providers: providers.filter(isJsonObject).map((provider: JsonObject) => {
      const tokens = TOKENS.map((name): readonly [string, Json] => {
        const sealed = provider[name];
        const opened = typeof sealed === 'string' ? openProviderToken(sealed, cipher) : '';
        if (opened === undefined) lose('a token of a provider opens under no secret of secrets.cipher');
        return [name, opened ?? ''];
      });
      return { ...provider, ...Object.fromEntries(tokens) };
    }),
  };
}

/** The first releases had no handle of their own, and keys were second factors only. */
function keys(config: JsonObject, { identityId, isOld }: Of): JsonObject {
  const { credentials, user_handle: handle } = config;
  if (!Array.isArray(credentials) || credentials.length === 0) return {};
  return {
    credentials: credentials
      .filter(isJsonObject)
      .map((key: JsonObject) => (isOld ? { is_passwordless: false, ...key } : key)),
    user_handle: typeof handle === 'string' && handle !== '' ? handle : uuidBytes(identityId),
  };
}

const uuidBytes = (id: string): string => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64');

/** The first releases knew one channel for all identifiers. */
function codeAddresses({ addresses, address_type: channel }: JsonObject, { identifiers }: Of): JsonObject {
  if (Array.isArray(addresses)) return { addresses };
  const old = channel === 'sms' || channel === 'phone' ? 'sms' : 'email';
  const held = identifiers.filter((identifier) => identifier !== '');
  return held.length === 0 ? {} : { addresses: held.map((address) => ({ channel: old, address })) };
}
