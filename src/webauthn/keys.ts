// Keys of a person as they are stored, in the shape that administrators import and read (docs/protocol/methods.md section 10).
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

export interface KeyFlags {
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  /** Undefined for an imported key that does not say. */
  readonly backupEligible: boolean | undefined;
  readonly backupState: boolean;
}

export interface Key {
  /** Credential id in base64url, as browsers write it. */
  readonly id: string;
  /** COSE key in base64. */
  readonly publicKey: string;
  readonly attestationType: string;
  /** Model of the authenticator, as a UUID. */
  readonly aaguid: string;
  readonly signCount: number;
  /** The counter went back once: somebody may have copied the key. */
  readonly cloneWarning: boolean;
  readonly displayName: string;
  readonly addedAt: string;
  readonly lastUsedAt?: string;
  readonly isPasswordless: boolean;
  readonly flags: KeyFlags;
  readonly transports: readonly string[];
}

export interface KeyRing {
  readonly keys: readonly Key[];
  /** What authenticators know the person by, in base64url; absent in the first stored version. */
  readonly userHandle?: string;
}

const NO_AAGUID = '00000000-0000-0000-0000-000000000000';
const NO_TIME = '0001-01-01T00:00:00Z';

/** Reads a stored or imported credential. Undefined where it is not one. */
export function readKeyRing(config: JsonObject | undefined): KeyRing | undefined {
  if (!config) return { keys: [] };
  const { credentials, user_handle: handle } = config;
  const userHandle = typeof handle === 'string' ? fromBase64(handle) : undefined;
  if (handle !== undefined && handle !== null && userHandle === undefined) return undefined;
  const listed = credentials ?? [];
  if (!Array.isArray(listed)) return undefined;
  const keys: Key[] = [];
  for (const entry of listed) {
    const key = readKey(entry);
    if (!key) return undefined;
    keys.push(key);
  }
  return { keys, ...(userHandle === undefined ? {} : { userHandle: userHandle.toString('base64url') }) };
}

/** The keys of a credential of ours; what cannot be read counts as none. */
export function keysOf(config: JsonObject | undefined): readonly Key[] {
  return readKeyRing(config)?.keys ?? [];
}

function readKey(entry: Json | undefined): Key | undefined {
  if (!isJsonObject(entry)) return undefined;
  const id = typeof entry['id'] === 'string' ? fromBase64(entry['id']) : undefined;
  const publicKey = typeof entry['public_key'] === 'string' ? fromBase64(entry['public_key']) : undefined;
  if (!id || id.length === 0 || id.length > 1023 || !publicKey || publicKey.length === 0) return undefined;
  const authenticator = isJsonObject(entry['authenticator']) ? entry['authenticator'] : {};
  const flags = isJsonObject(entry['flags']) ? entry['flags'] : {};
  const transports = Array.isArray(entry['transport']) ? entry['transport'] : [];
  const lastUsedAt = entry['last_used_at'];
  return {
    id: id.toString('base64url'),
    publicKey: publicKey.toString('base64'),
    attestationType: text(entry['attestation_type']) || 'none',
    aaguid: aaguidText(authenticator['aaguid']),
    signCount: typeof authenticator['sign_count'] === 'number' ? authenticator['sign_count'] : 0,
    cloneWarning: authenticator['clone_warning'] === true,
    displayName: text(entry['display_name']),
    addedAt: text(entry['added_at']) || NO_TIME,
    ...(typeof lastUsedAt === 'string' ? { lastUsedAt } : {}),
    isPasswordless: entry['is_passwordless'] === true,
    flags: {
      userPresent: flags['user_present'] === true,
      userVerified: flags['user_verified'] === true,
      backupEligible: typeof flags['backup_eligible'] === 'boolean' ? flags['backup_eligible'] : undefined,
      backupState: flags['backup_state'] === true,
    },
    transports: transports.filter((item) => typeof item === 'string'),
  };
}

/** What is stored. Without keys only the user handle is left. */
export function writeKeyRing({ keys, userHandle }: KeyRing): JsonObject {
  return {
    ...(keys.length > 0 ? { credentials: keys.map(writeKey) } : {}),
    ...(userHandle === undefined ? {} : { user_handle: toBase64(userHandle) }),
  };
}

function writeKey(key: Key): JsonObject {
  const { backupEligible } = key.flags;
  return {
    id: toBase64(key.id),
    public_key: key.publicKey,
    attestation_type: key.attestationType,
    authenticator: {
      aaguid: Buffer.from(key.aaguid.replaceAll('-', ''), 'hex').toString('base64'),
      sign_count: key.signCount,
      clone_warning: key.cloneWarning,
    },
    display_name: key.displayName,
    added_at: key.addedAt,
    ...(key.lastUsedAt === undefined ? {} : { last_used_at: key.lastUsedAt }),
    is_passwordless: key.isPasswordless,
    flags: {
      user_present: key.flags.userPresent,
      user_verified: key.flags.userVerified,
      ...(backupEligible === undefined ? {} : { backup_eligible: backupEligible }),
      backup_state: key.flags.backupState,
    },
    ...(key.transports.length > 0 ? { transport: key.transports } : {}),
  };
}

/** The id as buttons that remove a key carry it. */
export function hexId(key: Pick<Key, 'id'>): string {
  return Buffer.from(key.id, 'base64url').toString('hex');
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const toBase64 = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('base64');

/** Base64 of either alphabet, with or without padding; anything else is undefined instead of half decoded. */
function fromBase64(given: string): Buffer | undefined {
  return /^[\w+/-]*={0,2}$/.test(given) ? Buffer.from(given, 'base64url') : undefined;
}

function aaguidText(value: Json | undefined): string {
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes?.length !== 16) return NO_AAGUID;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
