// Secrets of a new installation, one list for each purpose.
import { randomAlphanumeric } from '../lib/secret.ts';

const SECRET_LENGTH = 48;
/** Kratos takes no other length for these. */
const CIPHER_SECRET_LENGTH = 32;

/** The section `secrets` with values that nobody had before. */
export function freshSecrets(): Readonly<Record<'default' | 'cookie' | 'cipher' | 'pagination', string[]>> {
  return {
    default: [randomAlphanumeric(SECRET_LENGTH)],
    cookie: [randomAlphanumeric(SECRET_LENGTH)],
    cipher: [randomAlphanumeric(CIPHER_SECRET_LENGTH)],
    pagination: [randomAlphanumeric(SECRET_LENGTH)],
  };
}
