// Placeholders such as ${APP_URL} that nobody has replaced.
import { isJsonObject, type Json } from '../lib/json.ts';
import type { Finding } from './fault.ts';

/** Of shells and templates, and `$(NAME)` as Kubernetes leaves it where it knows no such variable. */
const PLACEHOLDER = /\$\{([A-Za-z_]\w*)[^}]*\}|\$\(([A-Z][A-Z0-9_]*)\)/;

/** Every text that still holds one, wherever it stands: taken as it is, it would be an address or a secret that all know. */
export function findPlaceholders(value: Json | undefined, path: readonly string[] = []): readonly Finding[] {
  if (typeof value === 'string') {
    const [, name, parenthesised] = PLACEHOLDER.exec(value) ?? [];
    const found = name === undefined ? parenthesised && `$(${parenthesised})` : `\${${name}}`;
    if (!found) return [];
    const reason = `${found} was not replaced; files are read as they are, so set the value in the environment or write it here`;
    return [{ path, reason }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) => findPlaceholders(item, [...path, String(index)]));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => findPlaceholders(inner, [...path, key]));
}
