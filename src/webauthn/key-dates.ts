// When a key was added and used, as people read it and as clients get it.
import { toRfc3339 } from '../lib/clock.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Key } from './keys.ts';

type Dated = Pick<Key, 'addedAt' | 'lastUsedAt' | 'displayName'>;

const msOf = (text: string): number => {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) || atMs < 0 ? 0 : atMs;
};
const day = (atMs: number): string => toRfc3339(atMs).slice(0, 10);

/** `"Blue key" (added 2030-01-01, last used 2030-02-03)`. */
export function describedKey(key: Dated): string {
  const atMs = msOf(key.addedAt);
  const facts = [
    ...(atMs > 0 ? [`added ${day(atMs)}`] : []),
    key.lastUsedAt === undefined ? 'never used' : `last used ${day(msOf(key.lastUsedAt))}`,
  ];
  return `"${nameOf(key)}" (${facts.join(', ')})`;
}

export function keyContext(key: Dated): JsonObject {
  const atMs = msOf(key.addedAt);
  return {
    display_name: nameOf(key),
    added_at: toRfc3339(atMs),
    added_at_unix: Math.floor(atMs / 1000),
  };
}

const nameOf = ({ displayName }: Dated): string => displayName || 'unnamed';
