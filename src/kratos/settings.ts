// What an import needs of the configuration of Kratos: where its database is, and how it encrypted in it.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { CipherSettings } from './convert/credential.ts';

export interface KratosSettings {
  readonly dsn: string | undefined;
  readonly cipher: CipherSettings;
}

/** Reads them out of the merged files, and out of the environment as Kratos does; that of `DSN` is ours. Throws an Error where they make no sense. */
export function kratosSettings(
  document: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
): KratosSettings {
  const { dsn } = document;
  const algorithm = env['CIPHERS_ALGORITHM'] ?? textIn(document['ciphers'], 'algorithm') ?? 'noop';
  if (algorithm !== 'noop' && algorithm !== 'aes' && algorithm !== 'xchacha20-poly1305') {
    throw new Error(`ciphers.algorithm: "${algorithm.slice(0, 40)}" is none that Kratos knows`);
  }
  return {
    dsn: typeof dsn === 'string' && dsn !== '' ? dsn : undefined,
    cipher: { algorithm, secrets: cipherSecrets(document, env['SECRETS_CIPHER']) },
  };
}

function cipherSecrets({ secrets }: JsonObject, fromEnv: string | undefined): readonly string[] {
  const written = isJsonObject(secrets) ? secrets['cipher'] : undefined;
  const listed = Array.isArray(written) ? written.filter((one: Json) => typeof one === 'string') : [];
  // As the environment is laid over the files: place by place.
  const over = (fromEnv ?? '').split(',').filter((one) => one !== '');
  return [...over, ...listed.slice(over.length)];
}

function textIn(value: Json | undefined, name: string): string | undefined {
  const inner = isJsonObject(value) ? value[name] : undefined;
  return typeof inner === 'string' && inner !== '' ? inner : undefined;
}
