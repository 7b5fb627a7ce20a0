// The stored form of a password credential.
import type { FullIdentity } from '../../identity/identity.ts';
import type { JsonObject } from '../../lib/json.ts';

/** The stored hash, or undefined where the account has no password. */
export function storedHash(config: JsonObject | undefined): string | undefined {
  const hash = config?.['hashed_password'];
  return typeof hash === 'string' && hash !== '' ? hash : undefined;
}

/**
 * True while a password of a concealed registration waits for the proof of its address: until then it is as wrong as any
 * other, or signing in with it would tell that nobody had the address before.
 */
export function isHeld({ credentials, verifiableAddresses }: FullIdentity): boolean {
  const address = credentials['password']?.config['held_until_proven'];
  return verifiableAddresses.some(({ value, verified }) => value === address && !verified);
}
