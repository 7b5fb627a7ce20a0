// What may stand in a log: secrets taken out by the name of their field and by their shape, errors with their causes, sizes bounded.
import type { Json } from './json.ts';

export interface Redactor {
  /** A plain copy of the fields that is safe to print. */
  readonly fields: (fields: Readonly<Record<string, unknown>>) => Record<string, Json>;
  /** The text without values that look like secrets. */
  readonly text: (text: string) => string;
}

/** Longer texts are cut: a log line is no place for a whole body. */
const MAX_TEXT_LENGTH = 8192;
const MAX_DEPTH = 6;
const MAX_ENTRIES = 100;
const CUT = '…';

/** Fields that hold secrets or what people typed, in snake case. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...['authorization', 'proxy_authorization', 'cookie', 'cookies', 'set_cookie', 'token', 'tokens'],
  ...['password', 'hashed_password', 'passwd', 'secret', 'secrets', 'credentials', 'assertion'],
  ...['code', 'codes', 'init_code', 'return_to_code', 'totp_code', 'recovery_code', 'verification_code'],
  ...['login_code', 'registration_code', 'session_token_exchange_code', 'code_verifier', 'token_digest'],
  ...['api_key', 'private_key', 'totp_secret_key', 'lookup_secret_codes', 'traits', 'identifier'],
]);
const SECRET_ENDINGS = ['_token', '_secret', '_password', '_cookie'];

/**
 * Values that are secrets wherever they stand: our tokens, credentials of an Authorization header, JWTs, parameters of
 * addresses and cookies, passwords in addresses of databases. Each pattern takes time in proportion to the text.
 */
const SHAPES: readonly (readonly [pattern: RegExp, kept: string])[] = [
  [/ory_[a-z]{2}_[A-Za-z0-9_-]+/g, ''],
  [/\b(Bearer|Basic|Digest) +[^\s"',]+/gi, '$1 '],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*/g, ''],
  [
    /((?:^|[?&;\s])(?:[\w-]{0,40}(?:token|secret|password|session|csrf)[\w-]{0,60}|code|state)=)[^&;\s#"']+/gi,
    '$1',
  ],
  [/(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g, '$1'],
];
/** Whether any of the patterns could match: most texts hold none of these. */
const SUSPICIOUS = /ory_|earer |asic |igest |BEARER |BASIC |eyJ|=|:\/\//;

export function createRedactor(redactionText = '[redacted]'): Redactor {
  // A dollar sign would be read as a reference to a group.
  const shapes = SHAPES.map(
    ([pattern, kept]) => [pattern, kept + redactionText.replaceAll('$', '$$$$')] as const,
  );

  const text = (value: string): string => {
    let out = value.length > MAX_TEXT_LENGTH ? value.slice(0, MAX_TEXT_LENGTH) + CUT : value;
    if (!SUSPICIOUS.test(out)) return out;
    for (const [pattern, replacement] of shapes) out = out.replace(pattern, replacement);
    return out;
  };

  const error = (value: Error, depth: number): Json => {
    const out: Record<string, Json> = { type: value.name, message: text(value.message) };
    const { code, id, status, reason, errors } = value as ErrorFacts; // each is looked at before it is used
    if (typeof code === 'string') out['error_code'] = text(code);
    if (typeof id === 'string' && id !== '') out['id'] = id;
    if (typeof status === 'number') out['status'] = status;
    if (typeof reason === 'string') out['reason'] = text(reason);
    if (value.stack) out['stack'] = text(value.stack);
    if (value.cause !== undefined) out['cause'] = plain(value.cause, depth + 1);
    if (Array.isArray(errors)) out['errors'] = plain(errors, depth + 1);
    return out;
  };

  const plain = (value: unknown, depth: number): Json => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return null;
    if (depth > MAX_DEPTH) return CUT;
    if (value instanceof Error) return error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => plain(item, depth + 1));
    return members(value as Readonly<Record<string, unknown>>, depth + 1); // an object that is none of the above
  };

  const members = (from: Readonly<Record<string, unknown>>, depth: number): Record<string, Json> => {
    const out: Record<string, Json> = {};
    let count = 0;
    for (const name in from) {
      if (!Object.hasOwn(from, name)) continue;
      const value = from[name];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
      if (++count > MAX_ENTRIES) break;
      const isHidden = isSecretName(name) && value !== null && typeof value !== 'boolean';
      out[name] = isHidden ? redactionText : plain(value, depth);
    }
    return out;
  };

  return { text, fields: (fields) => members(fields, 0) };
}

/** What Node's errors and ours may carry beside their message. */
interface ErrorFacts extends Error {
  readonly code?: unknown;
  readonly id?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly errors?: unknown;
}

const known = new Map<string, boolean>();

function isSecretName(name: string): boolean {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const plainName = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
    .replace(/^x_/, '');
  const isSecret = SECRET_NAMES.has(plainName) || SECRET_ENDINGS.some((ending) => plainName.endsWith(ending));
  // Names come from our code and, inside details, from outside: the latter must not fill the memory.
  if (known.size >= 1000) known.clear();
  known.set(name, isSecret);
  return isSecret;
}
