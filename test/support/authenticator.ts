// An authenticator in software (ES256, attestation "none" or "packed" by its own key). Each option replaces what an honest one would send.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a page hands to `navigator.credentials`, as forms carry it. */
export interface CreationOptions {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string; readonly name: string };
  readonly challenge: string;
  readonly excludeCredentials?: readonly { readonly id: string }[];
}
export interface RequestOptions {
  readonly rpId: string;
  readonly challenge: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly isPresent?: boolean;
  readonly isVerified?: boolean;
  readonly isBackupEligible?: boolean;
  readonly isBackedUp?: boolean;
  readonly signCount?: number;
  readonly hasBadSignature?: boolean;
}
export interface CreationLies extends Lies {
  readonly id?: Buffer;
  /** The id beside the signed one. */
  readonly saidId?: Buffer;
  readonly attestation?: 'none' | 'packed' | 'made-up';
  readonly aaguid?: string;
}
export interface AssertionLies extends Lies {
  /** Which of its keys; the first that is allowed otherwise. */
  readonly key?: number;
  readonly userHandle?: string | null;
}

interface HeldKey {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly userHandle: string;
  signCount: number;
}

export interface Authenticator {
  readonly keys: readonly HeldKey[];
  /** The JSON that a page posts after `create`. */
  readonly create: (options: CreationOptions, lies?: CreationLies) => string;
  /** The JSON that a page posts after `get`. */
  readonly get: (options: RequestOptions, lies?: AssertionLies) => string;
}

/** A new one without keys, for pages of this origin. */
export function createAuthenticator(origin: string): Authenticator {
  const keys: HeldKey[] = [];
  return {
    keys,
    create: (options, lies = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id = lies.id ?? randomBytes(32);
      keys.push({ id, privateKey, userHandle: options.user.id, signCount: 0 });
      const jwk = publicKey.export({ format: 'jwk' });
      const cose = new Map<number, number | Buffer>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(jwk.x ?? '', 'base64url')],
        [-3, Buffer.from(jwk.y ?? '', 'base64url')],
      ]);
      const model = Buffer.from((lies.aaguid ?? '').replaceAll('-', '').padEnd(32, '0'), 'hex');
      const authData = Buffer.concat([
        header(lies.rpId ?? options.rp.id, lies, { signCount: lies.signCount ?? 0, hasKey: true }),
        model,
        Buffer.from([id.length >> 8, id.length & 255]),
        id,
        cbor(cose),
      ]);
      const clientData = clientDataOf('webauthn.create', origin, options.challenge, lies);
      const format = lies.attestation ?? 'none';
      const statement = new Map<string, CborValue>();
      if (format !== 'none') {
        statement.set('alg', -7);
        statement.set('sig', signed(privateKey, authData, clientData, lies.hasBadSignature));
      }
      const object = new Map<string, CborValue>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', authData],
      ]);
      return answer(lies.saidId ?? id, {
        attestationObject: base64url(cbor(object)),
        clientDataJSON: base64url(clientData),
      });
    },
    get: (options, lies = {}) => {
      const allowed = options.allowCredentials?.map(({ id }) => id);
      const key =
        lies.key === undefined
          ? keys.find(({ id }) => allowed === undefined || allowed.includes(base64url(id)))
          : keys[lies.key];
      if (!key) throw new Error('none of its keys is allowed');
      key.signCount = lies.signCount ?? key.signCount + 1;
      const authData = header(lies.rpId ?? options.rpId, lies, { signCount: key.signCount, hasKey: false });
      const clientData = clientDataOf('webauthn.get', origin, options.challenge, lies);
      const userHandle = lies.userHandle === undefined ? key.userHandle : lies.userHandle;
      return answer(key.id, {
        authenticatorData: base64url(authData),
        clientDataJSON: base64url(clientData),
        signature: base64url(signed(key.privateKey, authData, clientData, lies.hasBadSignature)),
        ...(userHandle === null ? {} : { userHandle }),
      });
    },
  };
}

const sha256 = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest();
const base64url = (bytes: Buffer): string => bytes.toString('base64url');

function answer(id: Buffer, response: object): string {
  return JSON.stringify({ id: base64url(id), rawId: base64url(id), type: 'public-key', response });
}

function clientDataOf(type: string, origin: string, challenge: string, lies: Lies): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: lies.type ?? type,
      challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? origin,
      crossOrigin: lies.crossOrigin ?? false,
    }),
  );
}

function header(
  rpId: string,
  lies: Lies,
  of: { readonly signCount: number; readonly hasKey: boolean },
): Buffer {
  const isBackupEligible = lies.isBackupEligible ?? true;
  const flags = [
    [lies.isPresent ?? true, 0x01],
    [lies.isVerified ?? true, 0x04],
    [isBackupEligible, 0x08],
    [lies.isBackedUp ?? isBackupEligible, 0x10],
    [of.hasKey, 0x40],
  ] as const;
  const bits = flags.reduce((sum, [isSet, bit]) => sum | (isSet ? bit : 0), 0);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(of.signCount);
  return Buffer.concat([sha256(rpId), Buffer.from([bits]), count]);
}

function signed(key: KeyObject, authData: Buffer, clientData: Buffer, isBad = false): Buffer {
  return sign('sha256', Buffer.concat([authData, sha256(isBad ? 'something else' : clientData)]), key);
}

type CborValue = number | string | Buffer | Map<string, CborValue> | Map<number, number | Buffer>;

/** As much of RFC 8949 as keys need. */
function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const members = [...value].flatMap(([key, member]) => [cbor(key), cbor(member)]);
  return Buffer.concat([head(5, value.size), ...members]);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 255]);
}
