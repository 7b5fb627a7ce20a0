// What in a configuration of Kratos means something else here, or nothing: for people who move.
import { isJsonObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Finding } from './fault.ts';

type Given = Json | undefined;

interface Difference {
  readonly path: readonly string[];
  /** Whether this document is concerned; default: where the key is given. */
  readonly isConcerned?: (value: Given) => boolean;
  readonly reason: string;
}

const isGiven = (value: Given): boolean => value !== undefined && value !== null;
const isLeftOut = (value: Given): boolean => !isGiven(value);
const hasPaths = (value: Given): boolean =>
  Array.isArray(value) &&
  value.some((url: Json) => typeof url === 'string' && /^(?:https?:\/\/[^/]+)?\/./.test(url));

const PAGES = ['login', 'registration', 'settings', 'recovery', 'verification', 'error'] as const;

const DIFFERENCES: readonly Difference[] = [
  {
    path: ['dsn'],
    isConcerned: () => true,
    reason:
      'Bia has tables of its own: name another database than that of Kratos (SQLite or PostgreSQL), and fill it by: bia import kratos',
  },
  {
    path: ['ciphers', 'algorithm'],
    reason:
      'what is secret in the database is always sealed, by AES-256-GCM; this only says how Kratos encrypted what is imported',
  },
  {
    path: ['secrets', 'cookie'],
    reason:
      'keep all of them: they open the cookies that Kratos sealed, and the codes and links that it sent; new ones go in front',
  },
  {
    path: ['serve', 'public', 'rate_limits'],
    isConcerned: isLeftOut,
    reason:
      'requests are limited by client address, which Kratos leaves to a proxy; name your proxies in trusted_proxies where they have public addresses',
  },
  {
    path: ['serve', 'public', 'cors', 'allowed_origins'],
    reason: 'with * pages may call without cookies only, and the origin null is refused unless it is named',
  },
  {
    path: ['selfservice', 'allowed_return_urls'],
    isConcerned: hasPaths,
    reason:
      'whole segments of paths are compared: /app allows /app and what is below it, and not /application',
  },
  ...PAGES.map(
    (page): Difference => ({
      path: ['selfservice', 'flows', page, 'ui_url'],
      isConcerned: isLeftOut,
      reason: 'left out, the built-in page is shown',
    }),
  ),
  {
    path: ['selfservice', 'methods', 'password', 'config', 'min_password_length'],
    reason: 'it counts characters, where Kratos counts bytes',
  },
  {
    path: ['session', 'cookie', 'secure'],
    isConcerned: isLeftOut,
    reason: 'left out, it follows cookies.secure, where Kratos does not look at that',
  },
  {
    path: ['courier', 'template_override_path'],
    reason: 'the same templates are used; check them by: bia courier preview NAME',
  },
];

/** How keys are described that have no effect; `fields.ts` and the settings themselves write so. */
const WITHOUT_EFFECT = /^(?:No effect|Accepted as Kratos writes it)/;

/** `document` as it is written, and the schema of the configuration. */
export function kratosDifferences(document: JsonObject, schema: JsonObject): readonly Finding[] {
  const meant = DIFFERENCES.filter(({ path, isConcerned = isGiven }) => isConcerned(at(document, path)));
  return [...meant.map(({ path, reason }) => ({ path, reason })), ...withoutEffect(document, schema, [])];
}

function withoutEffect(value: Given, schema: Given, path: readonly string[]): readonly Finding[] {
  if (!isJsonObject(schema) || !isGiven(value)) return [];
  const { description, properties } = schema;
  if (typeof description === 'string' && WITHOUT_EFFECT.test(description)) {
    const why = /^No effect: (.*)$/.exec(description)?.[1];
    return [
      { path, reason: `it has no effect here${why === undefined ? '' : `: ${why.replace(/\.$/, '')}`}` },
    ];
  }
  if (!isJsonObject(properties) || !isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    Object.hasOwn(properties, key) ? withoutEffect(inner, properties[key], [...path, key]) : [],
  );
}

function at(document: JsonObject, path: readonly string[]): Given {
  let value: Given = document;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return value;
}
