// The stored form of a password credential.
import type { JsonObject } from '../../lib/json.ts';

/** The stored hash, or undefined where the account has no password. */
export function storedHash(config: JsonObject | undefined): string | undefined {
  const hash = config?.['hashed_password'];
  return typeof hash === 'string' && hash !== '' ? hash : undefined;
}
