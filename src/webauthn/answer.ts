// The JSON that a page posts after a ceremony, read as far as the verification needs it.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';

/** An answer is some 500 bytes; with an attestation that carries certificates some 5,000. */
const MOST_CHARACTERS = 65_536;
/** Credential ids have at most 1,023 bytes (W3C WebAuthn level 3, section 7.1 step 25). */
const MOST_ID_CHARACTERS = 1364;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

export interface NewKeyAnswer {
  readonly id: string;
  readonly attestationObject: string;
  readonly clientDataJSON: string;
  readonly transports: readonly string[];
}

export interface AssertionAnswer {
  readonly id: string;
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
  /** In base64url; absent where the authenticator does not keep one. */
  readonly userHandle: string | undefined;
}

/** Undefined where it is no answer to `navigator.credentials.create`. */
export function readNewKeyAnswer(text: string): NewKeyAnswer | undefined {
  const [id, response] = readAnswer(text) ?? [];
  if (id === undefined || response === undefined) return undefined;
  const { attestationObject, clientDataJSON, transports } = response;
  if (!isBase64Url(attestationObject) || !isBase64Url(clientDataJSON)) return undefined;
  return { id, attestationObject, clientDataJSON, transports: knownTransports(transports) };
}

/** Undefined where it is no answer to `navigator.credentials.get`. */
export function readAssertionAnswer(text: string): AssertionAnswer | undefined {
  const [id, response] = readAnswer(text) ?? [];
  if (id === undefined || response === undefined) return undefined;
  const { authenticatorData, clientDataJSON, signature, userHandle } = response;
  if (!isBase64Url(authenticatorData) || !isBase64Url(clientDataJSON) || !isBase64Url(signature)) {
    return undefined;
  }
  return {
    id,
    authenticatorData,
    clientDataJSON,
    signature,
    userHandle: isBase64Url(userHandle) ? userHandle : undefined,
  };
}

function readAnswer(text: string): readonly [id: string, response: JsonObject] | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  let parsed: Json;
  try {
    // The cast is undone by the checks below.
    parsed = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  if (!isJsonObject(parsed)) return undefined;
  const { id, rawId, type, response } = parsed;
  if (type !== 'public-key' || !isBase64Url(id) || !isJsonObject(response)) return undefined;
  if (id.length > MOST_ID_CHARACTERS) return undefined;
  if (rawId !== undefined && rawId !== id) return undefined;
  return [id, response];
}

function isBase64Url(value: Json | undefined): value is string {
  return typeof value === 'string' && BASE64URL.test(value);
}

/** Short names such as `usb`; they come back to browsers, so nothing else gets in. */
function knownTransports(value: Json | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => typeof item === 'string' && /^[a-z0-9-]{1,20}$/.test(item)).slice(0, 8);
}
