// Secrets of an installation without a configuration file: made once, kept beside its database.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freshSecrets } from '../config/fresh-secrets.ts';
import { isJsonObject, type JsonObject } from '../lib/json.ts';

/**
 * The section `secrets` of a data folder. The file is made where it is missing, readable by its owner only; of several
 * processes that start at once the first one's counts for all. Throws where the file holds something else.
 */
export function localSecrets(dataDir: string): JsonObject {
  const file = path.join(dataDir, 'secrets.json');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const fresh = freshSecrets();
  try {
    writeFileSync(file, `${JSON.stringify(fresh, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const held: unknown = JSON.parse(readFileSync(file, 'utf8'));
  // What JSON.parse gives is JSON.
  if (isJsonObject(held)) return held as JsonObject;
  throw new Error(
    `${file} does not hold secrets; remove it to have new ones made (everybody is signed out then)`,
  );
}
