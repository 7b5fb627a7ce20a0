// A configuration that can be shown: secrets are replaced, everything else stays.
import { isJsonObject, type Json, type JsonObject } from '../../lib/json.ts';

const HIDDEN = '<redacted>';

/** Keys whose text is a secret wherever they stand. */
const SECRET_KEYS = new Set([
  'apple_private_key',
  'authorization_header',
  'client_secret',
  'password',
  'private_key',
  'api_key',
]);
const SECRET_HEADER = /authorization|cookie|key|password|secret|token/i;

/** The same document without its secrets. */
export function redactSecrets(document: JsonObject): JsonObject {
  const out = redact(document, []);
  return isJsonObject(out) ? out : {};
}

function redact(value: Json, path: readonly string[]): Json {
  if (typeof value === 'string') return isSecret(path) ? HIDDEN : redactAddress(value);
  if (Array.isArray(value)) return value.map((item: Json) => redact(item, path));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    return [key, inner === undefined ? inner : redact(inner, [...path, key])] as const;
  });
  return Object.fromEntries(entries);
}

function isSecret(path: readonly string[]): boolean {
  const key = path.at(-1) ?? '';
  const parent = path.at(-2) ?? '';
  if (path[0] === 'secrets' || SECRET_KEYS.has(key)) return true;
  // auth: { type: api_key, config: { name, value } }
  if (key === 'value' && parent === 'config' && path.at(-3) === 'auth') return true;
  // serve.public.tls.key: { base64 }, and key sets that hold what tokens are signed with
  if (key === 'base64' && parent === 'key') return true;
  if (parent === 'headers' && SECRET_HEADER.test(key)) return true;
  return false;
}

/** Passwords inside addresses, such as of a database or a mail server; key sets that stand in their address. */
function redactAddress(text: string): string {
  if (text.startsWith('base64://') && holdsPrivateKey(text)) return `base64://${HIDDEN}`;
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/@]*):.*@/i, `$1:${HIDDEN}@`)
    .replace(/([?&][a-z_-]*(?:password|secret|token|key)=)[^&]*/gi, `$1${HIDDEN}`);
}

function holdsPrivateKey(text: string): boolean {
  const inner = Buffer.from(text.slice('base64://'.length), 'base64').toString('utf8');
  return /"(?:d|k)"\s*:|PRIVATE KEY/.test(inner);
}
